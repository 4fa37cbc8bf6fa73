"""The policies themselves, and the registry that keeps their versions."""

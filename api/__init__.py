"""The ways in: the HTTP service and the tierwise command."""

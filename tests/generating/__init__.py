"""The parts of the policy generator; `tests.generate` is its face."""

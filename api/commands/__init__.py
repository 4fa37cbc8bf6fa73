"""The commands of `tierwise`, one module each; `api.cli` imports them when they are run."""

"""The policy language: text in, a checked policy or diagnostics out."""

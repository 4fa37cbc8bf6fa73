"""What decides: a checked policy and facts in, a decision out."""

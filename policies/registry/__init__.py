"""Policy versions: the store, its migrations and the life cycle from draft to published."""

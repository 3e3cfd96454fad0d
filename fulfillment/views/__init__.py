"""Pages of click and collect."""

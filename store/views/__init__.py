"""Pages of the base."""

"""Pages and fragments of the till."""

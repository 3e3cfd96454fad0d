"""Use cases of the base: one keyword-only function each."""

"""Use cases of the cameras: one keyword-only function each."""

"""What people and screens do: one keyword-only function per use."""

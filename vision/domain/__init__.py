"""The rules of counting: standard library only, the time is always an argument."""

"""Reads across rows, returned as frozen dataclasses."""

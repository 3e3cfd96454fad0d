"""Reads of the till, returned as frozen dataclasses."""

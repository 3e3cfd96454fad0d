"""Reads for the pages and the API, as frozen dataclasses."""

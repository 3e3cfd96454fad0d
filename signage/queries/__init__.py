"""Reads for the player and the managers' pages."""

"""Ports of the till to the outside."""

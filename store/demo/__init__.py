"""The demo store: goods, shelves, people and devices of our own invention, always the same for the same
seed.
"""

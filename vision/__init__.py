"""Cameras: anonymous counts of people at doors, displays and queues."""

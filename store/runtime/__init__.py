"""What makes Aisle start: its environment, the embedded servers and the supervisor.

Standard library only: everything here is imported before anything is installed.
"""

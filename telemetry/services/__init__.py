"""What can be done with sensors, readings and alarms."""

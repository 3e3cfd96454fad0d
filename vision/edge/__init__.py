"""What runs on the box beside the cameras: no Django, speaks MQTT only."""

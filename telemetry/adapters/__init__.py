"""Ports of telemetry: the MQTT subscriber and the decoders of what devices send."""

"""Template words of telemetry."""

"""Prometheus metrics of ingest."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

readings = Counter("aisle_telemetry_readings_total", "Readings by what became of them.", ["quality"])
messages = Counter("aisle_telemetry_messages_total", "MQTT messages taken in.")
batches = Histogram(
    "aisle_telemetry_commit_seconds",
    "Time to write one batch, in seconds.",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5),
)
waiting = Gauge("aisle_telemetry_waiting", "Messages received and not yet committed.")

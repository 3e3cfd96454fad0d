"""Prometheus metrics of this process."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

_requests = Histogram(
    "aisle_request_seconds",
    "Time to answer a request, in seconds.",
    ["view", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
quarantined = Counter(
    "aisle_quarantined_total", "Messages put aside because nobody could use them.", ["channel"]
)


def observe_request(view: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    _requests.labels(view=view, status=f"{status // 100}xx").observe(seconds)

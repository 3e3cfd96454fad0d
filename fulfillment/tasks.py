"""What fulfillment does by the clock."""

from __future__ import annotations

from celery import shared_task

from fulfillment.services import picking
from store import live

BEAT = {"fulfillment-tidy-leases": {"task": "fulfillment.tidy_leases", "schedule": 60.0}}


@shared_task(name="fulfillment.tidy_leases", queue="fulfillment", ignore_result=True)
def tidy_leases() -> None:
    """Give orders back whose picker went away."""
    if picking.tidy_leases():
        live.nudge("orders")

"""Changing what a sensor is watched by."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from store import live
from store.models import Staff
from store.services import audit
from telemetry.models import Sensor


def change_limits(
    *, sensor: Sensor, changed: dict[str, tuple[Any, Any]], staff: Staff, now: datetime | None = None
) -> None:
    """Save a validated sensor; `changed` maps field → (before, after) for the audit.

    Ingest reads the limits again within seconds; a running alarm follows them with the next reading.
    """
    if not changed:
        return
    with transaction.atomic():
        sensor.save(update_fields=list(changed))
        audit.record(
            actor=staff.username,
            action="sensor.limits_changed",
            target=f"sensor {sensor.device.code}",
            data={name: [str(before), str(after)] for name, (before, after) in changed.items()},
            now=now,
        )
        live.nudge("sensors")
        live.nudge(f"sensor:{sensor.pk}")

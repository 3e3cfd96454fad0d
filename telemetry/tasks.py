"""Regular work of telemetry: short, named, on the default queue."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from telemetry.models import Reading, SetAside
from telemetry.services import alarms

KEEP_RAW = timedelta(days=396)
KEEP_SET_ASIDE = timedelta(days=30)


@shared_task(name="telemetry.fire_timers", queue="default")
def fire_timers() -> int:
    """Alarm timers fire even while ingest is down."""
    return alarms.fire_timers()


@shared_task(name="telemetry.drop_old", queue="default")
def drop_old() -> int:
    """Remove raw readings past their retention (13 months); minutes and alarms stay."""
    now = timezone.now()
    removed, _ = SetAside.objects.filter(received_at__lt=now - KEEP_SET_ASIDE).delete()
    readings, _ = Reading.objects.filter(at__lt=now - KEEP_RAW).delete()
    return removed + readings


BEAT = {
    "telemetry-fire-timers": {"task": "telemetry.fire_timers", "schedule": 5.0},
    "telemetry-drop-old": {"task": "telemetry.drop_old", "schedule": 24 * 3600.0},
}

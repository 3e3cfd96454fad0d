"""Regular work: what ran out becomes unknown, what is too old goes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone

from vision.models import DetectionSample, HeatCell, MinuteCount, VisionEvent
from vision.services import states

KEEP_SAMPLES = timedelta(hours=2)
KEEP_EVENTS = timedelta(days=7)
KEEP_MINUTES = timedelta(days=400)

BEAT: dict[str, dict[str, Any]] = {
    "vision-sweep": {"task": "vision.sweep", "schedule": 2.0},
    "vision-forget": {"task": "vision.forget", "schedule": 600.0},
}


@shared_task(name="vision.sweep", queue="vision", ignore_result=True, expires=10)
def sweep() -> None:
    """Turn what ran out into unknown and judge the queues with the time that passed."""
    states.sweep(now=timezone.now())


@shared_task(name="vision.forget", queue="vision", ignore_result=True)
def forget() -> None:
    """Delete what is kept no longer: samples 2 h, single events 7 days, minutes and heat 400 days."""
    now = timezone.now()
    DetectionSample.objects.filter(at__lt=now - KEEP_SAMPLES).delete()
    VisionEvent.objects.filter(at__lt=now - KEEP_EVENTS).delete()
    MinuteCount.objects.filter(bucket__lt=now - KEEP_MINUTES).delete()
    HeatCell.objects.filter(hour__lt=now - KEEP_MINUTES).delete()

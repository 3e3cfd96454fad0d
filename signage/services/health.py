"""What a screen says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from signage.models import Display
from store import live
from store.models import Device


@dataclass(frozen=True, kw_only=True)
class Report:
    """One heartbeat of a screen."""

    version: str
    playlist: str
    title: str
    media: str
    storage: str
    clock_offset_ms: int
    waiting_plays: int


def take_heartbeat(*, display: Display, report: Report, now: datetime) -> None:
    """Keep the last report; pages that watch the wall are told when another item is on the screen."""
    changed = (display.reported_title, display.reported_version) != (report.title, report.version)
    with transaction.atomic():
        Device.objects.filter(pk=display.device_id).update(last_seen_at=now)
        Display.objects.filter(pk=display.pk).update(
            reported_at=now,
            reported_version=report.version,
            reported_playlist=report.playlist,
            reported_title=report.title,
            reported_media=report.media,
            storage=report.storage,
            clock_offset_ms=report.clock_offset_ms,
            waiting_plays=report.waiting_plays,
        )
        if changed:
            live.nudge("displays")

"""Messages nobody could use: put aside with the reason, counted, shown."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import connection
from django.utils import timezone

from store import live, metrics
from store.models import QuarantinedMessage

MAX_KEPT_BYTES = 65_536

_PUT = """
insert into store_quarantinedmessage as q
    (channel, topic, digest, payload, reason, count, first_seen_at, last_seen_at)
values (%s, %s, %s, %s, %s, %s, %s, %s)
on conflict (channel, topic, digest) where resolved_at is null
do update set count = q.count + excluded.count, last_seen_at = excluded.last_seen_at, reason = excluded.reason
"""


def put_aside(
    *, channel: str, topic: str, payload: bytes, reason: str, count: int = 1, now: datetime | None = None
) -> None:
    """Keep a message that could not be used (its first 64 KiB); a repeated one raises the count."""
    moment = now or timezone.now()
    digest = hashlib.sha256(payload).hexdigest()
    kept = payload[:MAX_KEPT_BYTES]
    with connection.cursor() as cursor:
        cursor.execute(_PUT, [channel, topic[:200], digest, kept, reason[:300], count, moment, moment])
    metrics.quarantined.labels(channel=channel).inc(count)
    live.nudge("quarantine")


def resolve(*, message: QuarantinedMessage, now: datetime | None = None) -> None:
    """Mark a message as dealt with; it stays in the table."""
    QuarantinedMessage.objects.filter(pk=message.pk, resolved_at__isnull=True).update(
        resolved_at=now or timezone.now()
    )
    live.nudge("quarantine")

"""The state of the link to the cloud, and what waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

_STATUS = """
select (select count(*) from store_outboxevent where sent_at is null and dead_at is null and lane <> 'local'),
       (select min(occurred_at) from store_outboxevent
        where sent_at is null and dead_at is null and lane <> 'local'),
       (select count(*) from store_outboxevent where dead_at is not null),
       (select count(*) from store_outboxevent where delivered_at is null),
       (select min(since) from store_linkstate where state <> 'CLOSED'),
       (select count(*) from store_linkstate),
       (select coalesce(sum(count), 0) from store_quarantinedmessage where resolved_at is null)
"""


@dataclass(frozen=True)
class LinkStatus:
    """What the header shows. `state` is online, offline or unknown (nothing was ever sent)."""

    state: str
    since: datetime | None
    away_minutes: int
    waiting: int
    oldest_at: datetime | None
    dead: int
    undelivered: int
    quarantined: int


def status(*, now: datetime) -> LinkStatus:
    """Read the link's state: one query on partial indexes."""
    with connection.cursor() as cursor:
        cursor.execute(_STATUS)
        waiting, oldest, dead, undelivered, away_since, endpoints, quarantined = cursor.fetchone()
    state = "offline" if away_since else "online" if endpoints else "unknown"
    minutes = int((now - away_since).total_seconds() // 60) if away_since else 0
    return LinkStatus(state, away_since, minutes, waiting, oldest, dead, undelivered, int(quarantined))

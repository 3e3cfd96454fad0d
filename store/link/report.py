"""What waits on each lane, for the command line and the link page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from store.models import LinkState


@dataclass(frozen=True)
class LaneReport:
    """One lane: rows waiting, age of the oldest in seconds, rows given up."""

    lane: str
    waiting: int
    oldest_seconds: int
    dead: int


@dataclass(frozen=True)
class EndpointReport:
    """One endpoint: its breaker and for how many seconds it has been so."""

    endpoint: str
    state: str
    seconds: int
    last_error: str


_LANES = """
select lane, count(*) filter (where dead_at is null),
       coalesce(extract(epoch from %s - min(occurred_at) filter (where dead_at is null)), 0)::bigint,
       count(*) filter (where dead_at is not null)
from store_outboxevent where lane <> 'local' and sent_at is null group by lane order by lane
"""


def lanes(*, now: datetime) -> list[LaneReport]:
    """Lanes with something waiting or dead: one query."""
    with connection.cursor() as cursor:
        cursor.execute(_LANES, [now])
        return [LaneReport(*row) for row in cursor.fetchall()]


def endpoints(*, now: datetime) -> list[EndpointReport]:
    """Every endpoint ever used: one query."""
    return [
        EndpointReport(row.endpoint, row.state, int((now - row.since).total_seconds()), row.last_error)
        for row in LinkState.objects.order_by("endpoint")
    ]

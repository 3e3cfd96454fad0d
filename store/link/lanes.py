"""One lane of the outbox towards the cloud: take what waits, send it in order, write down what arrived."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import connection, transaction
from django.utils import timezone

from store.adapters.cloud import limits
from store.adapters.cloud.port import EntryResult, EventSink, LinkDownError, OutEntry
from store.link.breaker import full_jitter
from store.link.plan import Waiting, batches
from store.link.state import Endpoint
from store.models import OutboxEvent, Site

log = structlog.get_logger(__name__)

CHUNK = 500
MAX_ATTEMPTS = 12
"""An entry the far side refuses one by one this often is dead (with backoff, about 20 minutes)."""

# A stream whose head waits for its retry keeps its later rows back; other streams go on.
_WAITING = """
select o.id from store_outboxevent o
where o.lane = %(lane)s and o.sent_at is null and o.dead_at is null
  and (o.attempts = 0 or o.available_at <= %(now)s)
  and not exists (select 1 from store_outboxevent e where e.stream = o.stream and e.seq < o.seq
                  and e.sent_at is null and e.dead_at is null and e.attempts > 0 and e.available_at > %(now)s)
order by o.priority, o.id limit %(limit)s
"""


@dataclass(frozen=True, kw_only=True)
class Pass:
    """One pass over a lane: what left, what was refused, whether the way is down."""

    sent: int = 0
    refused: int = 0
    is_down: bool = False


def send_pending(
    *,
    lane: str,
    sink: EventSink,
    endpoint: Endpoint,
    rng: random.Random | None = None,
    now: datetime | None = None,
) -> Pass:
    """Send up to 500 waiting rows of a lane.

    Called by the lane's one leader. A way that is down costs the rows nothing: only an answer about an
    entry counts
    as an attempt of it.
    """
    moment = now or timezone.now()
    rows = _waiting(lane, moment)
    waiting = [Waiting(id=row.pk, stream=row.stream, size=limits.entry_size(entry)) for row, entry in rows]
    by_id = {row.pk: (row, entry) for row, entry in rows}
    sent = refused = 0
    stuck: set[str] = set()
    for call in batches(waiting, max_entries=sink.max_entries, max_bytes=sink.max_bytes):
        chosen = [by_id[item.id] for item in call if item.stream not in stuck]
        if not chosen:
            continue
        if not endpoint.allows():
            return Pass(sent=sent, refused=refused, is_down=True)
        try:
            results = sink.put_events([entry for _, entry in chosen])
        except LinkDownError as error:
            endpoint.failed(str(error))
            return Pass(sent=sent, refused=refused, is_down=True)
        except Exception as error:  # whatever ails the endpoint: the rows stay and are tried again
            endpoint.failed(f"{type(error).__name__}: {error}")
            raise
        endpoint.succeeded()
        done = _write_down([row for row, _ in chosen], results, rng or random.Random(), moment, stuck)  # noqa: S311 - jitter, no secret
        sent += done
        refused += len(chosen) - done
    return Pass(sent=sent, refused=refused)


def _waiting(lane: str, now: datetime) -> list[tuple[OutboxEvent, OutEntry]]:
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"lane": lane, "now": now, "limit": CHUNK})
        identifiers = [row[0] for row in cursor.fetchall()]
    if not identifiers:
        return []
    site = Site.objects.current().code
    rows = OutboxEvent.objects.in_bulk(identifiers)
    return [(rows[pk], as_entry(rows[pk], site=site)) for pk in identifiers if pk in rows]


def as_entry(row: OutboxEvent, *, site: str) -> OutEntry:
    """An outbox row as an EventBridge entry whose detail is a CloudEvent 1.0.

    `sequence` follows the CloudEvents sequence extension: together with `subject` it restores the order.
    """
    detail: Mapping[str, object] = {
        "specversion": "1.0",
        "id": str(row.event_id),
        "source": f"/store/{site}",
        "type": row.type,
        "subject": row.stream,
        "time": row.occurred_at.isoformat(),
        "sequence": str(row.seq),
        "datacontenttype": "application/json",
        "data": row.payload,
    }
    text = json.dumps(detail, separators=(",", ":"), ensure_ascii=False)
    return OutEntry(source=f"aisle.{site}", detail_type=row.type, detail=text, time=row.occurred_at)


def _write_down(
    rows: Sequence[OutboxEvent],
    results: Sequence[EntryResult],
    rng: random.Random,
    now: datetime,
    stuck: set[str],
) -> int:
    """Mark what arrived; postpone or bury what was refused; returns how many arrived."""
    arrived = [row.pk for row, result in zip(rows, results, strict=True) if result.is_sent]
    with transaction.atomic():
        OutboxEvent.objects.filter(pk__in=arrived).update(sent_at=timezone.now(), last_error="")
        for row, result in zip(rows, results, strict=True):
            if result.is_sent:
                continue
            row.attempts += 1
            row.last_error = f"{result.code}: {result.message}"[:2000]
            row.available_at = now + full_jitter(row.attempts, rng)
            if result.is_permanent or row.attempts >= MAX_ATTEMPTS:
                row.dead_at = now
                log.error(
                    "outbox.dead", event_id=str(row.event_id), event_type=row.type, error=row.last_error
                )
            else:
                stuck.add(row.stream)
            row.save(update_fields=["attempts", "last_error", "available_at", "dead_at"])
    return len(arrived)

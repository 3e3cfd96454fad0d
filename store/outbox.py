"""The outbox: facts are written in the transaction that made them true and delivered after it.

`publish` writes rows; `deliver_pending` hands them to the receivers inside the store, in the order of
each stream, each receiver in a transaction of its own together with its mark, so an event has its
effect once however often it is delivered. The relay process calls it (store/link); the cloud lanes
read the same rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar
from uuid import UUID

import msgspec
import structlog
from django.db import connection, transaction
from django.utils import timezone

from store import ids
from store.events.base import Event, find
from store.models import OutboxEvent, ReceiverMark

log = structlog.get_logger(__name__)

CHANNEL = "aisle_outbox"
MAX_DELIVERY_PAUSE_S = 300

Fact_contra = TypeVar("Fact_contra", bound=Event, contravariant=True)


class Receiver(Protocol[Fact_contra]):
    def __call__(self, event: Fact_contra, *, event_id: UUID) -> None: ...


@dataclass(frozen=True)
class _Registered:
    name: str
    function: Callable[..., None]


_receivers: dict[str, list[_Registered]] = {}


def receiver(event_class: type[Any], *, name: str) -> Callable[[Receiver[Any]], Receiver[Any]]:
    """Register a receiver of an event. `name` is stored with each application: never rename it lightly."""

    def register(function: Receiver[Any]) -> Receiver[Any]:
        known = _receivers.setdefault(event_class.type, [])
        if any(entry.name == name for entry in known):
            raise ValueError(f"receiver {name} is registered twice")
        known.append(_Registered(name, function))
        return function

    return register


def encode(event: Event) -> str:
    """The event's payload as JSON text."""
    return msgspec.json.encode(event).decode()


def decode(type_name: str, payload: Any) -> Event:
    """Build the event back from its payload. Raises UnknownEventError, msgspec.ValidationError."""
    return msgspec.convert(payload, find(type_name), strict=False)


def publish(*events: Event, now: datetime | None = None) -> list[UUID]:
    """Write the events into the outbox: one statement, whatever their number.

    Must run inside a transaction (raises RuntimeError otherwise): an event without the change it
    speaks of would be a lie. Events nobody in the store listens to are marked delivered at once.
    """
    if not events:
        return []
    if not connection.in_atomic_block:
        raise RuntimeError("outbox.publish() needs the transaction of the change it speaks of")
    rows = [event_data(event, now=now) for event in events]
    with connection.cursor() as cursor:
        cursor.execute("select store_publish(%s, %s)", [msgspec.json.encode(rows).decode(), CHANNEL])
    return [row["event_id"] for row in rows]


def event_data(event: Event, *, now: datetime | None = None) -> dict[str, Any]:
    """An event with an id of its own, as the database's `store_publish` takes it (by msgspec)."""
    return {
        "event_id": ids.uuid7(),
        "lane": event.lane,
        "stream": event.stream,
        "priority": event.priority,
        "type": event.type,
        "payload": event,
        "occurred_at": (now or timezone.now()).isoformat(),
        "deliver": "yes" if event.type in _receivers else "no",
    }


_HEADS = """
select distinct on (stream) id from store_outboxevent
where delivered_at is null order by stream, seq
"""


def deliver_pending(*, limit: int = 500) -> int:
    """Deliver what waits to the receivers in the store; returns how many events were delivered.

    Takes the oldest waiting event of each stream again and again, so a stream keeps its order and one
    failing stream holds up no other. A failing receiver is tried again with growing pauses.
    """
    delivered = 0
    while delivered < limit:
        with connection.cursor() as cursor:
            cursor.execute(
                f"select id from ({_HEADS}) heads join store_outboxevent using (id) "
                "where deliver_at <= now() or delivery_attempts = 0 order by id limit %s",
                [limit],
            )
            heads = [row[0] for row in cursor.fetchall()]
        progress = sum(_deliver_one(identifier) for identifier in heads)
        delivered += progress
        if not progress:
            break
    return delivered


def _deliver_one(identifier: int) -> bool:
    """Deliver one event under its row lock; False when another process has it or a receiver failed."""
    with transaction.atomic():
        row = (
            OutboxEvent.objects.select_for_update(skip_locked=True)
            .filter(pk=identifier, delivered_at__isnull=True)
            .first()
        )
        if row is None:
            return False
        try:
            event = decode(row.type, row.payload)
            for entry in _receivers.get(row.type, []):
                _apply(entry, event, row.event_id)
        except Exception as error:  # noqa: BLE001 - any receiver may fail in any way; the event waits and is tried again
            _postpone(row, error)
            return False
        row.delivered_at = timezone.now()
        row.save(update_fields=["delivered_at"])
    return True


def _apply(entry: _Registered, event: Event, event_id: UUID) -> None:
    with transaction.atomic():
        _mark, created = ReceiverMark.objects.get_or_create(receiver=entry.name, event_id=event_id)
        if created:
            entry.function(event, event_id=event_id)


def _postpone(row: OutboxEvent, error: Exception) -> None:
    row.delivery_attempts += 1
    pause = min(0.25 * 2**row.delivery_attempts, MAX_DELIVERY_PAUSE_S)
    row.deliver_at = timezone.now() + timedelta(seconds=pause)
    row.delivery_error = f"{type(error).__name__}: {error}"[:2000]
    row.save(update_fields=["delivery_attempts", "deliver_at", "delivery_error"])
    log.warning(
        "event.receiver_failed", event_type=row.type, event_id=str(row.event_id), error=row.delivery_error
    )


_PRUNE = """
with gone as (
    delete from store_outboxevent e
    where occurred_at < %(before)s and delivered_at is not null and (sent_at is not null or lane = 'local')
      and not exists (
          select 1 from store_outboxevent w
          where w.stream = e.stream and w.seq < e.seq
            and (w.occurred_at >= %(before)s or w.delivered_at is null
                 or (w.sent_at is null and w.lane <> 'local'))
      )
    returning event_id
), marks as (
    delete from store_receivermark m using gone where m.event_id = gone.event_id
)
select count(*) from gone
"""


def prune(*, before: datetime) -> int:
    """Remove events that everybody has and that are older than `before`; returns how many.

    Only the beginning of a stream goes, so what is left of it has no gap. Dead letters stay.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PRUNE, {"before": before})
        return int(cursor.fetchone()[0])

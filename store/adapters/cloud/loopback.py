"""The link without AWS: the same envelopes and JSON, in a table of our own database."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, timedelta

from django.db import connection
from django.utils import timezone

from store.adapters.cloud import limits
from store.adapters.cloud.port import EntryResult, OutEntry, QueueMessage
from store.models import LoopbackMessage

POLL_SECONDS = 0.25
ACCOUNT = "000000000000"

_TAKE = """
update store_loopbackmessage set receives = receives + 1, receipt = gen_random_uuid(),
       visible_at = now() + make_interval(secs => %s)
where id in (select id from store_loopbackmessage where queue = %s and visible_at <= now()
             order by id limit %s for update skip locked)
returning message_id, receipt, body, receives, id
"""


def envelope(entry: OutEntry) -> str:
    """The EventBridge envelope around an entry, as a rule's target receives it."""
    return json.dumps(
        {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": entry.detail_type,
            "source": entry.source,
            "account": ACCOUNT,
            "time": entry.time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": "local",
            "resources": [],
            "detail": json.loads(entry.detail),
        }
    )


class LoopbackSink:
    """A bus whose only rule sends everything to one queue."""

    max_entries = limits.PUT_EVENTS_ENTRIES
    max_bytes = limits.PUT_EVENTS_BYTES

    def __init__(self, *, queue: str) -> None:
        self._queue = queue

    def put_events(self, entries: Sequence[OutEntry]) -> list[EntryResult]:
        """Put entries into the queue; see EventSink."""
        limits.check_call(entries)
        allowed, refused = limits.split_refused(entries)
        now = timezone.now()
        LoopbackMessage.objects.bulk_create(
            LoopbackMessage(
                queue=self._queue,
                message_id=uuid.uuid4(),
                body=envelope(entry),
                enqueued_at=now,
                visible_at=now,
            )
            for entry in allowed
        )
        return limits.merge(len(entries), refused, [EntryResult(is_sent=True) for _ in allowed])


class LoopbackQueue:
    """A queue with SQS's visibility rules."""

    def __init__(self, *, queue: str) -> None:
        self._queue = queue

    def receive(self, *, wait_seconds: int, limit: int = 10) -> list[QueueMessage]:
        """Long poll; see MessageQueue."""
        until = time.monotonic() + min(wait_seconds, limits.SQS_WAIT_SECONDS)
        while True:
            found = self._take(min(limit, limits.SQS_BATCH))
            if found or time.monotonic() >= until:
                return found
            time.sleep(POLL_SECONDS)

    def _take(self, limit: int) -> list[QueueMessage]:
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, [limits.SQS_VISIBILITY_SECONDS, self._queue, limit])
            rows = sorted(cursor.fetchall(), key=lambda row: row[4])
        return [
            QueueMessage(message_id=str(row[0]), receipt=str(row[1]), body=row[2], receives=row[3])
            for row in rows
        ]

    def delete(self, message: QueueMessage) -> None:
        """Delete by receipt: one that timed out and was handed out again has a new one."""
        LoopbackMessage.objects.filter(queue=self._queue, receipt=message.receipt).delete()


def forget_old(*, days: int = 14) -> int:
    """Drop messages past their retention, as SQS would; returns how many."""
    deleted, _ = LoopbackMessage.objects.filter(
        enqueued_at__lt=timezone.now() - timedelta(days=days)
    ).delete()
    return deleted

"""The ingest loop: MQTT in, one transaction per batch, acknowledgement after the commit.

Runs as `manage.py ingest` or inside the Celery worker of queue `telemetry` (telemetry/bootstep.py). The
loop survives whatever comes in: a message nobody can read is put aside with its reason, one the database
refuses is found by trying the batch one by one, and with the database away nothing is acknowledged, so
the broker keeps it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from psycopg_pool import PoolTimeout

from store import live
from store.services import quarantine
from telemetry import book, metrics
from telemetry.adapters.decode import Measurement, Presence, UnusableMessageError, decode
from telemetry.adapters.mqtt import Message, Source, Subscriber
from telemetry.book import Book
from telemetry.services import alarms, broker_users, readings

log = structlog.get_logger(__name__)

TOPICS = ("store/+/sensors/+/+",)
CLIENT_ID = "aisle-ingest"
MAX_BATCH = 5_000
TICK_S = 0.25
LINGER_S = 0.01
LONGEST_PAUSE_S = 5.0
UNAVAILABLE = (OperationalError, InterfaceError, PoolTimeout)


@dataclass
class Decoded:
    """A batch, sorted by what it is."""

    measurements: list[Measurement] = field(default_factory=list)
    presences: list[Presence] = field(default_factory=list)
    unusable: list[tuple[Message, str]] = field(default_factory=list)


def decode_all(messages: Sequence[Message]) -> Decoded:
    """Decode a batch; what cannot be used comes back with its reason."""
    result = Decoded()
    for message in messages:
        try:
            item = decode(message.topic, message.payload, message.received_at)
        except UnusableMessageError as error:
            result.unusable.append((message, str(error)))
            continue
        if isinstance(item, Measurement):
            result.measurements.append(item)
        elif item is not None:
            result.presences.append(item)
    return result


class Every:
    """A job that is due again some seconds after it last ran."""

    def __init__(self, seconds: float, job: Callable[[], object]) -> None:
        """The first call of `run_if_due` runs the job."""
        self._seconds, self._job, self._due = seconds, job, 0.0

    def run_if_due(self) -> None:
        """Run the job when it is time."""
        now = time.monotonic()
        if now >= self._due:
            self._due = now + self._seconds
            self._job()


class IngestLoop:
    """Takes messages from a source until it is told to stop."""

    def __init__(self, source: Source, *, clock: Callable[[], datetime] = timezone.now) -> None:
        """`clock` gives the time readings are recorded at."""
        self._source = source
        self._clock = clock
        self._book: Book = {}
        self._heard: set[str] = set()
        self._changed: set[int] = set()
        self._jobs = (
            Every(5.0, self._read_book),
            Every(0.5, lambda: alarms.fire_timers(now=self._clock())),
            Every(1.0, self._nudge),
            Every(5.0, broker_users.sync),
            Every(15.0, self._touch),
        )

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; what was not committed is not acknowledged."""
        self._source.start()
        try:
            while not stop.is_set():
                self._turn(stop)
        finally:
            self._source.stop()
            connection.close()

    def _turn(self, stop: threading.Event) -> None:
        self._until_done(self._housekeeping, stop)
        messages = self._source.take(MAX_BATCH, TICK_S)
        if not messages:
            return
        if len(messages) < MAX_BATCH:
            # A moment for the rest of a burst: one commit instead of many.
            time.sleep(LINGER_S)
            messages += self._source.take(MAX_BATCH - len(messages), 0)
        metrics.waiting.set(len(messages))
        if self._until_done(lambda: self.process(messages), stop):
            self._source.acknowledge(messages)
            metrics.messages.inc(len(messages))
        metrics.waiting.set(0)

    def process(self, messages: Sequence[Message]) -> None:
        """Record a batch; everything is committed when it returns. Raises when the database is away."""
        if not self._book:
            self._read_book()
        with metrics.batches.time():
            try:
                self._record(decode_all(messages))
            except UNAVAILABLE:
                raise
            except DatabaseError as error:
                if len(messages) > 1:
                    log.warning("ingest.batch_refused", messages=len(messages), error=str(error))
                    for message in messages:
                        self.process([message])
                    return
                self._put_aside(messages[0], f"the database refused it: {error}")

    def _record(self, decoded: Decoded) -> None:
        with transaction.atomic():
            for message, reason in decoded.unusable:
                self._put_aside(message, reason)
            recorded = readings.record(
                measurements=decoded.measurements,
                presences=decoded.presences,
                book=self._book,
                now=self._clock(),
            )
        self._changed |= recorded.sensors
        self._heard |= {item.device for item in decoded.measurements}

    def _put_aside(self, message: Message, reason: str) -> None:
        quarantine.put_aside(
            channel=readings.CHANNEL,
            topic=message.topic,
            payload=message.payload,
            reason=reason,
            now=self._clock(),
        )

    def _until_done(self, work: Callable[[], object], stop: threading.Event) -> bool:
        """Try until the database answers; False when stopped before."""
        pause = 0.1
        while True:
            try:
                work()
            except UNAVAILABLE as error:
                log.warning("ingest.database_away", pause=pause, error=str(error).strip())
                connection.close()
                if stop.wait(pause):
                    return False
                pause = min(pause * 2, LONGEST_PAUSE_S)
            else:
                return True

    def _housekeeping(self) -> None:
        for job in self._jobs:
            job.run_if_due()

    def _read_book(self) -> None:
        self._book = book.read()

    def _nudge(self) -> None:
        changed, self._changed = self._changed, set()
        if changed:
            live.nudge("sensors")
        for sensor_id in changed:
            live.nudge(f"sensor:{sensor_id}")

    def _touch(self) -> None:
        heard, self._heard = self._heard, set()
        known = heard & {device for device, _ in self._book}
        if known:
            readings.touch_devices(codes=known, now=self._clock())


def make_loop() -> IngestLoop:
    """The loop as the settings want it."""
    source = Subscriber(settings.MQTT_URL, client_id=CLIENT_ID, topics=TOPICS, pki=settings.PKI_DIR)
    return IngestLoop(source)

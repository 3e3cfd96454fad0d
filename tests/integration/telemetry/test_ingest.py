"""The loop acknowledges after the commit and survives whatever comes in."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from django.db import OperationalError

from store.models import QuarantinedMessage
from telemetry.adapters.mqtt import Message
from telemetry.ingest import IngestLoop
from telemetry.models import Reading, SetAside
from telemetry.services import readings
from tests.factories.telemetry import SensorFactory

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TOPIC = "store/s1/sensors/sensor-freezer-1/temperature"


class FakeSource:
    """Hands out prepared batches, remembers what was acknowledged, then stops the loop."""

    def __init__(self, *batches: list[Message]) -> None:
        self.batches = list(batches)
        self.acknowledged: list[Message] = []
        self.stop_event = threading.Event()
        self.started = self.stopped = False

    def start(self) -> None:
        self.started = True

    def stop(self) -> None:
        self.stopped = True

    def take(self, limit: int, timeout: float) -> list[Message]:
        if self.batches and timeout:
            return self.batches.pop(0)
        if timeout:
            self.stop_event.set()
        return []

    def acknowledge(self, messages: Iterable[Message]) -> None:
        self.acknowledged += messages


def message(payload: bytes, *, topic: str = TOPIC, token: int = 1) -> Message:
    return Message(topic, payload, NOW, (0, token))


def run(source: FakeSource, loop: IngestLoop | None = None) -> FakeSource:
    (loop or IngestLoop(source, clock=lambda: NOW)).run(source.stop_event)
    return source


@pytest.fixture(autouse=True)
def _no_broker_and_open_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telemetry.ingest.broker_users.sync", lambda: False)
    monkeypatch.setattr("telemetry.ingest.connection.close", lambda: None)


@pytest.mark.django_db
def test_loop_records_a_batch_and_then_acknowledges_it() -> None:
    SensorFactory()
    batch = [message(b'{"value": -20.5, "at": "2026-11-23T11:59:5%dZ"}' % i, token=i) for i in range(5)]
    source = run(FakeSource(batch))
    assert (source.started, source.stopped) == (True, True)
    assert source.acknowledged == batch
    assert Reading.objects.count() == 5


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        (TOPIC, b"{broken"),
        (TOPIC, b"\x00\xff"),
        (TOPIC, b'{"value": "cold"}'),
        (TOPIC, b"[" * 100_000),
        ("store/s1/sensors/sensor-freezer-1", b"{}"),
        ("something/else", b"{}"),
        ("store/s1/sensors/sensor-freezer-1/state", b"neither"),
    ],
)
def test_loop_puts_a_broken_message_aside_and_goes_on(topic: str, payload: bytes) -> None:
    SensorFactory()
    bad = message(payload, topic=topic)
    good = message(b'{"value": -20.5, "at": "2026-11-23T11:59:58Z"}', token=2)
    source = run(FakeSource([bad, good], [bad]))
    assert source.acknowledged == [bad, good, bad]
    assert Reading.objects.count() == 1
    kept = QuarantinedMessage.objects.get()
    assert (kept.channel, kept.topic, kept.count) == ("mqtt", topic, 2)
    assert kept.reason


@pytest.mark.django_db
def test_loop_keeps_nan_aside_without_losing_its_neighbours() -> None:
    SensorFactory()
    run(
        FakeSource([
            message(b'{"value": -20.5, "at": "2026-11-23T11:59:55Z"}'),
            message(b'{"value": NaN, "at": "2026-11-23T11:59:56Z"}', token=2),
            message(b'{"value": -20.4, "at": "2026-11-23T11:59:57Z"}', token=3),
        ])
    )  # fmt: skip
    assert Reading.objects.count() == 2
    assert SetAside.objects.get().reason == "NOT_A_NUMBER"


@pytest.mark.django_db
def test_loop_acknowledges_nothing_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    SensorFactory()
    calls: list[int] = []
    record = readings.record

    def flaky(**arguments):
        calls.append(1)
        if len(calls) < 3:
            assert source.acknowledged == []
            raise OperationalError("server closed the connection")
        return record(**arguments)

    monkeypatch.setattr(readings, "record", flaky)
    batch = [message(b'{"value": -20.5, "at": "2026-11-23T11:59:55Z"}')]
    source = FakeSource(batch)
    run(source)
    assert (len(calls), source.acknowledged, Reading.objects.count()) == (3, batch, 1)


@pytest.mark.django_db
def test_loop_that_is_stopped_with_the_database_away_leaves_the_batch_to_the_broker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = FakeSource([message(b'{"value": -20.5}')])

    def away(**arguments):
        source.stop_event.set()
        raise OperationalError("gone")

    monkeypatch.setattr(readings, "record", away)
    run(source)
    assert source.acknowledged == []
    assert source.stopped


@pytest.mark.django_db
def test_loop_finds_the_one_message_the_database_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    SensorFactory()
    good = [message(b'{"value": -20.5, "at": "2026-11-23T11:59:5%dZ"}' % i, token=i) for i in range(3)]
    poison = message(b'{"value": -20.0, "at": "2026-11-23T11:59:59Z"}', token=9)
    rows = readings._write_readings

    def refuse(series, now):
        for one in series.values():
            if any(item.value == -20.0 for item in one.items):
                readings.execute("select 1/0", [])
        return rows(series, now)

    monkeypatch.setattr(readings, "_write_readings", refuse)
    source = run(FakeSource([*good, poison]))
    assert source.acknowledged == [*good, poison]
    assert Reading.objects.count() == 3
    assert "refused" in QuarantinedMessage.objects.get().reason

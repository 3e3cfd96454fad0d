"""A batch of readings becomes rows once, whatever arrives twice, late, wrong or from nowhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from store.models import QuarantinedMessage
from telemetry import book, invariants
from telemetry.adapters.decode import Measurement, Presence
from telemetry.models import Alarm, AlarmTransition, Latest, MinuteRollup, Reading, Sensor, SetAside
from telemetry.services import readings
from telemetry.services.readings import Recorded
from tests.factories.telemetry import SensorDeviceFactory, SensorFactory, measurement

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def sensor() -> Sensor:
    return SensorFactory()


def record(
    items: Iterable[Measurement], *, now: datetime = NOW, presences: Iterable[Presence] = ()
) -> Recorded:
    return readings.record(measurements=list(items), presences=presences, book=book.read(), now=now)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def minutes(sensor: Sensor) -> list[tuple[datetime, int, float, float, float, float, float]]:
    fields = ("minute", "n", "total", "lowest", "highest", "first_value", "last_value")
    return list(MinuteRollup.objects.filter(sensor=sensor).order_by("minute").values_list(*fields))


def test_record_writes_reading_minute_and_latest(sensor: Sensor) -> None:
    recorded = record(
        [measurement(-20.0, ago(30)), measurement(-18.0, ago(20), flags=1), measurement(-19.0, ago(10))]
    )
    assert recorded == Recorded(stored=3, set_aside=0, quarantined=0, sensors=frozenset({sensor.pk}))
    assert list(Reading.objects.order_by("at").values_list("value", "quality")) == [
        (-20.0, "GOOD"), (-18.0, "GOOD"), (-19.0, "GOOD"),
    ]  # fmt: skip
    assert minutes(sensor) == [
        (datetime(2026, 11, 23, 11, 59, tzinfo=UTC), 3, -57.0, -20.0, -18.0, -20.0, -19.0)
    ]
    latest = Latest.objects.get()
    assert (latest.value, latest.at, latest.received_at, latest.flags) == (-19.0, ago(10), ago(10), 0)
    assert invariants.check() == []


def test_record_again_does_nothing(sensor: Sensor) -> None:
    items = [measurement(-20.0, ago(30)), measurement(-18.0, ago(20))]
    record(items)
    before = minutes(sensor), list(Latest.objects.values())
    record([*items, *items])
    assert (minutes(sensor), list(Latest.objects.values())) == before
    assert Reading.objects.count() == 2


def test_record_corrects_a_changed_value_and_computes_its_minute_again(sensor: Sensor) -> None:
    record([measurement(-20.0, ago(30)), measurement(-18.0, ago(20))])
    record([measurement(-19.0, ago(20))])
    assert minutes(sensor) == [
        (datetime(2026, 11, 23, 11, 59, tzinfo=UTC), 2, -39.0, -20.0, -19.0, -20.0, -19.0)
    ]
    assert invariants.check() == []


def test_record_takes_disorder_and_latest_goes_by_time_not_by_arrival(sensor: Sensor) -> None:
    record([measurement(-19.0, ago(10))])
    record([measurement(-21.0, ago(50)), measurement(-20.0, ago(30))])
    assert Latest.objects.get().value == -19.0
    assert minutes(sensor)[0][1:] == (3, -60.0, -21.0, -19.0, -21.0, -19.0)
    assert invariants.check() == []


def test_record_keeps_the_last_of_two_values_for_one_moment_in_a_batch(sensor: Sensor) -> None:
    record([measurement(-20.0, ago(30)), measurement(-19.5, ago(30))])
    assert list(Reading.objects.values_list("value", flat=True)) == [-19.5]
    assert invariants.check() == []


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (float("nan"), "NOT_A_NUMBER"),
        (4000.0, "ABSURD"),
        (-127.0, "PROBE_FAULT"),
        (85.0, "PROBE_FAULT"),
        (10.0, "JUMP"),
    ],
)
def test_record_keeps_a_bad_reading_aside_counts_it_and_raises_nothing(
    sensor: Sensor, value: float, reason: str
) -> None:
    record([measurement(-20.0, ago(20))])
    for _ in range(2):
        record([measurement(value, ago(10))])
    assert list(SetAside.objects.values_list("reason", "at")) == [(reason, ago(10))]
    latest = Latest.objects.get()
    assert (latest.value, latest.bad_count, latest.bad_in_a_row) == (-20.0, 1, 1)
    assert Reading.objects.count() == 1
    assert not AlarmTransition.objects.exists()
    assert invariants.check() == []


def test_record_raises_a_probe_fault_after_three_in_a_row_and_clears_it_with_a_good_one(
    sensor: Sensor,
) -> None:
    record([measurement(float("nan"), ago(40)), measurement(-127.0, ago(30))])
    assert Alarm.objects.get(kind="FAULT").state == "NORMAL"
    record([measurement(85.0, ago(20))])
    assert Alarm.objects.get(kind="FAULT").state == "ACTIVE_UNACK"
    record([measurement(-20.0, ago(10))])
    assert Alarm.objects.get(kind="FAULT").state == "LATCHED"
    assert Latest.objects.get().bad_in_a_row == 0


def test_record_stores_a_late_excursion_and_logs_it_without_raising(sensor: Sensor) -> None:
    late = NOW - timedelta(hours=2)
    items = [measurement(-8.0 + i / 10, late + timedelta(seconds=i), received_at=NOW) for i in range(5)]
    record([measurement(-20.0, ago(10))])
    record(items)
    record(items)
    assert Reading.objects.count() == 6
    assert Latest.objects.get().value == -20.0
    assert set(Alarm.objects.values_list("state", flat=True)) == {"NORMAL"}
    logged = AlarmTransition.objects.order_by("alarm__kind").values_list("alarm__kind", "step", "value")
    assert list(logged) == [("HIGH", "LATE", pytest.approx(-7.6)), ("HIGH_WARN", "LATE", pytest.approx(-7.6))]
    assert invariants.check() == []


def test_record_does_not_trust_a_clock_in_the_future(sensor: Sensor) -> None:
    future = NOW + timedelta(hours=1)
    record([measurement(-20.0, future, received_at=NOW)])
    record([measurement(-19.0, NOW + timedelta(seconds=5))], now=NOW + timedelta(seconds=5))
    assert list(Reading.objects.order_by("at").values_list("quality", "value")) == [
        ("GOOD", -19.0),
        ("UNCERTAIN", -20.0),
    ]
    assert Latest.objects.get().value == -19.0
    assert sum(row[1] for row in minutes(sensor)) == 1
    assert invariants.check() == []


def test_record_puts_an_unknown_sensor_into_quarantine(sensor: Sensor) -> None:
    recorded = record([measurement(1.0, ago(1), device="sensor-stranger")] * 3 + [measurement(-20.0, ago(1))])
    assert (recorded.stored, recorded.quarantined) == (1, 3)
    kept = QuarantinedMessage.objects.get()
    assert (kept.topic, kept.reason, kept.count) == (
        "store/s1/sensors/sensor-stranger/temperature", "unknown sensor", 3,
    )  # fmt: skip


def test_record_puts_a_revoked_device_into_quarantine_and_stores_nothing(sensor: Sensor) -> None:
    sensor.device.revoked_at = ago(60)
    sensor.device.save()
    record([measurement(-20.0, ago(1))])
    assert QuarantinedMessage.objects.get().reason == "revoked device"
    assert not Reading.objects.exists()
    assert Latest.objects.get().at is None


def test_record_notes_presence_of_a_device_and_keeps_strangers_out(sensor: Sensor) -> None:
    record([], presences=[Presence("sensor-freezer-1", online=True, received_at=ago(2))])
    record([], presences=[Presence("sensor-freezer-1", online=False, received_at=ago(1))])
    record([], presences=[Presence("sensor-freezer-1", online=True, received_at=ago(5))])
    record([], presences=[Presence("sensor-stranger", online=True, received_at=ago(1))])
    assert Latest.objects.get().online is False
    assert QuarantinedMessage.objects.get().reason == "unknown sensor"


def test_touch_devices_notes_when_they_were_heard(sensor: Sensor) -> None:
    readings.touch_devices(codes=["sensor-freezer-1"], now=NOW)
    readings.touch_devices(codes=["sensor-freezer-1"], now=NOW + timedelta(seconds=10))
    sensor.device.refresh_from_db()
    assert sensor.device.last_seen_at == NOW


def test_record_needs_as_many_statements_for_a_thousand_readings_as_for_one(sensor: Sensor) -> None:
    sent: list[int] = []
    for n in (1, 1000):
        items = [measurement(-20.0, ago(3000 - n + i / 2)) for i in range(n)]
        known = book.read()
        with CaptureQueriesContext(connection) as captured:
            readings.record(measurements=items, presences=[], book=known, now=NOW)
        sent.append(len(captured))
    assert sent[0] == sent[1]


def test_many_sensors_share_one_batch_without_mixing(sensor: Sensor) -> None:
    others = [
        SensorFactory(device=SensorDeviceFactory(code=f"sensor-x-{i}"), name=f"X {i}", fixture=None)
        for i in range(20)
    ]
    items = [
        measurement(-20.0 - i / 10, ago(10 + j), device=f"sensor-x-{i}") for j in range(5) for i in range(20)
    ]
    record(items)
    assert Reading.objects.count() == 100
    for i, other in enumerate(others):
        assert Latest.objects.get(sensor=other).value == -20.0 - i / 10
    assert invariants.check() == []

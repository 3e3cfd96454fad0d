"""An alarm is raised after its delay, holds the products, is acknowledged, and frees them again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from store import outbox
from store.events.telemetry import AlarmCleared, AlarmRaised
from store.models import AuditEntry, OutboxEvent, ProductHold
from telemetry import book, invariants
from telemetry.models import Alarm, AlarmTransition, Sensor
from telemetry.services import alarms, readings
from tests.factories import store as base
from tests.factories.telemetry import SensorFactory, measurement

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def sensor() -> Sensor:
    return SensorFactory(warn_high=None)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def send(value: float, seconds: float) -> None:
    moment = at(seconds)
    item = measurement(value, moment)
    readings.record(measurements=[item], presences=[], book=book.read(), now=moment)


def state(kind: str = "HIGH") -> str:
    return Alarm.objects.get(kind=kind).state


def raise_alarm() -> None:
    for step in range(6):
        send(-13.5 + step, step * 12.0)
    alarms.fire_timers(now=at(90))


def events(cls: type) -> list:
    rows = OutboxEvent.objects.filter(type=cls.type).order_by("seq")
    return [outbox.decode(row.type, row.payload) for row in rows]


def test_alarm_raises_by_its_timer_and_says_so_once(sensor: Sensor) -> None:
    send(-11.0, 0)
    assert (state(), events(AlarmRaised)) == ("PENDING", [])
    assert alarms.fire_timers(now=at(59)) == 0
    assert alarms.fire_timers(now=at(60)) == 1
    assert alarms.fire_timers(now=at(61)) == 0
    assert state() == "ACTIVE_UNACK"
    (raised,) = events(AlarmRaised)
    assert (raised.sensor, raised.fixture, raised.kind, raised.severity, raised.holds_products) == (
        "sensor-freezer-1", "freezer-1", "HIGH", "ALARM", True,
    )  # fmt: skip
    assert (raised.value, raised.threshold, raised.since, raised.raised_at) == (-11.0, -12.0, at(0), at(60))
    assert invariants.check() == []


def test_alarm_that_passes_before_its_delay_says_nothing(sensor: Sensor) -> None:
    send(-11.0, 0)
    send(-14.0, 30)
    alarms.fire_timers(now=at(120))
    assert (state(), events(AlarmRaised)) == ("NORMAL", [])
    assert list(AlarmTransition.objects.values_list("step", flat=True).order_by("id")) == [
        "STARTED",
        "PASSED",
    ]


def test_alarm_holds_the_products_of_the_fixture_until_it_clears(sensor: Sensor) -> None:
    product = base.ProductFactory(stands_in=sensor.fixture)
    elsewhere = base.ProductFactory(sku="other")
    raise_alarm()
    outbox.deliver_pending()
    hold = ProductHold.objects.active().get()
    assert (hold.product, hold.fixture) == (product, sensor.fixture)
    assert not ProductHold.objects.filter(product=elsewhere).exists()
    send(-8.0, 100)
    send(-10.0, 110)
    send(-13.0, 130)
    assert alarms.fire_timers(now=at(159)) == 0
    assert alarms.fire_timers(now=at(160)) == 1
    outbox.deliver_pending()
    assert not ProductHold.objects.active().exists()
    (cleared,) = events(AlarmCleared)
    assert (cleared.alarm_id, cleared.peak, cleared.cleared_at) == (
        events(AlarmRaised)[0].alarm_id, -8.0, at(160),
    )  # fmt: skip
    assert state() == "LATCHED"
    assert invariants.check() == []


def test_warning_does_not_hold_products() -> None:
    SensorFactory(warn_high=-15.0)
    send(-14.0, 0)
    alarms.fire_timers(now=at(60))
    (raised,) = events(AlarmRaised)
    assert (raised.kind, raised.severity, raised.holds_products) == ("HIGH_WARN", "WARNING", False)
    outbox.deliver_pending()
    assert not ProductHold.objects.exists()


def test_alarm_stays_active_between_hysteresis_and_limit(sensor: Sensor) -> None:
    raise_alarm()
    send(-10.5, 100)
    send(-12.5, 110)
    assert alarms.fire_timers(now=at(1100)) == 1, "only STALE"
    assert state() == "ACTIVE_UNACK"


def test_silent_sensor_raises_stale_without_a_sample_and_the_next_one_clears_it(sensor: Sensor) -> None:
    send(-20.0, 0)
    assert alarms.fire_timers(now=at(899)) == 0
    assert alarms.fire_timers(now=at(900)) == 1
    assert state("STALE") == "ACTIVE_UNACK"
    assert events(AlarmRaised)[0].holds_products is False
    send(-20.0, 901)
    assert state("STALE") == "LATCHED"
    assert alarms.fire_timers(now=at(902)) == 0


def test_sensor_that_never_spoke_is_not_silent(sensor: Sensor) -> None:
    book.read()
    assert alarms.fire_timers(now=at(10_000)) == 0


def test_acknowledge_notes_who_and_what_and_only_once(sensor: Sensor) -> None:
    staff = base.StaffFactory()
    raise_alarm()
    alarm = Alarm.objects.get(kind="HIGH")
    alarms.acknowledge(alarm_id=alarm.pk, staff=staff, comment="  Door closed ", now=at(100))
    noted = AlarmTransition.objects.get(step="ACKNOWLEDGED")
    assert (noted.staff, noted.comment, noted.episode) == (staff, "Door closed", alarm.episode)
    assert AuditEntry.objects.filter(action="alarm.acknowledged").count() == 1
    with pytest.raises(alarms.NothingToAcknowledgeError):
        alarms.acknowledge(alarm_id=alarm.pk, staff=staff, comment="again", now=at(101))
    assert AlarmTransition.objects.filter(step="ACKNOWLEDGED").count() == 1
    assert invariants.check() == []


def test_acknowledge_takes_the_warning_with_the_alarm() -> None:
    SensorFactory(warn_high=-15.0)
    raise_alarm()
    alarms.acknowledge(
        alarm_id=Alarm.objects.get(kind="HIGH").pk, staff=base.StaffFactory(), comment="", now=at(200)
    )
    assert (state("HIGH"), state("HIGH_WARN")) == ("ACTIVE_ACK", "ACTIVE_ACK")


@pytest.mark.parametrize("alarm_id", [0, 999_999])
def test_acknowledge_refuses_an_alarm_that_does_not_exist(alarm_id: int) -> None:
    with pytest.raises(alarms.NothingToAcknowledgeError):
        alarms.acknowledge(alarm_id=alarm_id, staff=base.StaffFactory(), comment="")


def test_limit_taken_away_clears_its_alarm_with_the_next_reading(sensor: Sensor) -> None:
    raise_alarm()
    Sensor.objects.update(alarm_high=None, warn_high=0.0)
    send(-8.0, 100)
    assert state() == "LATCHED"


def test_transitions_are_records(sensor: Sensor) -> None:
    raise_alarm()
    for change in (
        lambda: AlarmTransition.objects.update(comment="never happened"),
        lambda: AlarmTransition.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert AlarmTransition.objects.filter(step="RAISED").count() == 1


def test_active_alarm_without_an_episode_is_refused_by_the_database(sensor: Sensor) -> None:
    book.read()
    with pytest.raises(DatabaseError), transaction.atomic():
        Alarm.objects.filter(kind="HIGH").update(state="ACTIVE_UNACK")
    assert Decimal(Alarm.objects.filter(state="NORMAL").count()) == Alarm.objects.count()

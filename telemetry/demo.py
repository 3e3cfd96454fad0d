"""Demo sensors with a day behind them: one reading a minute, defrosts, doors, and an alarm that is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from store import ids
from store.models import Device, Fixture, Staff
from telemetry import book
from telemetry.domain.alarm import Kind, State, Step
from telemetry.domain.limits import DEFAULTS
from telemetry.domain.reading import Quality
from telemetry.edge.freezer import Case, kind_of
from telemetry.models import DEFROST, DOOR, Alarm, AlarmTransition, Latest, Reading, Sensor
from telemetry.services import statements
from telemetry.services.readings import execute

DAY_MINUTES = 24 * 60
ON_DELAY, OFF_DELAY = timedelta(minutes=1), timedelta(seconds=30)
"""Shorter than a real store's, so that a visitor sees an alarm come and go."""
STALE_AFTER = timedelta(minutes=2)
TROUBLED = "sensor-chiller-3"
TROUBLE_FROM, TROUBLE_FOR = 9 * 60, 38
COMMENT = "Door was left ajar after restocking. Closed it, checked the products: all below 7 °C."


def seed(*, now: datetime, rng: Random) -> None:
    """Make a sensor for each demo device that has none, with 24 hours of history; safe to run again."""
    fixtures = Fixture.objects.in_bulk(field_name="code")
    with transaction.atomic():
        for device in Device.objects.filter(kind=Device.Kind.SENSOR, code__startswith="sensor-"):
            fixture = fixtures.get(device.code.removeprefix("sensor-"))
            if fixture is not None and fixture.kind in DEFAULTS:
                _sensor(device, fixture)
        book.read()  # makes the rows of latest values and alarms
        empty = Sensor.objects.filter(latest__at__isnull=True).select_related("device")
        for sensor in empty.order_by("pk"):
            _history(sensor, now, Random(rng.random()))


def _sensor(device: Device, fixture: Fixture) -> None:
    usual = DEFAULTS[fixture.kind]
    Sensor.objects.get_or_create(
        device=device,
        channel="temperature",
        defaults={
            "name": fixture.name,
            "fixture": fixture,
            "interval": timedelta(seconds=2),
            "warn_low": usual.warn_low,
            "alarm_low": usual.alarm_low,
            "warn_high": usual.warn_high,
            "alarm_high": usual.alarm_high,
            "hysteresis": usual.hysteresis,
            "on_delay": ON_DELAY,
            "off_delay": OFF_DELAY,
            "stale_after": STALE_AFTER,
        },
    )


def _history(sensor: Sensor, now: datetime, rng: Random) -> None:
    case = Case.settled(kind_of(sensor.device.code), rng)
    case.noise = 0.05
    start = now.replace(second=30, microsecond=0) - timedelta(minutes=DAY_MINUTES)
    troubled = sensor.device.code == TROUBLED
    rows = []
    for minute in range(DAY_MINUTES):
        trouble = troubled and TROUBLE_FROM <= minute < TROUBLE_FROM + TROUBLE_FOR
        if trouble or (troubled and minute == TROUBLE_FROM + TROUBLE_FOR):
            case.door, case.door_left = trouble, 90.0
        # The last hour is calm: the live sensor goes on from here.
        case.next_defrost = max(case.next_defrost, 3600.0) if minute > DAY_MINUTES - 90 else case.next_defrost
        values = [case.step(10) for _ in range(6)]
        flags = (DOOR if case.door else 0) | (DEFROST if case.defrosting else 0)
        rows.append((start + timedelta(minutes=minute), values[-1], flags))
    rows = [row for row in rows if row[0] < now]
    times, values, flags = (list(column) for column in zip(*rows, strict=True))
    n = len(rows)
    execute(
        statements.WRITE_READINGS,
        [[sensor.pk] * n, times, [Quality.GOOD.value] * n, values, flags, times, start],
    )
    Latest.objects.filter(sensor=sensor).update(at=times[-1], value=values[-1], received_at=times[-1])
    if troubled:
        _past_alarm(sensor, start + timedelta(minutes=TROUBLE_FROM))


def _past_alarm(sensor: Sensor, began: datetime) -> None:
    limit = sensor.alarm_high or 0.0
    span = began, began + timedelta(minutes=TROUBLE_FOR + 30)
    warm = Reading.objects.filter(sensor=sensor, at__range=span, value__gt=limit).order_by("at")
    first, last = warm.first(), warm.last()
    if first is None or last is None:
        return
    alarm = Alarm.objects.get(sensor=sensor, kind=Kind.HIGH)
    peak = max(warm.values_list("value", flat=True))
    raised, seen, ended = first.at + ON_DELAY, first.at + 3 * ON_DELAY, last.at + OFF_DELAY
    staff = Staff.objects.filter(username="technician").first()
    episode = ids.uuid7()
    steps = (
        (Step.STARTED, State.NORMAL, State.PENDING, first.at, first.value, None, None),
        (Step.RAISED, State.PENDING, State.ACTIVE_UNACK, raised, peak, episode, None),
        (Step.ACKNOWLEDGED, State.ACTIVE_UNACK, State.ACTIVE_ACK, seen, None, episode, staff),
        (Step.CLEARED, State.ACTIVE_ACK, State.NORMAL, ended, peak, episode, None),
    )
    AlarmTransition.objects.bulk_create(
        AlarmTransition(
            alarm=alarm,
            step=step,
            before=before,
            after=after,
            at=at,
            recorded_at=at,
            value=value,
            episode=one,
            staff=by,
            comment=COMMENT if by else "",
        )
        for step, before, after, at, value, one, by in steps
    )

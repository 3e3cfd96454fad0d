"""Sensors at a glance: what each measures, how it stands, its last day as a small line. Three queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import connection

from telemetry.domain.alarm import State
from telemetry.models import DEFROST, DOOR, Alarm, Sensor

DAY = timedelta(hours=24)
SPARK_WIDTH, SPARK_HEIGHT = 240.0, 44.0
_SPARK_STEP = timedelta(minutes=15)


class Health(StrEnum):
    """How a sensor stands, worst first."""

    ALARM = "alarm"
    WARNING = "warning"
    NO_DATA = "no_data"
    RETURNED = "returned"
    MUTED = "muted"
    OK = "ok"


_ORDER = {health: rank for rank, health in enumerate(Health)}
_SPARKS = """
select sensor_id, extract(epoch from date_bin('15 minutes', minute, %(start)s)) as slot,
       sum(total) / sum(n), min(lowest), max(highest)
from telemetry_minuterollup
where sensor_id = any(%(ids)s) and minute >= %(start)s and minute <= %(now)s
group by 1, 2 order by 1, 2
"""


@dataclass(frozen=True)
class Spark:
    """A small line in a box of SPARK_WIDTH × SPARK_HEIGHT, with the target band behind it."""

    path: str
    band_top: float
    band_height: float
    lowest: float
    highest: float
    width: float = SPARK_WIDTH
    height: float = SPARK_HEIGHT


@dataclass(frozen=True)
class SensorCard:
    """What a tile shows of a sensor."""

    id: int
    code: str
    name: str
    fixture: str
    unit: str
    value: float | None
    at: datetime | None
    age_seconds: int | None
    health: Health
    low: float | None
    high: float | None
    door: bool
    defrost: bool
    online: bool | None
    spark: Spark | None
    alarm_since: datetime | None
    set_aside: int

    @property
    def has_band(self) -> bool:
        """True when there is a target to show."""
        return self.low is not None or self.high is not None


@dataclass(frozen=True)
class Summary:
    """How many sensors stand how."""

    total: int
    alarm: int
    warning: int
    no_data: int
    ok: int
    returned: int
    worst: str = ""


def health_of(sensor: Sensor, alarms: Iterable[Alarm], now: datetime) -> Health:
    """The worst that can be said of a sensor."""
    if not sensor.is_enabled:
        return Health.MUTED
    active = {alarm.kind for alarm in alarms if alarm.state in (State.ACTIVE_UNACK, State.ACTIVE_ACK)}
    if active & {"HIGH", "LOW"}:
        return Health.ALARM
    latest = getattr(sensor, "latest", None)
    silent = latest is None or latest.received_at is None
    if silent or "STALE" in active or now - latest.received_at >= sensor.stale_after:
        return Health.NO_DATA
    if active:
        return Health.WARNING
    return Health.RETURNED if any(alarm.state == State.LATCHED for alarm in alarms) else Health.OK


def sensor_cards(*, now: datetime, ids: list[int] | None = None) -> list[SensorCard]:
    """All sensors (or those of `ids`), worst first, then by name."""
    sensors = Sensor.objects.for_pages()
    chosen = list(sensors if ids is None else sensors.filter(pk__in=ids))
    keys = [sensor.pk for sensor in chosen]
    alarms: dict[int, list[Alarm]] = defaultdict(list)
    for alarm in Alarm.objects.filter(sensor_id__in=keys).exclude(state=State.NORMAL):
        alarms[alarm.sensor_id].append(alarm)
    sparks = _sparks(keys, now)
    cards = [_card(sensor, alarms[sensor.pk], sparks.get(sensor.pk, []), now) for sensor in chosen]
    return sorted(cards, key=lambda card: (_ORDER[card.health], card.name))


def summarize(cards: Iterable[SensorCard]) -> Summary:
    """Count the cards by health."""
    listed = list(cards)
    count = {health: sum(card.health is health for card in listed) for health in Health}
    bad = [card.name for card in listed if card.health in (Health.ALARM, Health.WARNING, Health.NO_DATA)]
    return Summary(
        total=len(listed),
        alarm=count[Health.ALARM],
        warning=count[Health.WARNING],
        no_data=count[Health.NO_DATA],
        ok=count[Health.OK],
        returned=count[Health.RETURNED],
        worst=bad[0] if bad else "",
    )


def summary(*, now: datetime) -> Summary:
    """Count the sensors by health, without reading any history."""
    alarms: dict[int, list[Alarm]] = defaultdict(list)
    for alarm in Alarm.objects.exclude(state=State.NORMAL):
        alarms[alarm.sensor_id].append(alarm)
    cards = [_card(s, alarms[s.pk], [], now) for s in Sensor.objects.for_pages()]
    return summarize(sorted(cards, key=lambda card: (_ORDER[card.health], card.name)))


def _card(sensor: Sensor, alarms: list[Alarm], points: list[_Point], now: datetime) -> SensorCard:
    latest = getattr(sensor, "latest", None)
    at = latest.at if latest else None
    since = [alarm.raised_at for alarm in alarms if alarm.raised_at and alarm.state != State.LATCHED]
    low, high = _inner(sensor)
    return SensorCard(
        id=sensor.pk,
        code=sensor.device.code,
        name=sensor.name,
        fixture=sensor.fixture.name if sensor.fixture else "",
        unit=sensor.unit,
        value=latest.value if latest else None,
        at=at,
        age_seconds=max(0, int((now - at).total_seconds())) if at else None,
        health=health_of(sensor, alarms, now),
        low=low,
        high=high,
        door=bool(latest and latest.flags & DOOR),
        defrost=bool(latest and latest.flags & DEFROST),
        online=latest.online if latest else None,
        spark=_spark(points, low, high, now),
        alarm_since=min(since) if since else None,
        set_aside=latest.bad_count if latest else 0,
    )


def _inner(sensor: Sensor) -> tuple[float | None, float | None]:
    low = sensor.warn_low if sensor.warn_low is not None else sensor.alarm_low
    high = sensor.warn_high if sensor.warn_high is not None else sensor.alarm_high
    return low, high


_Point = tuple[float, float, float, float]


def _sparks(ids: list[int], now: datetime) -> dict[int, list[_Point]]:
    with connection.cursor() as cursor:
        cursor.execute(_SPARKS, {"ids": ids, "start": now - DAY, "now": now})
        points: dict[int, list[_Point]] = defaultdict(list)
        for sensor_id, slot, mean, lowest, highest in cursor.fetchall():
            points[sensor_id].append((float(slot), mean, lowest, highest))
    return points


def _spark(points: list[_Point], low: float | None, high: float | None, now: datetime) -> Spark | None:
    if len(points) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    start = (now - DAY).timestamp()
    floor = min([p[2] for p in points] + [v for v in (low, high) if v is not None])
    ceiling = max([p[3] for p in points] + [v for v in (low, high) if v is not None])
    room = max(ceiling - floor, 0.5)

    def y(value: float) -> float:
        return round(2 + (ceiling - value) / room * (SPARK_HEIGHT - 4), 1)

    # A gap longer than two slots is a gap in the line.
    path, before = [], None
    for slot, mean, _, _ in points:
        x = round((slot - start) / DAY.total_seconds() * SPARK_WIDTH, 1)
        gap = before is None or slot - before > 2 * _SPARK_STEP.total_seconds()
        path.append(f"{'M' if gap else 'L'}{x} {y(mean)}")
        before = slot
    top = y(high) if high is not None else 0.0
    bottom = y(low) if low is not None else SPARK_HEIGHT
    return Spark(
        path=" ".join(path),
        band_top=top,
        band_height=round(max(0.0, bottom - top), 1),
        lowest=min(p[2] for p in points),
        highest=max(p[3] for p in points),
    )

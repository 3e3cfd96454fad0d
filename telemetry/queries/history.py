"""The course of one sensor for its chart: raw readings for an hour, minutes and their averages for longer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from store.templatetags.ui import given
from telemetry.models import DEFROST, DOOR, Sensor

RAW_UP_TO = timedelta(hours=1)
MOST_RAW = 4_000
RANGES = {
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
}
_STEP = {"24h": timedelta(minutes=2), "7d": timedelta(minutes=15)}
_GAP_SLACK = 3
# Readings one a minute are still a line; only what is longer is a silence.
_LEAST_GAP_S = 90.0

_RAW = """
select extract(epoch from at)::float8, value, value, value, flags from (
    select at, value, flags from telemetry_reading
    where sensor_id = %(id)s and at >= %(start)s and at <= %(end)s and quality = 'GOOD'
    order by at desc limit %(most)s) newest
order by 1
"""
_MINUTES = """
select extract(epoch from date_bin(%(step)s, minute, 'epoch'))::float8 as slot, sum(total) / sum(n),
       min(lowest), max(highest), bit_or(flags)
from telemetry_minuterollup where sensor_id = %(id)s and minute >= %(start)s and minute <= %(end)s
group by slot order by slot
"""


@dataclass(frozen=True)
class Point:
    """Mean, lowest and highest value from `at` (unix seconds) on."""

    at: float
    mean: float
    lowest: float
    highest: float
    flags: int


@dataclass(frozen=True)
class Facts:
    """What a course comes down to, in words beside the chart."""

    n: int
    lowest: float | None
    highest: float | None
    mean: float | None


def course(*, sensor: Sensor, span: str, now: datetime) -> list[Point]:
    """The points of one of RANGES up to `now`, oldest first."""
    start = now - RANGES[span]
    with connection.cursor() as cursor:
        if RANGES[span] <= RAW_UP_TO:
            cursor.execute(_RAW, {"id": sensor.pk, "start": start, "end": now, "most": MOST_RAW})
        else:
            cursor.execute(_MINUTES, {"id": sensor.pk, "start": start, "end": now, "step": _STEP[span]})
        return [Point(*row) for row in cursor.fetchall()]


def facts(points: list[Point]) -> Facts:
    """Extremes and mean of a course."""
    if not points:
        return Facts(0, None, None, None)
    return Facts(
        n=len(points),
        lowest=min(point.lowest for point in points),
        highest=max(point.highest for point in points),
        mean=sum(point.mean for point in points) / len(points),
    )


def chart(*, sensor: Sensor, points: list[Point], span: str) -> dict[str, Any]:
    """A course as store/js/chart.js wants it; a silence is a gap in the line, not a straight stroke."""
    step = _STEP.get(span, sensor.interval).total_seconds()
    silence = max(step * _GAP_SLACK, _LEAST_GAP_S)
    x: list[float] = []
    mean: list[float | None] = []
    for before, point in pairwise([None, *points]):
        if before is not None and point is not None and point.at - before.at > silence:
            x.append(before.at + step)
            mean.append(None)
        if point is not None:
            x.append(point.at)
            mean.append(round(point.mean, 2))
    # Over a day and more a door is a hair line; there the defrosts are what explains the curve.
    doors = _spans(points, DOOR, _("Door open"), step) if RANGES[span] <= RAW_UP_TO else []
    return {
        "x": x,
        "series": [
            {"label": given(sensor.name), "unit": sensor.unit, "values": mean, "digits": 1, "color": 1}
        ],
        "bands": bands(sensor),
        "spans": _spans(points, DEFROST, _("Defrost"), step) + doors,
    }


def bands(sensor: Sensor) -> list[dict[str, Any]]:
    """The target band and what lies beyond the alarm limits."""
    low = sensor.warn_low if sensor.warn_low is not None else sensor.alarm_low
    high = sensor.warn_high if sensor.warn_high is not None else sensor.alarm_high
    found: list[dict[str, Any]] = []
    if low is not None or high is not None:
        found.append({"from": low, "to": high, "kind": "ok"})
    if sensor.alarm_high is not None:
        found.append({"from": sensor.alarm_high, "to": None, "kind": "danger"})
    if sensor.alarm_low is not None:
        found.append({"from": None, "to": sensor.alarm_low, "kind": "danger"})
    return found


def _spans(points: list[Point], bit: int, label: str, step: float) -> list[dict[str, Any]]:
    spans: list[dict[str, Any]] = []
    for point in points:
        if not point.flags & bit:
            continue
        if spans and point.at - spans[-1]["to"] <= step * _GAP_SLACK:
            spans[-1]["to"] = point.at + step
        else:
            spans.append({"from": point.at, "to": point.at + step, "label": label})
    return spans

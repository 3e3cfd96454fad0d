"""Record a batch of readings: raw rows, minutes, latest values and alarms in one transaction.

Every statement is set-based; their number does not depend on the size of the batch (four, and more only
when an alarm moves, a reading is set aside or a value was corrected). A reading that is already there
does nothing; one with another value at the same time corrects it and its minute is computed again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from store import live
from store.services import quarantine
from telemetry import metrics
from telemetry.adapters.decode import Measurement, Presence
from telemetry.book import Book, SensorEntry
from telemetry.domain import alarm as machine
from telemetry.domain.alarm import Condition, Kind, State, Step
from telemetry.domain.limits import FAULTS_IN_A_ROW
from telemetry.domain.reading import ALARM_HORIZON, Known, Quality, Verdict, judge
from telemetry.models import Alarm, AlarmTransition
from telemetry.services import alarms, statements
from telemetry.services.alarms import Changes

CHANNEL = "mqtt"

RAW_LENGTH = 80
_LIMITS = (Kind.HIGH, Kind.HIGH_WARN, Kind.LOW, Kind.LOW_WARN)


@dataclass
class _Series:
    """What a batch brings for one sensor."""

    entry: SensorEntry
    items: list[Measurement]
    known: Known | None
    bad_in_a_row: int
    latest_at: datetime | None
    newest: tuple[datetime, Measurement, Verdict] | None = None
    received_at: datetime | None = None
    bad: int = 0
    judged: list[tuple[Measurement, Verdict]] = field(default_factory=list)
    fresh: list[tuple[datetime, float]] = field(default_factory=list)
    """Good readings newer than the latest: what alarms look at, in order of time."""
    late: list[tuple[datetime, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a batch."""

    stored: int
    set_aside: int
    quarantined: int
    sensors: frozenset[int]


def record(
    *,
    measurements: Sequence[Measurement],
    presences: Iterable[Presence],
    book: Book,
    now: datetime | None = None,
) -> Recorded:
    """Record a batch in one transaction of its own; when it returns, everything is committed."""
    moment = now or timezone.now()
    with transaction.atomic():
        unknown, groups = _group(measurements, book)
        quarantined = _put_unknown_aside(unknown, book, moment) + _record_presence(presences, book, moment)
        series = _lock(groups)
        for one in series.values():
            _judge(one)
        stored = _write_readings(series, moment)
        set_aside = _write_set_aside(series)
        _write_latest(series)
        changes = _evaluate(series, moment)
        changes.write(now=moment)
    metrics.readings.labels(quality="GOOD").inc(stored)
    metrics.readings.labels(quality="BAD").inc(set_aside)
    return Recorded(stored, set_aside, quarantined, frozenset(series))


def execute(statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run a statement with its arrays sent in binary form; Django's own cursor writes them into the text."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor = psycopg.Cursor(connection.connection)
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def _group(
    measurements: Sequence[Measurement], book: Book
) -> tuple[list[Measurement], dict[int, tuple[SensorEntry, list[Measurement]]]]:
    unknown: list[Measurement] = []
    groups: dict[int, tuple[SensorEntry, list[Measurement]]] = {}
    for item in measurements:
        entry = book.get((item.device, item.channel))
        if entry is None or entry.revoked:
            unknown.append(item)
        else:
            groups.setdefault(entry.id, (entry, []))[1].append(item)
    return unknown, groups


def _put_unknown_aside(unknown: list[Measurement], book: Book, now: datetime) -> int:
    per_topic: dict[str, list[Measurement]] = defaultdict(list)
    for item in unknown:
        per_topic[item.topic].append(item)
    for topic, items in per_topic.items():
        entry = book.get((items[0].device, items[0].channel))
        reason = "revoked device" if entry else "unknown sensor"
        # One row per topic with a count: a device that talks for a week must not fill the table.
        quarantine.put_aside(
            channel=CHANNEL, topic=topic, payload=reason.encode(), reason=reason, count=len(items), now=now
        )
    return len(unknown)


def _record_presence(presences: Iterable[Presence], book: Book, now: datetime) -> int:
    known = {device for device, _ in book}
    newest = {item.device: item for item in presences}
    strangers = [item for item in newest.values() if item.device not in known]
    for item in strangers:
        quarantine.put_aside(
            channel=CHANNEL, topic=f"state of {item.device}", payload=b"", reason="unknown sensor", now=now
        )
    ours = [item for item in newest.values() if item.device in known]
    if ours:
        execute(
            statements.PRESENCE,
            [[i.device for i in ours], [i.online for i in ours], [i.received_at for i in ours]],
        )
        live.nudge("sensors")
    return len(strangers)


def _lock(groups: dict[int, tuple[SensorEntry, list[Measurement]]]) -> dict[int, _Series]:
    if not groups:
        return {}
    series: dict[int, _Series] = {}
    rows = execute(statements.LOCK_LATEST, [list(groups)])
    for sensor_id, at, value, bad_in_a_row in rows:
        known = Known(value, at) if at is not None and value is not None else None
        entry, items = groups[sensor_id]
        items.sort(key=lambda item: item.at)
        series[sensor_id] = _Series(entry, items, known, bad_in_a_row, at)
    return series


def _judge(one: _Series) -> None:
    for item in one.items:
        verdict = judge(
            item.value, item.at, received_at=item.received_at, known=one.known, limits=one.entry.range
        )
        one.judged.append((item, verdict))
        one.received_at = max(one.received_at or item.received_at, item.received_at)
        if verdict.quality is Quality.BAD:
            one.bad += 1
            one.bad_in_a_row += 1
            continue
        one.bad_in_a_row = 0
        at = verdict.effective_at
        if one.latest_at is None or at > one.latest_at:
            one.latest_at, one.newest = at, (at, item, verdict)
            one.known = Known(item.value, at)
            if not verdict.late:
                one.fresh.append((at, item.value))


def _write_readings(series: dict[int, _Series], now: datetime) -> int:
    rows = [
        (sensor_id, item.at, verdict.quality.value, item.value, item.flags, item.received_at)
        for sensor_id, one in series.items()
        for item, verdict in one.judged
        if verdict.quality is not Quality.BAD
    ]
    if not rows:
        return 0
    columns = [list(column) for column in zip(*rows, strict=True)]
    returned = execute(statements.WRITE_READINGS, [*columns, now - ALARM_HORIZON])
    corrected = [(sensor, at) for sensor, at, quality, fresh in returned if not fresh and quality == "GOOD"]
    if corrected:
        execute(statements.RECOMPUTE_MINUTES, [[row[0] for row in corrected], [row[1] for row in corrected]])
    late = {(sensor, at) for sensor, at, quality, fresh in returned if fresh and quality == "GOOD"}
    if late:
        for sensor_id, one in series.items():
            one.late = [
                (item.at, item.value)
                for item, verdict in one.judged
                if verdict.late and (sensor_id, item.at) in late
            ]
    return len(rows)


def _write_set_aside(series: dict[int, _Series]) -> int:
    rows = [
        (sensor_id, item.at, verdict.reason.value, _raw(item), item.received_at)
        for sensor_id, one in series.items()
        if one.bad
        for item, verdict in one.judged
        if verdict.quality is Quality.BAD
    ]
    if not rows:
        return 0
    columns = [list(column) for column in zip(*rows, strict=True)]
    counts = dict(execute(statements.SET_ASIDE, columns))
    for sensor_id, one in series.items():
        # A bad reading that was delivered again must not look like another fault in a row.
        again = one.bad - counts.get(sensor_id, 0)
        one.bad -= again
        one.bad_in_a_row = max(0, one.bad_in_a_row - again)
    return sum(counts.values())


def _write_latest(series: dict[int, _Series]) -> None:
    rows: list[tuple[Any, ...]] = []
    for sensor_id, one in sorted(series.items()):
        if one.newest is None:
            rows.append((sensor_id, None, None, None, None, one.received_at, one.bad_in_a_row, one.bad))
        else:
            at, item, verdict = one.newest
            rows.append(
                (sensor_id, at, item.value, verdict.quality.value, item.flags, one.received_at,
                 one.bad_in_a_row, one.bad)
            )  # fmt: skip
    if not rows:
        return
    execute(statements.WRITE_LATEST, [list(column) for column in zip(*rows, strict=True)])
    live.nudge("sensors")


def _evaluate(series: dict[int, _Series], now: datetime) -> Changes:
    changes = Changes()
    if not series:
        return changes
    striking = [sensor_id for sensor_id, one in series.items() if _is_striking(one)]
    rows = Alarm.objects.select_for_update().filter(
        Q(sensor_id__in=striking) | ~Q(state=State.NORMAL), sensor_id__in=list(series)
    )
    for row in rows.order_by("pk"):
        one = series[row.sensor_id]
        if row.kind in _LIMITS:
            _observe(changes, row, one, now)
        elif row.kind == Kind.STALE:
            _react(changes, row, one, Condition.CLEAR if one.fresh else Condition.BETWEEN, now)
        elif row.kind == Kind.FAULT:
            _react(changes, row, one, _fault_condition(one), now)
    return changes


def _is_striking(one: _Series) -> bool:
    # Most batches bring nothing of note: then only alarms that are not NORMAL are read at all.
    if one.bad_in_a_row >= FAULTS_IN_A_ROW:
        return True
    low, high = one.entry.normal_band
    return any(value < low or value > high for _, value in (*one.fresh, *one.late))


def _fault_condition(one: _Series) -> Condition:
    if one.bad_in_a_row >= FAULTS_IN_A_ROW:
        return Condition.VIOLATED
    return Condition.CLEAR if one.bad_in_a_row == 0 else Condition.BETWEEN


def _observe(changes: Changes, row: Alarm, one: _Series, now: datetime) -> None:
    rule = alarms.rule_for(one.entry, row)
    state = alarms.load(row)
    transitions: list[machine.Transition] = []
    for at, value in one.fresh:
        state, moved = machine.observe(state, rule, value=value, at=at)
        transitions += moved
    if transitions or state != alarms.load(row):
        changes.take(row, (state, tuple(transitions)), one.entry, now=now)
    worst = [(at, value) for at, value in one.late if machine.condition_of(rule, value) is Condition.VIOLATED]
    if worst:
        at, value = (min if rule.is_low else max)(worst, key=lambda reading: reading[1])
        changes.log.append(
            AlarmTransition(
                alarm=row,
                step=Step.LATE,
                before=row.state,
                after=row.state,
                at=at,
                value=value,
                recorded_at=now,
            )
        )


def _react(changes: Changes, row: Alarm, one: _Series, condition: Condition, now: datetime) -> None:
    before = alarms.load(row)
    outcome = alarms.react_at_once(row, one.entry, condition, at=one.received_at or now)
    if outcome[0] != before:
        changes.take(row, outcome, one.entry, now=now)


def touch_devices(*, codes: Iterable[str], now: datetime | None = None) -> None:
    """Note that the devices were heard of; at most twice a minute for each."""
    moment = now or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(statements.SEEN, [moment, sorted(set(codes)), moment])


def _raw(item: Measurement) -> str:
    return item.payload[:RAW_LENGTH].decode("utf-8", "replace").replace("\x00", "�")

"""Alarms for people: what is open now, what happened, how long it lasted, who saw it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from telemetry.domain.alarm import State
from telemetry.models import Alarm

WORDS: dict[str, str | Promise] = {
    "HIGH": _("Too warm"),
    "HIGH_WARN": _("Getting warm"),
    "LOW": _("Too cold"),
    "LOW_WARN": _("Getting cold"),
    "STALE": _("No data"),
    "FAULT": _("Probe fault"),
}
"""Each kind of alarm as people call it."""


@dataclass(frozen=True)
class OpenAlarm:
    """An alarm somebody should know of."""

    id: int
    sensor_id: int
    sensor: str
    fixture: str
    words: str | Promise
    severe: bool
    active: bool
    acknowledged: bool
    since: datetime
    peak: float | None
    threshold: float | None
    unit: str
    holds: bool


@dataclass(frozen=True)
class Episode:
    """One alarm from its raising to its end."""

    episode: UUID
    sensor_id: int
    sensor: str
    words: str | Promise
    severe: bool
    raised_at: datetime
    ended_at: datetime | None
    seconds: int | None
    peak: float | None
    unit: str
    seen_by: str
    comment: str


_EPISODES = """
select t.episode, s.id, s.name, s.unit, a.kind, min(t.at) filter (where t.step = 'RAISED') as raised_at,
       min(t.at) filter (where t.step in ('RETURNED', 'CLEARED', 'SHELVED', 'DISABLED')) as ended_at,
       coalesce(max(a.peak) filter (where a.episode = t.episode and a.state like 'ACTIVE%%'),
                (array_agg(t.value order by t.id desc) filter (where t.value is not null))[1]) as peak,
       (array_agg(p.display_name order by t.id desc) filter (where p.id is not null))[1] as seen_by,
       coalesce((array_agg(t.comment order by t.id desc) filter (where t.comment <> ''))[1], '') as comment
from telemetry_alarmtransition t
join telemetry_alarm a on a.id = t.alarm_id
join telemetry_sensor s on s.id = a.sensor_id
left join store_staff p on p.id = t.staff_id
where t.episode is not null and (%(sensor)s::bigint is null or s.id = %(sensor)s)
group by t.episode, s.id, s.name, s.unit, a.kind
having min(t.at) filter (where t.step = 'RAISED') is not null
order by raised_at desc limit %(limit)s
"""


def open_alarms(*, sensor_id: int | None = None) -> list[OpenAlarm]:
    """Active alarms and returned ones nobody has seen; the severe and new ones first."""
    rows = Alarm.objects.open().select_related("sensor__fixture")
    if sensor_id is not None:
        rows = rows.filter(sensor_id=sensor_id)
    listed = list(rows)
    active = {(row.sensor_id, row.kind) for row in listed if row.state != State.LATCHED}
    # A value beyond its alarm limit is beyond its warning too: one line says it.
    found = [
        _open(row)
        for row in listed
        if (row.sensor_id, row.kind.removesuffix("_WARN")) not in active or not row.kind.endswith("_WARN")
    ]
    return sorted(found, key=lambda a: (not a.active, not a.severe, a.acknowledged, -a.since.timestamp()))


def episodes(*, sensor_id: int | None = None, limit: int = 50) -> list[Episode]:
    """The newest alarms with their end, peak and who acknowledged them."""
    with connection.cursor() as cursor:
        cursor.execute(_EPISODES, {"sensor": sensor_id, "limit": limit})
        return [_episode(*row) for row in cursor.fetchall()]


def _open(row: Alarm) -> OpenAlarm:
    sensor = row.sensor
    severe = row.kind in ("HIGH", "LOW")
    limits = {
        "HIGH": sensor.alarm_high,
        "HIGH_WARN": sensor.warn_high,
        "LOW": sensor.alarm_low,
        "LOW_WARN": sensor.warn_low,
    }
    active = row.state != State.LATCHED
    since = row.raised_at or row.changed_at
    assert since is not None  # noqa: S101 - an open alarm was raised
    return OpenAlarm(
        id=row.pk,
        sensor_id=sensor.pk,
        sensor=sensor.name,
        fixture=sensor.fixture.name if sensor.fixture else "",
        words=WORDS[row.kind],
        severe=severe,
        active=active,
        acknowledged=row.state == State.ACTIVE_ACK,
        since=since,
        peak=row.peak,
        threshold=limits.get(row.kind),
        unit=sensor.unit,
        holds=severe and active and sensor.holds_products and sensor.fixture is not None,
    )


def _episode(  # noqa: PLR0917 - the columns of the query
    episode: UUID,
    sensor_id: int,
    sensor: str,
    unit: str,
    kind: str,
    raised_at: datetime,
    ended_at: datetime | None,
    peak: float | None,
    seen_by: str | None,
    comment: str,
) -> Episode:
    return Episode(
        episode=episode,
        sensor_id=sensor_id,
        sensor=sensor,
        words=WORDS[kind],
        severe=kind in ("HIGH", "LOW"),
        raised_at=raised_at,
        ended_at=ended_at,
        seconds=int((ended_at - raised_at).total_seconds()) if ended_at else None,
        peak=peak,
        unit=unit,
        seen_by=seen_by or "",
        comment=comment,
    )

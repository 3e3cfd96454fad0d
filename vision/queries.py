"""What the camera pages show, across rows; every value says when it is not known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from store.models import Device
from vision.domain.minutes import Slot, fold, site_occupancy
from vision.models import Camera, EdgeBox, HeatCell, QueueAlert, Scope, TillState

BOX_SILENT_AFTER = timedelta(seconds=30)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SUPPRESS_BELOW = 3
HEAT_LEVELS = 5
# Reasons edge boxes give; an unknown one is shown as it came.
REASONS = {"silent": _("silent"), "no picture": _("no picture")}


@dataclass(frozen=True, slots=True)
class Day:
    """A local day as a half-open stretch of time, and the present in it."""

    starts_at: datetime
    ends_at: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class ScopeNow:
    """A zone or line of a camera with what is known now; `count` None is unknown."""

    scope: Scope
    count: int | None


@dataclass(frozen=True, slots=True)
class CameraNow:
    """A camera tile."""

    camera: Camera
    state: str
    kind: str
    reason: str | Promise
    box_online: bool
    waiting: int
    scopes: tuple[ScopeNow, ...]
    coverage_percent: int | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The figures on top of the page; None where nothing was observed."""

    inside: int | None
    came_in: int | None
    came_in_yesterday: int | None
    queue: int | None
    open_tills: int
    tills: int


@dataclass(frozen=True, slots=True)
class Dwell:
    """Visits to a zone today: `mean_s` over all, `median_s` and `p90_s` over single visits still kept."""

    scope: Scope
    visits: int
    mean_s: float | None
    median_s: float | None
    p90_s: float | None
    peak: int | None


@dataclass(frozen=True, slots=True)
class Footfall:
    """People coming in, today beside yesterday; slots of the future have no value."""

    by: str
    today: tuple[Slot, ...]
    yesterday: tuple[Slot, ...]


def day_of(now: datetime, zone: str, back: int = 0) -> Day:
    """Return the local day that `now` lies in, or one `back` days earlier."""
    tz = ZoneInfo(zone)
    today: date = now.astimezone(tz).date() - timedelta(days=back)
    start = datetime(today.year, today.month, today.day, tzinfo=tz)
    tomorrow = today + timedelta(days=1)
    end = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=tz)
    return Day(start, end, now)


def cameras(now: datetime) -> list[CameraNow]:
    """Return every camera with its zones, its box and how much of the last hour it saw (four statements)."""
    rows = Camera.objects.select_related("device").prefetch_related("scopes")
    boxes = {box.pk: box for box in EdgeBox.objects.all()}
    coverage = _coverage(now)
    return [_camera_now(camera, boxes.get(camera.device_id), coverage.get(camera.pk), now) for camera in rows]


def _camera_now(camera: Camera, box: EdgeBox | None, coverage: int | None, now: datetime) -> CameraNow:
    known = camera.state_expires_at is not None and camera.state_expires_at > now
    state = camera.state if known else Camera.State.UNKNOWN
    kinds = {"UP": "ok", "DOWN": "danger", "UNKNOWN": "muted"}
    return CameraNow(
        camera=camera,
        state=state,
        kind=kinds[state],
        reason=REASONS.get(camera.state_reason, camera.state_reason),
        box_online=_is_there(box, now),
        waiting=box.waiting if box else 0,
        scopes=tuple(ScopeNow(scope, scope.count_now(now)) for scope in camera.scopes.all()),
        coverage_percent=coverage,
    )


def _is_there(box: EdgeBox | None, now: datetime) -> bool:
    """A box that fell silent is not there, whether or not the sweep has noted it yet."""
    return (
        box is not None and box.is_online and box.seen_at is not None and box.seen_at > now - BOX_SILENT_AFTER
    )


_COVERAGE = """
select s.camera_id, sum(best.seconds) / (count(distinct best.scope_id) * 3600)
from (select scope_id, bucket, max(coverage_s) as seconds from vision_minutecount
      where bucket >= %s and bucket < %s group by scope_id, bucket) best
join vision_scope s on s.id = best.scope_id
group by s.camera_id
"""


def _coverage(now: datetime) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_COVERAGE, [now - HOUR, now])
        return {camera: min(100, round(share * 100)) for camera, share in cursor.fetchall()}


_ENTRANCES = """
select m.bucket, sum(m.value) filter (where m.metric = 'in'), sum(m.value) filter (where m.metric = 'out'),
       sum(m.coverage_s) filter (where m.metric = 'in') / greatest(1, (
           select count(*) from vision_scope where is_entrance))
from vision_minutecount m join vision_scope s on s.id = m.scope_id
where s.is_entrance and m.bucket >= %s and m.bucket < %s and m.metric in ('in', 'out')
group by m.bucket order by m.bucket
"""


def _entrance_minutes(starts_at: datetime, ends_at: datetime) -> list[tuple[datetime, float, float, float]]:
    with connection.cursor() as cursor:
        cursor.execute(_ENTRANCES, [starts_at, ends_at])
        return [(at, ins or 0.0, outs or 0.0, covered or 0.0) for at, ins, outs, covered in cursor.fetchall()]


def overview(*, now: datetime, zone: str) -> Overview:
    """Return the figures on top (five statements)."""
    today, yesterday = day_of(now, zone), day_of(now, zone, back=1)
    minutes = _entrance_minutes(today.starts_at, today.ends_at)
    until = yesterday.starts_at + (now - today.starts_at)
    before = _entrance_minutes(yesterday.starts_at, min(until, yesterday.ends_at))
    queues = [scope.count_now(now) for scope in Scope.objects.filter(kind=Scope.Kind.QUEUE)]
    known = [count for count in queues if count is not None]
    return Overview(
        inside=site_occupancy((int(ins), int(outs)) for _, ins, outs, _ in minutes) if minutes else None,
        came_in=int(sum(row[1] for row in minutes)) if minutes else None,
        came_in_yesterday=int(sum(row[1] for row in before)) if before else None,
        queue=sum(known) if known else None,
        open_tills=TillState.objects.filter(is_open=True).count(),
        tills=Device.objects.filter(kind=Device.Kind.TILL, revoked_at__isnull=True).count(),
    )


def footfall(*, now: datetime, zone: str, by: str) -> Footfall:
    """Return who came in, by hour of the day or by minute of the last two hours (two statements)."""
    today, yesterday = day_of(now, zone), day_of(now, zone, back=1)
    if by == "minute":
        start = max(today.starts_at, (now - 2 * HOUR).replace(second=0, microsecond=0))
        length, slots = MINUTE, int((now - start) / MINUTE) + 1
    else:
        start, length = today.starts_at, HOUR
        slots = round((today.ends_at - today.starts_at) / HOUR)
    earlier = yesterday.starts_at + (start - today.starts_at)
    return Footfall(by, _slots(start, slots, length), _slots(earlier, slots, length))


def _slots(start: datetime, slots: int, length: timedelta) -> tuple[Slot, ...]:
    minutes = {at: (ins, covered) for at, ins, _, covered in _entrance_minutes(start, start + slots * length)}
    return tuple(fold(minutes, start, slots, length))


_QUEUE = """
select date_bin('10 minutes', m.bucket, %s) as slot, max(m.value)
from vision_minutecount m join vision_scope s on s.id = m.scope_id
where s.kind = 'QUEUE' and m.metric = 'occupancy_peak' and m.bucket >= %s and m.bucket < %s
group by slot order by slot
"""


def queue_peaks(*, now: datetime, zone: str) -> list[tuple[datetime, float | None]]:
    """Return the longest queue of each ten minutes of today so far; None where nothing was seen."""
    day, step = day_of(now, zone), 10 * MINUTE
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE, [day.starts_at, day.starts_at, day.ends_at])
        found = dict(cursor.fetchall())
    count = int((now - day.starts_at) / step) + 1
    return [(at, found.get(at)) for at in (day.starts_at + number * step for number in range(count))]


_DWELL_MINUTES = """
select m.scope_id, sum(m.value) filter (where m.metric = 'dwell_n'),
       sum(m.value * n.value) filter (where m.metric = 'dwell_mean_s'),
       max(m.value) filter (where m.metric = 'occupancy_peak')
from vision_minutecount m
left join vision_minutecount n on n.scope_id = m.scope_id and n.bucket = m.bucket
     and n.device_id = m.device_id and n.metric = 'dwell_n' and m.metric = 'dwell_mean_s'
where m.bucket >= %s and m.bucket < %s and m.metric in ('dwell_n', 'dwell_mean_s', 'occupancy_peak')
group by m.scope_id
"""
_DWELL_EVENTS = """
select scope_id, percentile_cont(0.5) within group (order by dwell_s),
       percentile_disc(0.9) within group (order by dwell_s)
from vision_visionevent where dwell_s is not null and at >= %s and at < %s group by scope_id
"""


def dwell(*, now: datetime, zone: str) -> list[Dwell]:
    """Return today's visits of every zone (three statements)."""
    day = day_of(now, zone)
    with connection.cursor() as cursor:
        cursor.execute(_DWELL_MINUTES, [day.starts_at, day.ends_at])
        minutes = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(_DWELL_EVENTS, [day.starts_at, day.ends_at])
        singles = {row[0]: row[1:] for row in cursor.fetchall()}
    zones = Scope.objects.exclude(kind=Scope.Kind.LINE).select_related("camera")
    found = []
    for scope in zones:
        visits, seconds, peak = minutes.get(scope.pk, (None, None, None))
        median, p90 = singles.get(scope.pk, (None, None))
        mean = seconds / visits if visits and seconds else None
        found.append(Dwell(scope, int(visits or 0), mean, median, p90, None if peak is None else int(peak)))
    return found


@dataclass(frozen=True, slots=True)
class Heat:
    """A cell of the heat map in the camera's 32×18 grid; level 1..5."""

    camera_id: int
    column: int
    row: int
    level: int


def heat(*, now: datetime, grid_x: int = 32) -> list[Heat]:
    """Return where people stood in the last two hours; cells with fewer than three sights are left out."""
    cells: dict[tuple[int, int], int] = {}
    for camera, cell, hits in HeatCell.objects.filter(hour__gt=now - 2 * HOUR).values_list(
        "camera_id", "cell", "hits"
    ):
        cells[camera, cell] = cells.get((camera, cell), 0) + hits
    kept = {key: hits for key, hits in cells.items() if hits >= SUPPRESS_BELOW}
    most: dict[int, int] = {}
    for (camera, _cell), hits in kept.items():
        most[camera] = max(most.get(camera, 0), hits)
    return [
        Heat(camera, cell % grid_x, cell // grid_x, 1 + (HEAT_LEVELS - 1) * hits // most[camera])
        for (camera, cell), hits in sorted(kept.items())
    ]


def open_alerts() -> list[QueueAlert]:
    """Return the calls that stand, oldest first."""
    return list(QueueAlert.objects.open().select_related("scope__camera").order_by("raised_at"))


def recent_alerts(limit: int = 10) -> list[QueueAlert]:
    """Return the latest calls that are over."""
    over = QueueAlert.objects.filter(cleared_at__isnull=False).select_related("scope__camera")
    return list(over.order_by("-raised_at")[:limit])


_EXPORT = """
select m.bucket, c.code, s.code, m.metric, m.value, m.coverage_s
from vision_minutecount m join vision_scope s on s.id = m.scope_id join vision_camera c on c.id = s.camera_id
where m.bucket >= %s and m.bucket < %s order by m.bucket, c.code, s.code, m.metric
"""


def export_rows(*, starts_at: datetime, ends_at: datetime) -> Iterator[tuple[object, ...]]:
    """Yield the minutes of a stretch of time for a file."""
    with connection.cursor() as cursor:
        cursor.execute(_EXPORT, [starts_at, ends_at])
        while rows := cursor.fetchmany(2000):
            yield from rows

"""The demo store's cameras and a believable day and a half of counts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext_noop as _

from store.models import Device, Site
from vision.domain.geometry import Point
from vision.edge.layout import CAMERAS, DEVICE
from vision.edge.shoppers import arrivals_per_minute
from vision.models import Camera, HeatCell, MinuteCount, QueueAlert, Scope
from vision.services.ingest import GRID_X, GRID_Y

HISTORY = timedelta(hours=48)
MINUTE = timedelta(minutes=1)
NAMES = {
    "camera-entrance": (_("Entrance"), 30, 300, 420, 270),
    "camera-tills": (_("Tills"), 540, 300, 420, 270),
}
SCOPES: dict[str, tuple[str, dict[str, Any]]] = {
    "door": (_("Main door"), {"is_entrance": True}),
    "promo": (_("In front of the entrance display"), {}),
    "queue": (
        _("Queue at the tills"),
        {"people_per_till": 3, "enter_after_s": 8, "leave_after_s": 10, "cool_down_s": 30},
    ),
}

_INSERT = """
insert into vision_minutecount (scope_id, metric, bucket, device_id, value, coverage_s, seq)
select * from unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::bigint[], %s::float8[], %s::float8[],
                     %s::bigint[])
on conflict do nothing
"""


def seed(*, now: datetime, rng: Random) -> None:
    """Create the cameras with their lines and zones and fill what history is missing."""
    device = _device(now)
    scopes = _cameras(device)
    if MinuteCount.objects.exists():
        return
    end = now.replace(second=0, microsecond=0)
    zone = Site.objects.current().timezone
    rows = list(_history(scopes=scopes, device=device, start=end - HISTORY, end=end, zone=zone, rng=rng))
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [list(column) for column in zip(*rows, strict=True)])
    _heat(end, rng)
    _past_alerts(scopes["queue"], end, rng)


def _device(now: datetime) -> Device:
    device, _created = Device.objects.get_or_create(
        code=DEVICE, defaults={"kind": Device.Kind.EDGE, "name": _("Camera box"), "enrolled_at": now}
    )
    return device


def _cameras(device: Device) -> dict[str, Scope]:
    found = {}
    for order, view in enumerate(CAMERAS, start=1):
        name, x, y, width, height = NAMES[view.code]
        place = {"plan_x": x, "plan_y": y, "plan_width": width, "plan_height": height}
        camera, _created = Camera.objects.get_or_create(
            code=view.code, defaults={"name": name, "device": device, "sort_order": order, **place}
        )
        shapes: list[tuple[str, str, tuple[Point, ...]]] = [
            (line.code, "LINE", (line.segment.a, line.segment.b)) for line in view.lines
        ]
        shapes += [(zone.code, zone.kind, zone.polygon) for zone in view.zones]
        for code, kind, points in shapes:
            title, more = SCOPES[code]
            shape = [[point.x, point.y] for point in points]
            found[code], _created = Scope.objects.get_or_create(
                camera=camera, code=code, defaults={"name": title, "kind": kind, "shape": shape, **more}
            )
    return found


def _poisson(rate: float, rng: Random) -> int:
    limit, product, count = math.exp(-rate), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def _history(
    *, scopes: dict[str, Scope], device: Device, start: datetime, end: datetime, zone: str, rng: Random
) -> Iterator[tuple[object, ...]]:
    """Yield minutes: people come by the daily curve and leave some minutes later; one hour was not seen."""
    tz, inside, leaving = ZoneInfo(zone), 0, dict[datetime, int]()
    blind_from = start + timedelta(hours=rng.randrange(5, 9), minutes=17)
    at = start
    while at < end:
        local = at.astimezone(tz)
        came = _poisson(arrivals_per_minute(local.hour + local.minute / 60), rng)
        for _shopper in range(came):
            due = at + MINUTE * rng.randrange(4, 26)
            leaving[due] = leaving.get(due, 0) + 1
        left = min(inside + came, leaving.pop(at, 0))
        inside += came - left
        if not blind_from <= at < blind_from + timedelta(minutes=25):
            yield from _minute(scopes=scopes, device=device, at=at, came=came, left=left, rng=rng)
        at += MINUTE


def _minute(
    *, scopes: dict[str, Scope], device: Device, at: datetime, came: int, left: int, rng: Random
) -> Iterator[tuple[object, ...]]:
    covered = 60.0 if rng.random() < 0.97 else round(rng.uniform(30, 59), 1)
    queue = max(0, round(left * rng.uniform(0.3, 0.9) + rng.uniform(-0.6, 0.4)))
    stopped = sum(rng.random() < 0.3 for _shopper in range(came))
    values: list[tuple[str, str, float]] = [("door", "in", came), ("door", "out", left)]
    for code, people, longest in (("queue", queue, 240.0), ("promo", stopped, 25.0)):
        values += [(code, "occupancy_peak", people), (code, "entered", people), (code, "left", people)]
        values.append((code, "occupancy_mean", round(people * rng.uniform(0.3, 0.8), 3)))
        if people:
            dwell = round(rng.uniform(longest / 8, longest), 2)
            values += [(code, "dwell_n", people), (code, "dwell_mean_s", dwell)]
            values += [(code, "dwell_median_s", dwell), (code, "dwell_p90_s", round(dwell * 1.4, 2))]
    for code, metric, value in values:
        yield scopes[code].pk, metric, at, device.pk, float(value), covered, 0


def _heat(end: datetime, rng: Random) -> None:
    hour = end.replace(minute=0)
    centres = {"camera-entrance": ((0.5, 0.62), (0.79, 0.27)), "camera-tills": ((0.35, 0.53), (0.68, 0.53))}
    cells = []
    for camera in Camera.objects.all():
        for cell in range(GRID_X * GRID_Y):
            x, y = (cell % GRID_X + 0.5) / GRID_X, (cell // GRID_X + 0.5) / GRID_Y
            near = max(
                math.exp(-(((x - cx) ** 2) / 0.02 + ((y - cy) ** 2) / 0.01))
                for cx, cy in centres[camera.code]
            )
            hits = int(near * 60 * rng.uniform(0.7, 1.2))
            if hits:
                cells.append(HeatCell(camera=camera, hour=hour, cell=cell, hits=hits))
    HeatCell.objects.bulk_create(cells, ignore_conflicts=True)


def _past_alerts(queue: Scope, end: datetime, rng: Random) -> None:
    for hours in (3, 21, 26):
        raised = end - timedelta(hours=hours, minutes=rng.randrange(50))
        lasted = timedelta(minutes=rng.randrange(3, 9))
        length = rng.randrange(4, 8)
        QueueAlert.objects.create(
            scope=queue,
            raised_at=raised,
            length=length,
            peak=length + rng.randrange(3),
            open_tills=1,
            tills_suggested=1,
            acknowledged_at=raised + timedelta(seconds=rng.randrange(20, 80)),
            acknowledged_by="Till 2",
            cleared_at=raised + lasted,
            clear_reason=QueueAlert.Reason.TILLS_OPENED if hours != 21 else QueueAlert.Reason.SHORT,
        )

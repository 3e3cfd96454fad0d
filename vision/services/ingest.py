"""Storing what edge boxes said: one transaction and a fixed number of statements per batch.

Duplicates and disorder change nothing: events and detections are known by their ULID, minutes by
(scope, metric, minute, device) with the highest sequence number winning, states by their time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from store import live
from store.models import Device, Site
from store.services import quarantine
from vision.domain.envelope import (
    NONE,
    Detections,
    Envelope,
    EnvelopeError,
    Happening,
    Minute,
    parse,
    parse_topic,
)
from vision.domain.minutes import LINE_METRICS
from vision.models import Camera, Scope
from vision.services import states
from vision.services.states import Placed

CHANNEL = "vision"
SEEN_EVERY = timedelta(seconds=10)
GRID_X, GRID_Y = 32, 18


@dataclass(frozen=True, slots=True)
class Raw:
    """A message as it came."""

    topic: str
    payload: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch: new and superseding records, and messages put aside."""

    records: int
    aside: int


_EVENTS = """
insert into vision_visionevent
    (id, device_id, scope_id, kind, direction, count, dwell_s, seq, at, received_at)
select * from unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::int[], %s::float8[],
                     %s::bigint[], %s::timestamptz[], %s::timestamptz[])
on conflict (id) do nothing
"""

_MINUTES = """
insert into vision_minutecount as m (scope_id, metric, bucket, device_id, value, coverage_s, seq)
select * from unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::bigint[], %s::float8[], %s::float8[],
                     %s::bigint[])
on conflict (scope_id, metric, bucket, device_id)
do update set value = excluded.value, coverage_s = excluded.coverage_s, seq = excluded.seq
where excluded.seq > m.seq
"""

_DETECTIONS = """
insert into vision_detectionsample (id, camera_id, at, count)
select * from unnest(%s::text[], %s::bigint[], %s::timestamptz[], %s::int[])
on conflict (id) do nothing
returning id
"""

_HEAT = """
insert into vision_heatcell as h (camera_id, hour, cell, hits)
select * from unnest(%s::bigint[], %s::timestamptz[], %s::int[], %s::int[])
on conflict (camera_id, hour, cell) do update set hits = h.hits + excluded.hits
"""


def store_batch(*, messages: Sequence[Raw], now: datetime) -> Stored:
    """Store a batch of messages; unusable ones are put aside with their reason.

    Commits all or nothing. Raises DatabaseError only when the database itself fails.
    """
    checked, refused = _check(messages)
    with transaction.atomic():
        placed, homeless = _place(checked)
        refused += homeless
        records = _store_events(placed, now) + _store_minutes(placed) + _store_detections(placed)
        states.take(messages=placed, now=now)
        _mark_seen({message.device.pk for message in placed}, now)
        _put_aside(refused, now)
        if placed:
            live.nudge("cameras")
    return Stored(records=records, aside=len(refused))


def _check(messages: Iterable[Raw]) -> tuple[list[tuple[Raw, Envelope]], list[tuple[Raw, str]]]:
    checked, refused = [], []
    for raw in messages:
        try:
            checked.append((raw, parse(raw.topic, raw.payload, raw.received_at)))
        except EnvelopeError as error:
            refused.append((raw, str(error)))
    return checked, refused


def _place(checked: list[tuple[Raw, Envelope]]) -> tuple[list[Placed], list[tuple[Raw, str]]]:
    """Find the device, camera and scope of each message (three statements)."""
    if not checked:
        return [], []
    site = Site.objects.current().code
    devices = {device.code: device for device in Device.objects.filter(kind=Device.Kind.EDGE)}
    cameras = {camera.code: camera for camera in Camera.objects.all()}
    scopes = {(scope.camera_id, scope.code): scope for scope in Scope.objects.all()}
    placed, refused = [], []
    for raw, envelope in checked:
        device, camera = devices.get(envelope.device), cameras.get(envelope.camera)
        scope = scopes.get((camera.pk, envelope.scope)) if camera else None
        found = Placed(envelope, device, camera, scope) if device else None
        reason = _stranger(site, raw, envelope, found)
        if reason or found is None:
            refused.append((raw, reason or f"unknown_device: {envelope.device}"))
        else:
            placed.append(found)
    return placed, refused


def _stranger(site: str, raw: Raw, envelope: Envelope, found: Placed | None) -> str:
    """Return why a well-formed message has no place here, or nothing."""
    if parse_topic(raw.topic).site != site:
        return "unknown_site: not this store"
    if found is None:
        return f"unknown_device: {envelope.device}"
    if found.device.revoked_at is not None:
        return f"revoked_device: {envelope.device}"
    if envelope.camera != NONE and (found.camera is None or found.camera.device_id != found.device.pk):
        return f"unknown_camera: {envelope.camera} of {envelope.device}"
    if envelope.scope != NONE and found.scope is None:
        return f"unknown_scope: {envelope.scope} of {envelope.camera}"
    return _wrong_kind(envelope, found)


def _wrong_kind(envelope: Envelope, found: Placed) -> str:
    body = envelope.body
    if isinstance(body, Minute):
        if found.scope is None:
            return "wrong_scope: a minute belongs to a line or zone"
        of_line = set(body.metrics) <= set(LINE_METRICS)
        if of_line != (found.scope.kind == Scope.Kind.LINE):
            return f"wrong_scope: these metrics do not fit {found.scope.kind}"
    if isinstance(body, Happening) and found.camera is None:
        return "wrong_scope: an event belongs to a camera"
    if isinstance(body, Detections) and found.camera is None:
        return "wrong_scope: detections belong to a camera"
    return ""


def _store_events(placed: list[Placed], now: datetime) -> int:
    rows = [
        (
            message.envelope.id,
            message.device.pk,
            message.scope.pk if message.scope else None,
            body.kind,
            body.direction or "",
            body.count,
            body.dwell_s,
            message.envelope.seq,
            message.envelope.at,
            now,
        )
        for message in placed
        if isinstance(body := message.envelope.body, Happening)
    ]
    return _insert(_EVENTS, rows)


def _store_minutes(placed: list[Placed]) -> int:
    newest: dict[tuple[int, str, datetime, int], tuple[float, float, int]] = {}
    for message in placed:
        body, seq = message.envelope.body, message.envelope.seq
        if not isinstance(body, Minute) or message.scope is None:
            continue
        for metric, value in body.metrics.items():
            key = (message.scope.pk, metric, body.bucket, message.device.pk)
            if key not in newest or newest[key][2] < seq:
                newest[key] = (value, body.coverage_s, seq)
    return _insert(_MINUTES, [(*key, *newest[key]) for key in sorted(newest)])


def _store_detections(placed: list[Placed]) -> int:
    samples = {
        message.envelope.id: (message.camera.pk, message.envelope.at, body)
        for message in placed
        if isinstance(body := message.envelope.body, Detections) and message.camera is not None
    }
    if not samples:
        return 0
    rows = [(key, camera, at, body.count) for key, (camera, at, body) in sorted(samples.items())]
    with connection.cursor() as cursor:
        cursor.execute(_DETECTIONS, [list(column) for column in zip(*rows, strict=True)])
        fresh = [row[0] for row in cursor.fetchall()]
    heat: Counter[tuple[int, datetime, int]] = Counter()
    for key in fresh:
        camera, at, body = samples[key]
        hour = at.replace(minute=0, second=0, microsecond=0)
        for x, y in body.points:
            heat[camera, hour, _cell(x, y)] += 1
    _insert(_HEAT, [(*key, heat[key]) for key in sorted(heat)])
    return len(fresh)


def _cell(x: float, y: float) -> int:
    return min(GRID_Y - 1, int(y * GRID_Y)) * GRID_X + min(GRID_X - 1, int(x * GRID_X))


def _insert(statement: str, rows: Sequence[tuple[object, ...]]) -> int:
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])
        return int(cursor.rowcount)


def _mark_seen(devices: set[int], now: datetime) -> None:
    Device.objects.filter(pk__in=devices).exclude(last_seen_at__gt=now - SEEN_EVERY).update(last_seen_at=now)


def _put_aside(refused: list[tuple[Raw, str]], now: datetime) -> None:
    counted = Counter((raw.topic, raw.payload, reason) for raw, reason in refused)
    for (topic, payload, reason), count in counted.items():
        quarantine.put_aside(
            channel=CHANNEL, topic=topic, payload=payload, reason=reason, count=count, now=now
        )

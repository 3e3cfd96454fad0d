"""The present: cameras up or down, people in zones, boxes online. Everything here runs out by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from store import live, outbox
from store.events.base import Event
from store.events.vision import AudienceChanged, CameraStateChanged, QueueLengthChanged
from store.models import Device
from vision.domain.envelope import CameraState, DeviceState, Envelope, Heartbeat, ZoneState
from vision.models import Camera, EdgeBox, Scope
from vision.services import queues

REPEAT_BEFORE_END = timedelta(seconds=15)
BOX_SILENT_AFTER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Placed:
    """A checked message and the rows it belongs to; `scope` None where it speaks of a camera or box."""

    envelope: Envelope
    device: Device
    camera: Camera | None
    scope: Scope | None


def take(*, messages: list[Placed], now: datetime) -> None:
    """Take the states of a batch, publish what changed, and judge the queues that were seen."""
    _take_boxes(messages, now)
    facts = [*_take_cameras(messages, now), *_take_counts(messages, now)]
    outbox.publish(*facts, now=now)
    seen = {message.scope.pk for message in messages if message.scope and message.scope.kind == "QUEUE"}
    if seen:
        queues.judge_queues(now=now, scopes=seen)


def sweep(*, now: datetime) -> None:
    """Turn what ran out into unknown: cameras, boxes, and queues nobody sees any more."""
    with transaction.atomic():
        gone = list(
            Camera.objects.select_for_update(of=("self",))
            .select_related("device")
            .filter(state_expires_at__lte=now)
            .exclude(state=Camera.State.UNKNOWN)
            .order_by("pk")
        )
        for camera in gone:
            camera.state, camera.state_reason, camera.changed_at = Camera.State.UNKNOWN, "silent", now
            camera.fps = 0
        Camera.objects.bulk_update(gone, ["state", "state_reason", "changed_at", "fps"])
        silent = EdgeBox.objects.filter(is_online=True, seen_at__lte=now - BOX_SILENT_AFTER).update(
            is_online=False, changed_at=now
        )
        outbox.publish(*[_camera_fact(camera, now) for camera in gone], now=now)
        if gone or silent:
            live.nudge("cameras")
        queues.judge_queues(now=now)


def _newest(messages: Iterable[tuple[int, Placed]]) -> dict[int, Placed]:
    """Return the message with the latest time of each row, in the order of the rows."""
    newest: dict[int, Placed] = {}
    for key, message in messages:
        if key not in newest or newest[key].envelope.at <= message.envelope.at:
            newest[key] = message
    return dict(sorted(newest.items()))


def _take_cameras(messages: list[Placed], now: datetime) -> list[Event]:
    newest = _newest(
        (message.camera.pk, message)
        for message in messages
        if message.camera and isinstance(message.envelope.body, CameraState)
    )
    rows = Camera.objects.select_for_update(of=("self",)).select_related("device").filter(pk__in=newest)
    cameras = list(rows.order_by("pk")) if newest else []
    facts: list[Event] = []
    for camera in cameras:
        message = newest[camera.pk].envelope
        body = message.body
        outdated = camera.state_at is not None and message.at < camera.state_at and not _over(camera, now)
        if not isinstance(body, CameraState) or outdated:
            continue
        before = camera.state
        camera.state = body.state.upper() if body.expires_at > now else Camera.State.UNKNOWN
        camera.state_reason, camera.fps = body.reason, body.fps
        camera.state_at, camera.state_expires_at = message.at, body.expires_at
        if camera.state != before:
            camera.changed_at = now
            facts.append(_camera_fact(camera, now))
    fields = ["state", "state_reason", "fps", "state_at", "state_expires_at", "changed_at"]
    Camera.objects.bulk_update(cameras, fields)
    return facts


def _over(camera: Camera, now: datetime) -> bool:
    return camera.state_expires_at is None or camera.state_expires_at <= now


def _camera_fact(camera: Camera, now: datetime) -> CameraStateChanged:
    return CameraStateChanged(
        camera=camera.code,
        edge_device=camera.device.code,
        state=camera.state,
        reason=camera.state_reason,
        changed_at=now,
    )


def _take_counts(messages: list[Placed], now: datetime) -> list[Event]:
    newest = _newest(
        (message.scope.pk, message)
        for message in messages
        if message.scope and isinstance(message.envelope.body, ZoneState)
    )
    rows = Scope.objects.select_for_update(of=("self",)).select_related("camera").filter(pk__in=newest)
    scopes = list(rows.order_by("pk")) if newest else []
    facts: list[Event] = []
    for scope in scopes:
        message = newest[scope.pk].envelope
        body, before = message.body, scope.count_now(now)
        outdated = scope.counted_at is not None and message.at < scope.counted_at and before is not None
        if not isinstance(body, ZoneState) or outdated:
            continue
        scope.count, scope.counted_at, scope.count_expires_at = body.count, message.at, body.expires_at
        fact = _count_fact(scope, body)
        running_out = scope.announced_until is None or scope.announced_until < now + REPEAT_BEFORE_END
        if fact and body.expires_at > now and (before != body.count or running_out):
            scope.announced_until = body.expires_at
            facts.append(fact)
    Scope.objects.bulk_update(scopes, ["count", "counted_at", "count_expires_at", "announced_until"])
    return facts


def _count_fact(scope: Scope, body: ZoneState) -> Event | None:
    if scope.counted_at is None:
        return None
    if scope.kind == Scope.Kind.QUEUE:
        return QueueLengthChanged(
            camera=scope.camera.code,
            zone=scope.code,
            length=body.count,
            observed_at=scope.counted_at,
            expires_at=body.expires_at,
        )
    if scope.kind == Scope.Kind.AUDIENCE:
        return AudienceChanged(
            camera=scope.camera.code,
            zone=scope.code,
            count=body.count,
            observed_at=scope.counted_at,
            expires_at=body.expires_at,
        )
    return None


def _take_boxes(messages: list[Placed], now: datetime) -> None:
    """Note which boxes are there. A last will counts only for the connection it was made for."""
    spoke = {
        message.device.pk
        for message in messages
        if isinstance(message.envelope.body, (DeviceState, Heartbeat, CameraState, ZoneState))
    }
    if not spoke:
        return
    EdgeBox.objects.bulk_create([EdgeBox(device_id=pk) for pk in sorted(spoke)], ignore_conflicts=True)
    boxes = {box.pk: box for box in EdgeBox.objects.select_for_update().filter(pk__in=spoke).order_by("pk")}
    for message in messages:
        box = boxes.get(message.device.pk)
        if box is not None:
            _take_box(box, message.envelope, now)
    fields = ["is_online", "session", "version", "waiting", "seen_at", "changed_at"]
    EdgeBox.objects.bulk_update(boxes.values(), fields)


def _take_box(box: EdgeBox, message: Envelope, now: datetime) -> None:
    body, before = message.body, box.is_online
    if isinstance(body, DeviceState):
        if body.state == "offline" and body.session == box.session:
            box.is_online = False
        elif body.state == "online" and body.session >= box.session:
            box.is_online, box.session, box.version = True, body.session, body.version
    elif isinstance(body, Heartbeat) and body.session >= box.session and message.at > now - BOX_SILENT_AFTER:
        box.is_online, box.session, box.waiting = True, body.session, body.waiting
    if message.at > now - BOX_SILENT_AFTER:
        box.seen_at = now
    if box.is_online != before:
        box.changed_at = now

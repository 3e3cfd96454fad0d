"""From tracks to messages: runs the counting rules of one camera view and says what to tell the store.

Nothing here knows of a network, a clock or a database: `step` takes what was seen and the time, and
returns messages. `at` is the camera's time; its minutes are UTC minutes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from vision.domain.counting import LineCounter, Observation, ZoneCounter, ZoneEvent
from vision.domain.geometry import Point
from vision.domain.minutes import LineMinute, ZoneMinute, bucket_of
from vision.edge.layout import CameraView

CONFIRM_AFTER = 3
TRACK_LOST_AFTER = 2.0
REPORT_EVERY = timedelta(seconds=10)
DETECTIONS_EVERY = timedelta(seconds=2)
STATE_EVERY = timedelta(seconds=10)
STATE_LIVES = timedelta(seconds=30)
LONGEST_STEP = 2.0


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell: durable ones go through the spool, others only while there is a link.

    `slot` names a message that a later one of the same slot replaces.
    """

    type: str
    camera: str
    scope: str
    body: dict[str, Any]
    durable: bool = False
    retained: bool = False
    slot: str | None = None


@dataclass(slots=True)
class _Track:
    sightings: int
    at: float


class Engine:
    """The counters of one camera view, its running minutes and what it last said."""

    def __init__(self, view: CameraView, *, fps: float) -> None:
        self.view = view
        self._fps = fps
        self._lines = {line.code: LineCounter(line.segment) for line in view.lines}
        self._zones = {zone.code: ZoneCounter(zone.polygon) for zone in view.zones}
        self._minutes: dict[str, LineMinute | ZoneMinute] = {}
        self._tracks: dict[int, _Track] = {}
        self._bucket: datetime | None = None
        self._stepped_at: datetime | None = None
        self._said: dict[str, tuple[datetime, object]] = {}

    def step(self, seen: Iterable[tuple[int, Point]], now: datetime) -> list[Message]:
        """Take one picture's people; return what there is to tell."""
        messages = list(self._roll(now))
        at = now.timestamp()
        points = []
        for track, foot in seen:
            points.append(foot)
            messages += self._observe(track, foot, at)
        messages += self._forget_lost(at)
        for code, zone in self._zones.items():
            for event in zone.advance(at):
                messages.append(self._zone_event(code, event))
        self._cover(now)
        return messages + list(self._periodic(now, points))

    def snapshot(self) -> str:
        """Return the running minutes as text, to go on with them after a restart."""
        minutes = {scope: asdict(minute) for scope, minute in self._minutes.items()}
        return json.dumps({"bucket": self._bucket and self._bucket.isoformat(), "minutes": minutes})

    def resume(self, text: str) -> None:
        """Take up running minutes of an earlier run (they are closed if their minute is over)."""
        kept = json.loads(text)
        if kept["bucket"] is None:
            return
        self._bucket = datetime.fromisoformat(kept["bucket"])
        for scope, values in kept["minutes"].items():
            if scope in self._lines:
                self._minutes[scope] = LineMinute(**values)
            elif scope in self._zones:
                self._minutes[scope] = ZoneMinute(**values)

    def down(self, now: datetime, reason: str) -> Message:
        """Return the news that the camera delivers no pictures any more."""
        return self._state("down", now, reason)

    def _observe(self, track: int, foot: Point, at: float) -> Iterator[Message]:
        known = self._tracks.setdefault(track, _Track(0, at))
        known.sightings += 1
        known.at = at
        seen = Observation(track, foot, at, confirmed=known.sightings >= CONFIRM_AFTER)
        for code, counter in self._lines.items():
            for crossed in counter.observe(seen):
                yield self._crossed(code, crossed.direction)
        for code, zone in self._zones.items():
            for event in zone.observe(seen):
                yield self._zone_event(code, event)

    def _forget_lost(self, at: float) -> Iterator[Message]:
        lost = [track for track, known in self._tracks.items() if at - known.at >= TRACK_LOST_AFTER]
        for track in lost:
            del self._tracks[track]
            for code, counter in self._lines.items():
                for crossed in counter.finish(track, at):
                    yield self._crossed(code, crossed.direction)

    def _crossed(self, code: str, direction: str) -> Message:
        minute = self._minutes.setdefault(code, LineMinute())
        if isinstance(minute, LineMinute):
            minute.ins += direction == "in"
            minute.outs += direction == "out"
        return self._happening(code, {"kind": "line_crossed", "direction": direction})

    def _zone_event(self, code: str, event: ZoneEvent) -> Message:
        minute = self._minutes.setdefault(code, ZoneMinute())
        body: dict[str, Any] = {"kind": f"zone_{event.kind}", "count": event.count}
        if isinstance(minute, ZoneMinute):
            minute.entered += event.kind == "entered"
            minute.left += event.kind == "left"
            if event.dwell is not None:
                minute.dwells.append(event.dwell)
                body["dwell_s"] = round(event.dwell, 2)
        return self._happening(code, body)

    def _happening(self, scope: str, body: dict[str, Any]) -> Message:
        return Message("event", self.view.code, scope, body, durable=True)

    def _cover(self, now: datetime) -> None:
        seconds = 0.0 if self._stepped_at is None else (now - self._stepped_at).total_seconds()
        self._stepped_at = now
        if not 0 < seconds <= LONGEST_STEP:
            return
        for code in self._lines:
            minute = self._minutes.setdefault(code, LineMinute())
            minute.coverage_s = min(60.0, minute.coverage_s + seconds)
        for code, zone in self._zones.items():
            watched = self._minutes.setdefault(code, ZoneMinute())
            if isinstance(watched, ZoneMinute):
                watched.watch(zone.count, min(seconds, 60.0 - watched.coverage_s))

    def _roll(self, now: datetime) -> Iterator[Message]:
        bucket = bucket_of(now)
        if self._bucket is not None and bucket != self._bucket:
            yield from self._report(self._bucket)
            self._minutes = {}
        self._bucket = bucket

    def _report(self, bucket: datetime) -> Iterator[Message]:
        for scope, minute in self._minutes.items():
            body = {
                "bucket": bucket.isoformat(),
                "coverage_s": round(minute.coverage_s, 2),
                "metrics": minute.metrics(),
            }
            slot = f"{self.view.code}/{scope}/{bucket.isoformat()}"
            yield Message("minute", self.view.code, scope, body, durable=True, slot=slot)

    def _periodic(self, now: datetime, points: list[Point]) -> Iterator[Message]:
        if self._bucket is not None and self._due("report", now, REPORT_EVERY, None):
            yield from self._report(self._bucket)
        if self._due("detections", now, DETECTIONS_EVERY, None):
            places = [[round(point.x, 3), round(point.y, 3)] for point in points]
            body = {"count": len(places), "points": places}
            yield Message("detections", self.view.code, "-", body)
        if self._due("camera", now, STATE_EVERY, "up"):
            yield self._state("up", now, "")
        for code, zone in self._zones.items():
            if self._due(code, now, STATE_EVERY, zone.count):
                expiry = (now + STATE_LIVES).isoformat()
                state = {"count": zone.count, "expires_at": expiry}
                yield Message("state", self.view.code, code, state, retained=True)

    def _due(self, name: str, now: datetime, every: timedelta, value: object) -> bool:
        said_at, said = self._said.get(name, (None, None))
        if said_at is not None and said == value and now - said_at < every:
            return False
        self._said[name] = (now, value)
        return True

    def _state(self, state: str, now: datetime, reason: str) -> Message:
        body = {
            "state": state,
            "fps": self._fps if state == "up" else 0,
            "reason": reason,
            "expires_at": (now + STATE_LIVES).isoformat(),
        }
        return Message("state", self.view.code, "-", body, retained=True)

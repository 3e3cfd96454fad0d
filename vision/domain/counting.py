"""Counting lines and zones over tracks: pure state machines fed with foot points.

Times are seconds of the medium (a live camera's clock, or the position in a file), never wall time.
A coasted observation is one the tracker guessed: it moves nothing, so a crossing hidden behind a shelf
is seen when the person is matched again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from vision.domain.geometry import Point, Segment, contains, crossing, distance


@dataclass(frozen=True, slots=True)
class Observation:
    """One track in one picture. `track` is random per run and means nothing later."""

    track: int
    foot: Point
    at: float
    confirmed: bool = True
    coasted: bool = False


@dataclass(frozen=True, slots=True)
class Crossing:
    """Somebody crossed a line: direction is `in` or `out`."""

    direction: str
    at: float


@dataclass(slots=True)
class _Walk:
    foot: Point
    confirmed: bool
    net: int = 0
    counted_at: float | None = None


@dataclass(slots=True)
class LineCounter:
    """Counts true crossings of one line.

    Hysteresis and debounce delay a crossing until the person has left the band around the line and
    `debounce` seconds have passed since the last one of the same track; what remains then is the net
    number of crossings. Nothing is dropped: `finish` counts what is still pending. Therefore
    ins − outs always equals the signed sum of true crossings of the confirmed tracks.
    """

    line: Segment
    hysteresis: float = 0.01
    debounce: float = 1.0
    _walks: dict[int, _Walk] = field(default_factory=dict)

    def observe(self, seen: Observation) -> list[Crossing]:
        """Take one observation; return the crossings that are certain now."""
        if seen.coasted:
            return []
        walk = self._walks.get(seen.track)
        if walk is None:
            self._walks[seen.track] = _Walk(seen.foot, seen.confirmed)
            return []
        walk.net += crossing(self.line, walk.foot, seen.foot)
        walk.foot = seen.foot
        walk.confirmed = walk.confirmed or seen.confirmed
        if not walk.net or not walk.confirmed or self._too_early(walk, seen.at):
            return []
        if distance(self.line, seen.foot) < self.hysteresis:
            return []
        return self._count(walk, seen.at)

    def finish(self, track: int, at: float) -> list[Crossing]:
        """End a track: what was pending is counted, then the track is forgotten."""
        walk = self._walks.pop(track, None)
        if walk is None or not walk.confirmed:
            return []
        return self._count(walk, at)

    def _too_early(self, walk: _Walk, at: float) -> bool:
        return walk.counted_at is not None and at - walk.counted_at < self.debounce

    @staticmethod
    def _count(walk: _Walk, at: float) -> list[Crossing]:
        direction = "in" if walk.net > 0 else "out"
        counted = [Crossing(direction, at)] * abs(walk.net)
        walk.net = 0
        walk.counted_at = at
        return counted


@dataclass(frozen=True, slots=True)
class ZoneEvent:
    """Somebody entered or left a zone; `count` is the number of people in it afterwards.

    `dwell` is the length of the visit in seconds, for a visit that lasted at least the minimum dwell.
    """

    kind: str
    at: float
    count: int
    dwell: float | None = None


@dataclass(slots=True)
class _Visit:
    entered_at: float
    inside_at: float


@dataclass(slots=True)
class ZoneCounter:
    """Counts visits to one zone.

    A visit ends when the person has not been seen inside for `grace` seconds, at the moment of the last
    sight inside; coming back within the grace goes on with the same visit.
    """

    polygon: Sequence[Point]
    grace: float = 2.0
    minimum_dwell: float = 2.0
    _visits: dict[int, _Visit] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """People in the zone now."""
        return len(self._visits)

    def observe(self, seen: Observation) -> list[ZoneEvent]:
        """Take one observation; return an entry when it begins a visit."""
        if seen.coasted or not seen.confirmed or not contains(self.polygon, seen.foot):
            return []
        visit = self._visits.get(seen.track)
        if visit is not None:
            visit.inside_at = max(visit.inside_at, seen.at)
            return []
        self._visits[seen.track] = _Visit(seen.at, seen.at)
        return [ZoneEvent("entered", seen.at, self.count)]

    def advance(self, at: float) -> list[ZoneEvent]:
        """Let time pass; return the visits that ended, oldest first."""
        ended = [track for track, visit in self._visits.items() if at - visit.inside_at >= self.grace]
        ended.sort(key=lambda track: self._visits[track].inside_at)
        return [self._leave(track) for track in ended]

    def _leave(self, track: int) -> ZoneEvent:
        visit = self._visits.pop(track)
        dwell = visit.inside_at - visit.entered_at
        return ZoneEvent("left", visit.inside_at, self.count, dwell if dwell >= self.minimum_dwell else None)

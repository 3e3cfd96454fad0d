"""Plane geometry for counting: foot points, true crossings, distances, polygons.

Coordinates are fractions of the picture (0..1, y grows downwards), but nothing here depends on the unit.
Sides are half-open: a point exactly on a line belongs to its positive side, so a walk that pauses on the
line is counted once, not twice and not never.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the picture or on the floor plan."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """The outline of a detected person: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A counting line from a to b. Walking from its positive side to its negative one is `in`."""

    a: Point
    b: Point


def foot_point(box: Box) -> Point:
    """Return where a person stands: the middle of the lower edge of the outline."""
    return Point((box.left + box.right) / 2, box.bottom)


def turn(a: Point, b: Point, p: Point) -> float:
    """Return twice the signed area of the triangle a, b, p; its sign says on which side of a→b p lies."""
    return (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x)


def crossing(line: Segment, start: Point, end: Point) -> int:
    """Say whether the step start→end truly crosses the line: +1 in, −1 out, 0 not.

    A true crossing intersects the segment itself; walking around one of its ends is none.
    """
    before = turn(line.a, line.b, start) >= 0
    after = turn(line.a, line.b, end) >= 0
    if before == after:
        return 0
    # Seen from the positive side whichever way somebody walks, so that walking back undoes the count.
    near, far = (start, end) if before else (end, start)
    if (turn(near, far, line.a) >= 0) == (turn(near, far, line.b) >= 0):
        return 0
    return 1 if before else -1


def distance(line: Segment, p: Point) -> float:
    """Return the distance of a point from the segment (not from the endless line)."""
    dx, dy = line.b.x - line.a.x, line.b.y - line.a.y
    square = dx * dx + dy * dy
    along = 0.0 if square == 0 else ((p.x - line.a.x) * dx + (p.y - line.a.y) * dy) / square
    along = min(1.0, max(0.0, along))
    return math.hypot(p.x - line.a.x - along * dx, p.y - line.a.y - along * dy)


def contains(polygon: Sequence[Point], p: Point) -> bool:
    """Say whether a point lies in a polygon (even-odd rule, half-open edges)."""
    inside = False
    previous = polygon[-1]
    for corner in polygon:
        if (corner.y > p.y) != (previous.y > p.y):
            x = (previous.x - corner.x) * (p.y - corner.y) / (previous.y - corner.y) + corner.x
            if p.x < x:
                inside = not inside
        previous = corner
    return inside

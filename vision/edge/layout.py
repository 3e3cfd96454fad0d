"""The demo store as its two cameras see it: one door, one promotion, one queue.

Coordinates are fractions of the picture; y grows towards the viewer.
"""

from __future__ import annotations

from dataclasses import dataclass

from vision.domain.geometry import Point, Segment

DEVICE = "edge-1"


@dataclass(frozen=True, slots=True)
class Line:
    """A counting line; `in` is from the side of larger y here."""

    code: str
    segment: Segment


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone; `kind` is QUEUE, AUDIENCE or AREA."""

    code: str
    kind: str
    polygon: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class CameraView:
    """What one camera counts."""

    code: str
    lines: tuple[Line, ...]
    zones: tuple[Zone, ...]


def _rectangle(left: float, top: float, right: float, bottom: float) -> tuple[Point, ...]:
    return (Point(left, top), Point(right, top), Point(right, bottom), Point(left, bottom))


ENTRANCE = CameraView(
    code="camera-entrance",
    lines=(Line("door", Segment(Point(0.25, 0.62), Point(0.75, 0.62))),),
    zones=(Zone("promo", "AUDIENCE", _rectangle(0.62, 0.12, 0.96, 0.42)),),
)
TILLS = CameraView(
    code="camera-tills",
    lines=(),
    zones=(Zone("queue", "QUEUE", _rectangle(0.08, 0.40, 0.92, 0.66)),),
)
CAMERAS = (ENTRANCE, TILLS)

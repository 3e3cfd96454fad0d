"""Scripted shoppers: people who exist only here, walking through the two camera views.

They make tracks as a detector and tracker would, with a little noise, so that the counting rules run on
the same kind of input as in a real store.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from vision.domain.geometry import Point

SPEED = 0.16
NOISE = 0.004
STEP_OUT = -0.05
OPENS, CLOSES = 7, 22
STOPS_AT_DISPLAY = 0.3


@dataclass(slots=True)
class Leg:
    """Walk to a place, then stand there for some seconds."""

    to: Point
    wait: float = 0.0


@dataclass(slots=True)
class Shopper:
    """One scripted person in one camera's view."""

    track: int
    at: Point
    legs: list[Leg]
    forced: str = ""

    def step(self, seconds: float) -> bool:
        """Move on; False when the last leg is done and the person is out of sight."""
        while self.legs:
            leg = self.legs[0]
            gap = math.hypot(leg.to.x - self.at.x, leg.to.y - self.at.y)
            reach = SPEED * seconds
            if gap > reach:
                part = reach / gap
                self.at = Point(
                    self.at.x + (leg.to.x - self.at.x) * part, self.at.y + (leg.to.y - self.at.y) * part
                )
                return True
            self.at = leg.to
            if leg.wait > 0:
                leg.wait -= seconds
                return True
            self.legs.pop(0)
        return False


def arrivals_per_minute(hour: float) -> float:
    """How many people come in per minute at a local hour: open 7-22, peaks before noon and after work."""
    if not OPENS <= hour < CLOSES:
        return 0.0
    morning = 2.2 * math.exp(-(((hour - 11.2) / 1.9) ** 2))
    evening = 3.4 * math.exp(-(((hour - 17.6) / 1.7) ** 2))
    return 0.7 + morning + evening


@dataclass(slots=True)
class Scene:
    """Both views and the people in them. `busy` multiplies the number of visitors."""

    random: Random
    busy: float = 1.0
    always_open: bool = False
    people: dict[str, list[Shopper]] = field(default_factory=dict)
    _leaving: list[float] = field(default_factory=list)
    _clock: float = 0.0

    def __post_init__(self) -> None:
        self.people = {"camera-entrance": [], "camera-tills": []}
        self._leaving = [self.random.uniform(5, 500) for _ in range(14)]

    def step(self, seconds: float, hour: float, *, queue: int = 0, audience: int = 0) -> None:
        """Let time pass. `queue` and `audience` force at least so many people into these zones."""
        self._clock += seconds
        rate = arrivals_per_minute(hour) * self.busy
        if self.always_open:
            rate = max(rate, 2.0 * self.busy)
        if self.random.random() < rate / 60 * seconds:
            self._enter()
        for due in [moment for moment in self._leaving if moment <= self._clock]:
            self._leaving.remove(due)
            self._leave()
        self._force("camera-tills", queue)
        self._force("camera-entrance", audience)
        for camera, shoppers in self.people.items():
            self.people[camera] = [shopper for shopper in shoppers if shopper.step(seconds)]

    def let_in(self, people: int) -> None:
        """Let people walk in at the door now."""
        for _ in range(people):
            self._enter()

    def seen(self, camera: str) -> Iterator[tuple[int, Point]]:
        """Yield (track, foot point) of everybody in a view, with the noise of a detector."""
        for shopper in self.people[camera]:
            x = shopper.at.x + self.random.gauss(0, NOISE)
            y = shopper.at.y + self.random.gauss(0, NOISE)
            if 0 <= x <= 1 and 0 <= y <= 1:
                yield shopper.track, Point(x, y)

    def _track(self) -> int:
        return self.random.getrandbits(48)

    def _enter(self) -> None:
        lane = self.random.uniform(0.34, 0.66)
        legs = [Leg(Point(lane, 0.5))]
        if self.random.random() < STOPS_AT_DISPLAY:
            legs.append(Leg(self._promo_place(), self.random.uniform(4, 25)))
        legs.append(Leg(Point(self.random.uniform(0.1, 0.9), STEP_OUT)))
        self.people["camera-entrance"].append(Shopper(self._track(), Point(lane, 1.05), legs))
        self._leaving.append(self._clock + self.random.uniform(240, 1500))

    def _leave(self) -> None:
        place = self._queue_place()
        standing = sum(1 for shopper in self.people["camera-tills"] if not shopper.forced)
        wait = self.random.uniform(10, 28) * (1 + standing / 6)
        self.people["camera-tills"].append(
            Shopper(
                self._track(),
                Point(place.x, STEP_OUT),
                [Leg(place, wait), Leg(Point(place.x, 0.85), 20), Leg(Point(place.x, 1.05))],
            )
        )
        lane = self.random.uniform(0.34, 0.66)
        way = [Leg(Point(lane, 0.5)), Leg(Point(lane, 1.05))]
        self.people["camera-entrance"].append(Shopper(self._track(), Point(lane, STEP_OUT), way))

    def _force(self, camera: str, wanted: int) -> None:
        forced = [shopper for shopper in self.people[camera] if shopper.forced]
        spot = self._queue_place if camera == "camera-tills" else self._promo_place
        for _ in range(wanted - len(forced)):
            where = spot()
            self.people[camera].append(Shopper(self._track(), where, [Leg(where, math.inf)], forced=camera))
        for shopper in forced[wanted:]:
            shopper.forced = ""
            shopper.legs = [Leg(Point(shopper.at.x, STEP_OUT))]

    def _queue_place(self) -> Point:
        return Point(self.random.uniform(0.14, 0.86), self.random.uniform(0.45, 0.61))

    def _promo_place(self) -> Point:
        return Point(self.random.uniform(0.68, 0.9), self.random.uniform(0.17, 0.37))

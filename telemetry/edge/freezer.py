"""A refrigerated case as a few differential equations: wall, compressor, door, defrost. Standard library.

Temperatures in °C, time in seconds. First-order heat flow: the air drifts to the room's temperature with
the time constant of the walls (and a much shorter one while the door is open), the compressor pulls it
down between two thermostat points, a defrost heats it for some minutes.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

ROOM = 21.0


@dataclass(frozen=True, slots=True)
class Make:
    """What kind of case it is."""

    set_point: float
    differential: float
    wall_seconds: float
    door_seconds: float
    cooling: float
    """Kelvin per second the compressor takes out."""
    defrost_every: float
    defrost_for: float
    heating: float
    """Kelvin per second the defrost brings in."""


FREEZER = Make(-20.0, 1.6, 60_000.0, 2_400.0, 0.0045, 8 * 3600.0, 20 * 60.0, 0.0020)
CHILLER = Make(2.6, 1.2, 18_000.0, 1_200.0, 0.006, 12 * 3600.0, 15 * 60.0, 0.0006)
WARM_PER_SECOND = 0.15
"""How fast a case that was asked to fail warms, in Kelvin per second of real time."""
FAILED_ABOVE = 10.0
"""Where a failing case stops warming, in Kelvin above its set point: cold goods hold it there for hours."""


@dataclass(slots=True)
class Case:
    """The state of one case; `step` moves it on."""

    make: Make
    rng: random.Random
    air: float = 0.0
    cooling: bool = True
    door: bool = False
    broken: bool = False
    recovering: bool = False
    defrost_left: float = 0.0
    next_defrost: float = 0.0
    door_left: float = 0.0
    noise: float = field(default=0.03)

    @classmethod
    def settled(cls, make: Make, rng: random.Random) -> Case:
        """A case that has been running for a while."""
        air = make.set_point + rng.uniform(-1, 1) * make.differential / 2
        return cls(make, rng, air=air, next_defrost=rng.uniform(0.05, 1.0) * make.defrost_every)

    @property
    def defrosting(self) -> bool:
        """True while the heater runs."""
        return self.defrost_left > 0

    def step(self, seconds: float) -> float:
        """Move on by some seconds and return what the probe reads."""
        if self.broken:
            self.air = min(self.make.set_point + FAILED_ABOVE, self.air + WARM_PER_SECOND * seconds)
            self.recovering = True
        else:
            self._run(seconds)
        self._open_and_close(seconds)
        return round(self.air + self.rng.gauss(0, self.noise), 2)

    def _run(self, seconds: float) -> None:
        make = self.make
        self.next_defrost -= seconds
        if self.next_defrost <= 0:
            self.defrost_left, self.next_defrost = make.defrost_for, make.defrost_every
        self._switch()
        change = (ROOM - self.air) / (make.door_seconds if self.door else make.wall_seconds) * seconds
        if self.defrosting:
            change += make.heating * seconds
        elif self.cooling:
            change -= make.cooling * seconds
        if self.recovering:
            # After a fault a case is brought back in minutes, not hours: nobody wants to watch that long.
            self.cooling, change = True, -WARM_PER_SECOND * seconds
            self.recovering = self.air + change > make.set_point
        self.defrost_left = max(0.0, self.defrost_left - seconds)
        floor = make.set_point - make.differential
        self.air = max(floor, self.air + change)

    def _switch(self) -> None:
        if self.air > self.make.set_point + self.make.differential / 2:
            self.cooling = True
        elif self.air < self.make.set_point - self.make.differential / 2:
            self.cooling = False

    def _open_and_close(self, seconds: float) -> None:
        self.door_left -= seconds
        if self.door and self.door_left <= 0:
            self.door = False
        elif not self.door and self.rng.random() < seconds / 900:
            self.door, self.door_left = True, self.rng.uniform(5, 40)


def kind_of(code: str) -> Make:
    """The kind of case a sensor's code names."""
    return FREEZER if "freezer" in code else CHILLER

"""The limits of a sensor: which rules they make, whether they make sense, and usual values by fixture.

Temperatures in °C, hysteresis in K. Defaults name their source: frozen storage EU 37/2005 and Codex
CAC/RCP 8 (−18 °C, short rises to −15 °C; display −12 °C), chilled food EN 23953 M-package class and
US Food Code 3-501.16 (5 °C).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from telemetry.domain.alarm import Kind, Rule

STALE_FLOOR = timedelta(minutes=15)
STALE_INTERVALS = 3
FAULTS_IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """Warning and alarm limits, both ways; None means not watched."""

    warn_low: float | None = None
    alarm_low: float | None = None
    warn_high: float | None = None
    alarm_high: float | None = None
    hysteresis: float = 0.5
    on_delay: timedelta = timedelta(minutes=15)
    off_delay: timedelta = timedelta(minutes=2)
    stale_after: timedelta = STALE_FLOOR


@dataclass(frozen=True, slots=True)
class Problem:
    """A limit that makes no sense: the field and a code the form turns into words."""

    field: str
    code: str


DEFAULTS = {
    "FREEZER": Limits(warn_high=-15.0, alarm_high=-12.0, hysteresis=1.0, on_delay=timedelta(minutes=30)),
    "CHILLER": Limits(alarm_low=-1.0, warn_high=4.0, alarm_high=5.0),
}


def rules_of(limits: Limits) -> tuple[Rule, ...]:
    """One rule per watched limit, and always STALE and FAULT."""
    thresholds = (
        (Kind.HIGH, limits.alarm_high),
        (Kind.HIGH_WARN, limits.warn_high),
        (Kind.LOW, limits.alarm_low),
        (Kind.LOW_WARN, limits.warn_low),
    )
    watched = tuple(
        Rule(kind, threshold, limits.hysteresis, limits.on_delay, limits.off_delay)
        for kind, threshold in thresholds
        if threshold is not None
    )
    # Silence is measured from the last reading, so STALE has no delay of its own; nor has a probe fault.
    return (*watched, Rule(Kind.STALE, None), Rule(Kind.FAULT, None))


def stale_after(interval: timedelta) -> timedelta:
    """How long a sensor may be silent: three intervals, at least 15 minutes."""
    return max(STALE_FLOOR, interval * STALE_INTERVALS)


def check(limits: Limits) -> tuple[Problem, ...]:
    """Everything wrong with the limits, in the order of the form; () when they make sense.

    low alarm ≤ low warning < high warning ≤ high alarm; the hysteresis is smaller than the band between
    the innermost limits, else an alarm could never clear.
    """
    problems: list[Problem] = []
    lows = [value for value in (limits.alarm_low, limits.warn_low) if value is not None]
    highs = [value for value in (limits.warn_high, limits.alarm_high) if value is not None]
    if lows != sorted(lows):
        problems.append(Problem("warn_low", "below_alarm"))
    if highs != sorted(highs):
        problems.append(Problem("warn_high", "above_alarm"))
    if not lows and not highs:
        problems.append(Problem("alarm_high", "none"))
    if lows and highs and max(lows) >= min(highs):
        problems.append(Problem("warn_low", "crossed"))
    elif lows and highs and limits.hysteresis >= min(highs) - max(lows):
        problems.append(Problem("hysteresis", "too_wide"))
    if limits.hysteresis < 0:
        problems.append(Problem("hysteresis", "negative"))
    delays = ("on_delay", "off_delay", "stale_after")
    problems += [Problem(name, "negative") for name in delays if getattr(limits, name) < timedelta(0)]
    return tuple(problems)

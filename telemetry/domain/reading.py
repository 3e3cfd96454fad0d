"""Is a reading believable? Pure rules: value, device time, the time it came in, what was known before."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

FUTURE_TOLERANCE = timedelta(minutes=10)
ALARM_HORIZON = timedelta(minutes=15)
OLDEST = timedelta(days=400)
"""Older than the retention (13 months): the device's clock is wrong, nobody asks for that time."""

PROBE_FAULTS = frozenset({-127.0, 85.0})
"""What DS18B20 probes report when they are cut off (-127) or have just started (85)."""

MAX_JUMP_PER_MINUTE = 15.0
JUMP_ALLOWANCE = 3.0
"""Kelvin a value may always move: a door opens, a probe is touched; without it 2 s of noise would count."""


class Quality(StrEnum):
    """SiteWise's three words for how far a value can be trusted."""

    GOOD = "GOOD"
    UNCERTAIN = "UNCERTAIN"
    BAD = "BAD"


class Reason(StrEnum):
    """Why a reading is not simply good."""

    NONE = ""
    NOT_A_NUMBER = "NOT_A_NUMBER"
    PROBE_FAULT = "PROBE_FAULT"
    ABSURD = "ABSURD"
    JUMP = "JUMP"
    FUTURE = "FUTURE"
    TOO_OLD = "TOO_OLD"


@dataclass(frozen=True, slots=True)
class Range:
    """What the sensor can possibly measure where it is mounted, both ends included."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Known:
    """The last good value of a series."""

    value: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a reading.

    BAD readings are kept aside and never stored as measurements. `effective_at` is the time alarms
    and the latest value use: the device's, or the receiver's when the device's lies in the future.
    `late` readings are stored and rolled up but raise no alarm.
    """

    quality: Quality
    reason: Reason
    effective_at: datetime
    late: bool = False


def judge(
    value: float, at: datetime, *, received_at: datetime, known: Known | None, limits: Range
) -> Verdict:
    """Decide about one reading of `value` taken `at` and received at `received_at` (both aware)."""
    bad = _unbelievable(value, at, received_at, known, limits)
    if bad is not Reason.NONE:
        return Verdict(Quality.BAD, bad, at)
    if at - received_at > FUTURE_TOLERANCE:
        return Verdict(Quality.UNCERTAIN, Reason.FUTURE, received_at)
    return Verdict(Quality.GOOD, Reason.NONE, min(at, received_at), late=received_at - at > ALARM_HORIZON)


def _unbelievable(
    value: float, at: datetime, received_at: datetime, known: Known | None, limits: Range
) -> Reason:
    if not math.isfinite(value):
        return Reason.NOT_A_NUMBER
    if value in PROBE_FAULTS:
        return Reason.PROBE_FAULT
    if not limits.low <= value <= limits.high:
        return Reason.ABSURD
    if received_at - at > OLDEST:
        return Reason.TOO_OLD
    if known is not None and _jumps(value, at, known):
        return Reason.JUMP
    return Reason.NONE


def _jumps(value: float, at: datetime, known: Known) -> bool:
    # Only forward in time: a late reading is not measured against a later one.
    if at <= known.at:
        return False
    minutes = (at - known.at).total_seconds() / 60
    return abs(value - known.value) > max(JUMP_ALLOWANCE, MAX_JUMP_PER_MINUTE * minutes)

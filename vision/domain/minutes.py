"""Minute buckets: what a camera saw in one minute, and which of two reports of it counts.

No observation is not zero: a minute in which a scope was not observed has no report at all, and every
report says how many seconds of its minute were covered.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LINE_METRICS = ("in", "out")
ZONE_METRICS = (
    "occupancy_mean",
    "occupancy_peak",
    "entered",
    "left",
    "dwell_n",
    "dwell_mean_s",
    "dwell_median_s",
    "dwell_p90_s",
)
METRICS = frozenset(LINE_METRICS + ZONE_METRICS)


def bucket_of(at: datetime) -> datetime:
    """Return the start of the minute a moment lies in."""
    return at.replace(second=0, microsecond=0)


def supersedes(new_seq: int, stored_seq: int | None) -> bool:
    """Say whether a report replaces the stored one of the same bucket: the later one of the device does.

    Reports of a running minute are cumulative, so the one with the highest sequence number is complete;
    duplicates and disorder therefore change nothing.
    """
    return stored_seq is None or new_seq > stored_seq


def percentile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile of a non-empty list; `share` in (0, 1]."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def median(values: Sequence[float]) -> float:
    """Return the median: the mean of the two middle values of an even number."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


@dataclass(slots=True)
class LineMinute:
    """The running minute of a line."""

    coverage_s: float = 0.0
    ins: int = 0
    outs: int = 0

    def metrics(self) -> dict[str, float]:
        """Return what the minute envelope carries."""
        return {"in": self.ins, "out": self.outs}


@dataclass(slots=True)
class ZoneMinute:
    """The running minute of a zone: occupancy weighted by time, its peak, and the visits that ended."""

    coverage_s: float = 0.0
    people_s: float = 0.0
    peak: int = 0
    entered: int = 0
    left: int = 0
    dwells: list[float] = field(default_factory=list)

    def watch(self, count: int, seconds: float) -> None:
        """Note that `count` people were in the zone for some observed seconds."""
        self.coverage_s += seconds
        self.people_s += count * seconds
        self.peak = max(self.peak, count)

    def metrics(self) -> dict[str, float]:
        """Return what the minute envelope carries; dwell only when a visit ended."""
        found: dict[str, float] = {"occupancy_peak": self.peak, "entered": self.entered, "left": self.left}
        if self.coverage_s > 0:
            found["occupancy_mean"] = round(self.people_s / self.coverage_s, 3)
        if self.dwells:
            found["dwell_n"] = len(self.dwells)
            found["dwell_mean_s"] = round(sum(self.dwells) / len(self.dwells), 2)
            found["dwell_median_s"] = round(median(self.dwells), 2)
            found["dwell_p90_s"] = round(percentile(self.dwells, 0.9), 2)
        return found


def site_occupancy(flows: Iterable[tuple[int, int]]) -> int:
    """Return the people in the store after a day's (in, out) pairs, oldest first, begun at zero.

    A missed entry must not lower the count below an empty store for the rest of the day, so the balance is
    held at zero whenever it would fall below.
    """
    people = 0
    for ins, outs in flows:
        people = max(0, people + ins - outs)
    return people


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of the chart: `value` is None where nothing was observed."""

    starts_at: datetime
    value: float | None
    coverage: float


def fold(
    minutes: Mapping[datetime, tuple[float, float]], starts_at: datetime, slots: int, length: timedelta
) -> list[Slot]:
    """Fold minutes (start → value, seconds covered) into equal slots.

    `coverage` is the share of the slot that was observed, 0..1. A slot without any report has no value.
    """
    totals: list[float | None] = [None] * slots
    covered = [0.0] * slots
    for bucket, (value, coverage_s) in minutes.items():
        index = math.floor((bucket - starts_at) / length)
        if 0 <= index < slots:
            totals[index] = (totals[index] or 0.0) + value
            covered[index] += coverage_s
    seconds = length.total_seconds()
    return [
        Slot(starts_at + index * length, totals[index], min(1.0, covered[index] / seconds))
        for index in range(slots)
    ]

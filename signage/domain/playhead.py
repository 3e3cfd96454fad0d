"""Where a playlist stands at an instant: a pure function of the clock.

Every screen that follows the same playlist since the same instant shows the same item, a reloaded player
resumes where it would have been, and a preview needs nothing but another clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True)
class Position:
    """The item on screen, how often the playlist has gone round, and the item's span [starts_at, ends_at)."""

    index: int
    loop: int
    starts_at: datetime
    ends_at: datetime


def playhead(durations_ms: Sequence[int], since: datetime, now: datetime) -> Position | None:
    """The position of a playlist that began at `since`; None when it has nothing to show.

    Durations are whole milliseconds; an item of zero or less is skipped. Before `since` loops are negative.
    """
    total = sum(each for each in durations_ms if each > 0)
    if total <= 0:
        return None
    loop, offset = divmod((now - since) // MILLISECOND, total)
    edge = 0
    for index, duration in enumerate(durations_ms):
        if duration <= 0:
            continue
        if offset < edge + duration:
            starts_at = since + (loop * total + edge) * MILLISECOND
            return Position(
                index=index, loop=loop, starts_at=starts_at, ends_at=starts_at + duration * MILLISECOND
            )
        edge += duration
    raise AssertionError("offset lies inside the total")

"""When to call for another till, and when to stop calling.

A queue is too long for the tills that are open when more than `people_per_till` wait for each of them.
It must stay so for `enter_after` before staff are called, and be short for `leave_after` before the call
ends, so that one group walking past does not ring twice. After a call ended, `cool_down` keeps quiet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class QueueRule:
    """The settings of one queue."""

    people_per_till: int = 3
    leave_margin: int = 1
    enter_after: timedelta = timedelta(seconds=20)
    leave_after: timedelta = timedelta(seconds=30)
    cool_down: timedelta = timedelta(minutes=3)
    blind_after: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class QueueWatch:
    """What the rule remembers between two observations."""

    long_since: datetime | None = None
    short_since: datetime | None = None
    blind_since: datetime | None = None
    raised_at: datetime | None = None
    limit_when_raised: int = 0
    quiet_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`action` is RAISE, CLEAR or NONE; a cleared alert has a reason."""

    action: str
    tills_suggested: int = 0
    reason: str = ""


NOTHING = Verdict("NONE")


def limit(rule: QueueRule, open_tills: int) -> int:
    """Return the longest queue that the open tills can bear; with none open, that of one till."""
    return rule.people_per_till * max(1, open_tills)


def tills_suggested(rule: QueueRule, *, length: int, open_tills: int, tills: int) -> int:
    """Return how many more tills would bring the queue within the limit, at most those still closed."""
    wanted = math.ceil(length / rule.people_per_till)
    return max(0, min(wanted, tills) - open_tills)


def judge(
    rule: QueueRule, watch: QueueWatch, *, length: int | None, open_tills: int, tills: int, now: datetime
) -> tuple[QueueWatch, Verdict]:
    """Weigh one observation of a queue; `length` None means the camera cannot see it.

    `tills` is the number of tills the store has. An unseen queue neither raises nor counts as short; a
    raised alert ends after `blind_after` without sight, because nobody can tell whether it still holds.
    """
    if length is None:
        return _blind(rule, watch, now)
    watch = replace(watch, blind_since=None)
    if watch.raised_at is not None:
        return _while_raised(rule, watch, length, open_tills, now)
    suggested = tills_suggested(rule, length=length, open_tills=open_tills, tills=tills)
    if length <= limit(rule, open_tills) or suggested == 0:
        return replace(watch, long_since=None), NOTHING
    since = watch.long_since or now
    watch = replace(watch, long_since=since)
    quiet = watch.quiet_until is not None and now < watch.quiet_until
    if quiet or now - since < rule.enter_after:
        return watch, NOTHING
    raised = QueueWatch(raised_at=now, limit_when_raised=limit(rule, open_tills))
    return raised, Verdict("RAISE", tills_suggested=suggested)


def _while_raised(
    rule: QueueRule, watch: QueueWatch, length: int, open_tills: int, now: datetime
) -> tuple[QueueWatch, Verdict]:
    bearable = limit(rule, open_tills)
    if length > bearable - rule.leave_margin:
        return replace(watch, short_since=None), NOTHING
    since = watch.short_since or now
    if now - since < rule.leave_after:
        return replace(watch, short_since=since), NOTHING
    opened = bearable > watch.limit_when_raised and length > watch.limit_when_raised - rule.leave_margin
    return QueueWatch(quiet_until=now + rule.cool_down), Verdict(
        "CLEAR", reason="TILLS_OPENED" if opened else "SHORT"
    )


def _blind(rule: QueueRule, watch: QueueWatch, now: datetime) -> tuple[QueueWatch, Verdict]:
    since = watch.blind_since or now
    watch = replace(watch, blind_since=since, long_since=None, short_since=None)
    if watch.raised_at is None or now - since < rule.blind_after:
        return watch, NOTHING
    return QueueWatch(quiet_until=now + rule.cool_down), Verdict("CLEAR", reason="NO_DATA")

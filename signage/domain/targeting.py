"""Content that follows the audience, without flicker.

A rule looks at the person count of one camera zone. The decision is a window [starts_at, ends_at) planned
the moment a fact arrives, so nobody has to wait for a timer: the screen obeys the window by its own clock,
and when the facts stop coming the window ends with the last fact's time to live.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class Fact:
    """How many persons a zone held; worthless from `expires_at` on."""

    count: int
    observed_at: datetime
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class TargetRule:
    """When to switch: `at_least <= count` (`<= at_most`), and how calm to be about it."""

    at_least: int
    at_most: int | None = None
    enter_after: timedelta = timedelta(milliseconds=500)
    leave_after: timedelta = timedelta(seconds=2)
    minimum_show: timedelta = timedelta(seconds=8)
    cool_down: timedelta = timedelta(seconds=20)

    def holds(self, count: int) -> bool:
        """Whether a count fulfils the rule."""
        return self.at_least <= count and (self.at_most is None or count <= self.at_most)


@dataclass(frozen=True, kw_only=True)
class State:
    """What is remembered between facts; the window is planned, open or gone by."""

    true_since: datetime | None = None
    true_until: datetime | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    last_ended_at: datetime | None = None
    observed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The next state and what was decided; `reason` is a code for the decision log."""

    state: State
    reason: str
    changed: bool


def observe(rule: TargetRule, state: State, fact: Fact, now: datetime) -> Outcome:
    """Take one fact into account.

    Reasons: STALE (older than the last fact, or expired), ENTER (a window is planned), EXTEND (it goes on),
    WAITING (true, but it would expire before it has been steady), LEAVE (the open window is being closed),
    CANCEL (it fell before the window opened), BELOW (nothing to do).
    """
    if now >= fact.expires_at or (state.observed_at and fact.observed_at <= state.observed_at):
        return Outcome(state=state, reason="STALE", changed=False)
    settled = replace(_settle(state, fact.observed_at), observed_at=fact.observed_at)
    return _rise(rule, settled, fact, now) if rule.holds(fact.count) else _fall(rule, settled, fact)


def _settle(state: State, at: datetime) -> State:
    """Forget a window that ended by itself, and a truth whose last fact expired before `at`."""
    if state.ends_at and state.ends_at <= at:
        state = replace(state, starts_at=None, ends_at=None, last_ended_at=state.ends_at)
    if state.true_until and state.true_until <= at:
        state = replace(state, true_since=None, true_until=None)
    return state


def _rise(rule: TargetRule, state: State, fact: Fact, now: datetime) -> Outcome:
    """The count fulfils the rule."""
    since = state.true_since or fact.observed_at
    state = replace(state, true_since=since, true_until=fact.expires_at)
    if state.starts_at is not None:
        ends_at = max(fact.expires_at, state.starts_at + rule.minimum_show)
        changed = ends_at != state.ends_at
        return Outcome(state=replace(state, ends_at=ends_at), reason="EXTEND", changed=changed)
    starts_at = max(since + rule.enter_after, now)
    if state.last_ended_at is not None:
        starts_at = max(starts_at, state.last_ended_at + rule.cool_down)
    if starts_at >= fact.expires_at:
        return Outcome(state=state, reason="WAITING", changed=False)
    ends_at = max(fact.expires_at, starts_at + rule.minimum_show)
    return Outcome(state=replace(state, starts_at=starts_at, ends_at=ends_at), reason="ENTER", changed=True)


def _fall(rule: TargetRule, state: State, fact: Fact) -> Outcome:
    """The count does not fulfil the rule."""
    state = replace(state, true_since=None, true_until=None)
    if state.starts_at is None or state.ends_at is None:
        return Outcome(state=state, reason="BELOW", changed=False)
    if fact.observed_at < state.starts_at:
        return Outcome(state=replace(state, starts_at=None, ends_at=None), reason="CANCEL", changed=True)
    ends_at = max(fact.observed_at + rule.leave_after, state.starts_at + rule.minimum_show)
    if ends_at >= state.ends_at:
        return Outcome(state=state, reason="LEAVE", changed=False)
    return Outcome(state=replace(state, ends_at=ends_at), reason="LEAVE", changed=True)

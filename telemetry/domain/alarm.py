"""The alarm of one limit of one sensor as a pure state machine, in the words of ISA-18.2.

A limit is looked at when a reading arrives and when a timer is due; `now` is always an argument. The
machine knows three conditions: VIOLATED (beyond the limit), CLEAR (back past the hysteresis) and BETWEEN,
which leaves every running timer as it is, so that noise at the limit neither raises nor clears.

| state        | VIOLATED                  | CLEAR                      | timer                | acknowledge |
|--------------|---------------------------|----------------------------|----------------------|-------------|
| NORMAL       | PENDING                   | –                          | –                    | –           |
| PENDING      | –                         | NORMAL or LATCHED, as was  | on-delay: ACTIVE_UNACK | –         |
| ACTIVE_UNACK | stop the off-delay        | start the off-delay        | off-delay: LATCHED   | ACTIVE_ACK  |
| ACTIVE_ACK   | stop the off-delay        | start the off-delay        | off-delay: NORMAL    | –           |
| LATCHED      | PENDING                   | –                          | –                    | NORMAL      |
| SHELVED      | –                         | –                          | end of shelving: NORMAL | –        |
| DISABLED     | –                         | –                          | –                    | –           |
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """Where an alarm stands."""

    NORMAL = "NORMAL"
    PENDING = "PENDING"
    ACTIVE_UNACK = "ACTIVE_UNACK"
    ACTIVE_ACK = "ACTIVE_ACK"
    LATCHED = "LATCHED"
    SHELVED = "SHELVED"
    DISABLED = "DISABLED"


ACTIVE = frozenset({State.ACTIVE_UNACK, State.ACTIVE_ACK})


class Kind(StrEnum):
    """Which limit the alarm watches."""

    HIGH = "HIGH"
    HIGH_WARN = "HIGH_WARN"
    LOW = "LOW"
    LOW_WARN = "LOW_WARN"
    STALE = "STALE"
    FAULT = "FAULT"


class Condition(StrEnum):
    """What the present value says about a limit."""

    VIOLATED = "VIOLATED"
    BETWEEN = "BETWEEN"
    CLEAR = "CLEAR"


class Step(StrEnum):
    """What happened in a transition."""

    STARTED = "STARTED"
    """The on-delay runs."""
    PASSED = "PASSED"
    """Over before the on-delay ended."""
    RAISED = "RAISED"
    RETURNED = "RETURNED"
    """Back inside the limit, not yet acknowledged."""
    CLEARED = "CLEARED"
    """Back inside the limit and known to somebody."""
    ACKNOWLEDGED = "ACKNOWLEDGED"
    SHELVED = "SHELVED"
    UNSHELVED = "UNSHELVED"
    DISABLED = "DISABLED"
    ENABLED = "ENABLED"
    LATE = "LATE"
    """A late reading lay beyond the limit: for the log, it raises nothing."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One limit: direction by kind, threshold and hysteresis in the sensor's unit, delays."""

    kind: Kind
    threshold: float | None
    hysteresis: float = 0.0
    on_delay: timedelta = timedelta(0)
    off_delay: timedelta = timedelta(0)

    @property
    def is_low(self) -> bool:
        """True when values below the threshold violate."""
        return self.kind in (Kind.LOW, Kind.LOW_WARN)

    @property
    def severity(self) -> str:
        """ALARM or WARNING."""
        return "ALARM" if self.kind in (Kind.HIGH, Kind.LOW) else "WARNING"


@dataclass(frozen=True, slots=True)
class Alarm:
    """The state of one alarm. `peak` is the worst value since `started_at`."""

    state: State = State.NORMAL
    changed_at: datetime | None = None
    started_at: datetime | None = None
    clearing_at: datetime | None = None
    raised_at: datetime | None = None
    peak: float | None = None
    resumes: State = State.NORMAL
    until: datetime | None = None
    """End of shelving."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of state, for the append-only log."""

    step: Step
    at: datetime
    before: State
    after: State
    value: float | None = None


Outcome = tuple[Alarm, tuple[Transition, ...]]


def condition_of(rule: Rule, value: float) -> Condition:
    """Where a value lies: beyond the threshold, back past the hysteresis, or between."""
    if rule.threshold is None:
        return Condition.CLEAR
    over = rule.threshold - value if rule.is_low else value - rule.threshold
    if over > 0:
        return Condition.VIOLATED
    return Condition.CLEAR if over <= -rule.hysteresis else Condition.BETWEEN


def observe(alarm: Alarm, rule: Rule, *, value: float, at: datetime) -> Outcome:
    """Take in a reading; timers that ended before it fire first."""
    alarm, fired = tick(alarm, rule, now=at)
    alarm, moved = react(alarm, rule, condition_of(rule, value), at=at, value=value)
    alarm, late = tick(alarm, rule, now=at)
    return alarm, (*fired, *moved, *late)


def react(
    alarm: Alarm, rule: Rule, condition: Condition, *, at: datetime, value: float | None = None
) -> Outcome:
    """Take in a condition (for STALE and FAULT there is no value)."""
    if alarm.started_at is not None and value is not None and alarm.state is not State.LATCHED:
        alarm = replace(alarm, peak=_worse(rule, alarm.peak, value))
    if condition is Condition.VIOLATED:
        return _violated(alarm, at, value)
    if condition is Condition.CLEAR:
        return _clear(alarm, at, value)
    return alarm, ()


def tick(alarm: Alarm, rule: Rule, *, now: datetime) -> Outcome:
    """Fire the timer that is due at `now`; needs no reading. The transition carries the time it was due."""
    due = due_at(alarm, rule)
    if due is None or due > now:
        return alarm, ()
    if alarm.state is State.PENDING:
        raised = replace(alarm, raised_at=due, resumes=State.NORMAL)
        return _move(raised, State.ACTIVE_UNACK, Step.RAISED, due, alarm.peak)
    if alarm.state is State.SHELVED:
        return _move(Alarm(), State.NORMAL, Step.UNSHELVED, due, before=alarm.state)
    if alarm.state is State.ACTIVE_UNACK:
        return _move(replace(alarm, clearing_at=None), State.LATCHED, Step.RETURNED, due, alarm.peak)
    return _move(Alarm(), State.NORMAL, Step.CLEARED, due, alarm.peak, before=alarm.state)


def due_at(alarm: Alarm, rule: Rule) -> datetime | None:
    """When the running timer ends, None when none runs."""
    if alarm.state is State.PENDING and alarm.started_at is not None:
        return alarm.started_at + rule.on_delay
    if alarm.state in ACTIVE and alarm.clearing_at is not None:
        return alarm.clearing_at + rule.off_delay
    return alarm.until if alarm.state is State.SHELVED else None


def acknowledge(alarm: Alarm, rule: Rule, *, now: datetime) -> Outcome:
    """Somebody has seen it; timers that ended before fire first.

    Nothing is acknowledged where there is nothing to acknowledge.
    """
    alarm, fired = tick(alarm, rule, now=now)
    alarm, seen = _acknowledged(alarm, now)
    return alarm, (*fired, *seen)


def shelve(alarm: Alarm, *, now: datetime, until: datetime) -> Outcome:
    """Silence the alarm until a time; an active one ends."""
    return _move(Alarm(until=until), State.SHELVED, Step.SHELVED, now, before=alarm.state)


def disable(alarm: Alarm, *, now: datetime) -> Outcome:
    """Take the limit out of use."""
    if alarm.state is State.DISABLED:
        return alarm, ()
    return _move(Alarm(), State.DISABLED, Step.DISABLED, now, before=alarm.state)


def enable(alarm: Alarm, *, now: datetime) -> Outcome:
    """Take a disabled limit into use again."""
    if alarm.state is not State.DISABLED:
        return alarm, ()
    return _move(Alarm(), State.NORMAL, Step.ENABLED, now, before=State.DISABLED)


def ends_episode(transition: Transition) -> bool:
    """True when an active alarm stopped being active."""
    return transition.before in ACTIVE and transition.after not in ACTIVE


def _acknowledged(alarm: Alarm, now: datetime) -> Outcome:
    if alarm.state is State.ACTIVE_UNACK:
        return _move(alarm, State.ACTIVE_ACK, Step.ACKNOWLEDGED, now)
    if alarm.state is State.LATCHED:
        return _move(Alarm(), State.NORMAL, Step.ACKNOWLEDGED, now, before=State.LATCHED)
    if alarm.state is State.PENDING and alarm.resumes is State.LATCHED:
        note = Transition(Step.ACKNOWLEDGED, now, State.PENDING, State.PENDING)
        return replace(alarm, resumes=State.NORMAL), (note,)
    return alarm, ()


def _violated(alarm: Alarm, at: datetime, value: float | None) -> Outcome:
    if alarm.state in (State.NORMAL, State.LATCHED):
        started = Alarm(started_at=at, peak=value, resumes=alarm.state)
        return _move(started, State.PENDING, Step.STARTED, at, value, before=alarm.state)
    if alarm.state in ACTIVE and alarm.clearing_at is not None:
        return replace(alarm, clearing_at=None), ()
    return alarm, ()


def _clear(alarm: Alarm, at: datetime, value: float | None) -> Outcome:
    if alarm.state is State.PENDING:
        return _move(Alarm(), alarm.resumes, Step.PASSED, at, value, before=State.PENDING)
    if alarm.state in ACTIVE and alarm.clearing_at is None:
        return replace(alarm, clearing_at=at), ()
    return alarm, ()


def _worse(rule: Rule, peak: float | None, value: float) -> float:
    if peak is None:
        return value
    return min(peak, value) if rule.is_low else max(peak, value)


def _move(
    alarm: Alarm,
    after: State,
    step: Step,
    at: datetime,
    value: float | None = None,
    *,
    before: State | None = None,
) -> Outcome:
    moved = replace(alarm, state=after, changed_at=at)
    return moved, (Transition(step, at, before or alarm.state, after, value),)

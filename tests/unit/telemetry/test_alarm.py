"""The alarm machine: every row of its table, its timers, and what holds for any course of values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.domain.alarm import (
    ACTIVE,
    Alarm,
    Condition,
    Kind,
    Rule,
    State,
    Step,
    Transition,
    acknowledge,
    condition_of,
    disable,
    due_at,
    enable,
    ends_episode,
    observe,
    shelve,
    tick,
)

T0 = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HIGH = Rule(Kind.HIGH, -12.0, 1.0, timedelta(minutes=30), timedelta(minutes=2))
LOW = Rule(Kind.LOW, -1.0, 0.5, timedelta(minutes=15), timedelta(minutes=2))
WARM, BETWEEN, COLD = -10.0, -12.5, -18.0


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def play(rule: Rule, *events: tuple[float, float | str]) -> tuple[Alarm, list[Transition]]:
    """Feed (minute, value | "tick" | "ack") to a new alarm."""
    alarm, log = Alarm(), []
    for minute, what in events:
        if what == "tick":
            alarm, moved = tick(alarm, rule, now=at(minute))
        elif what == "ack":
            alarm, moved = acknowledge(alarm, rule, now=at(minute))
        else:
            alarm, moved = observe(alarm, rule, value=float(what), at=at(minute))
        log += moved
    return alarm, log


@pytest.mark.parametrize(
    ("rule", "value", "condition"),
    [
        (HIGH, -11.99, Condition.VIOLATED),
        (HIGH, -12.0, Condition.BETWEEN),
        (HIGH, -12.99, Condition.BETWEEN),
        (HIGH, -13.0, Condition.CLEAR),
        (LOW, -1.01, Condition.VIOLATED),
        (LOW, -1.0, Condition.BETWEEN),
        (LOW, -0.51, Condition.BETWEEN),
        (LOW, -0.5, Condition.CLEAR),
        (Rule(Kind.HIGH, None), 99.0, Condition.CLEAR),
    ],
)
def test_condition_of_keeps_the_hysteresis_apart_from_the_limit(
    rule: Rule, value: float, condition: Condition
) -> None:
    assert condition_of(rule, value) is condition


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([(0, COLD)], State.NORMAL),
        ([(0, WARM)], State.PENDING),
        ([(0, WARM), (5, BETWEEN)], State.PENDING),
        ([(0, WARM), (5, COLD)], State.NORMAL),
        ([(0, WARM), (29.99, "tick")], State.PENDING),
        ([(0, WARM), (30, "tick")], State.ACTIVE_UNACK),
        ([(0, WARM), (31, WARM)], State.ACTIVE_UNACK),
        ([(0, WARM), (31, COLD)], State.ACTIVE_UNACK),
        ([(0, WARM), (31, WARM), (32, "ack")], State.ACTIVE_ACK),
        ([(0, WARM), (31, WARM), (40, COLD), (41, "tick")], State.ACTIVE_UNACK),
        ([(0, WARM), (31, WARM), (40, COLD), (42, "tick")], State.LATCHED),
        ([(0, WARM), (31, WARM), (40, COLD), (41, BETWEEN), (42, "tick")], State.LATCHED),
        ([(0, WARM), (31, WARM), (40, COLD), (41, WARM), (43, "tick")], State.ACTIVE_UNACK),
        ([(0, WARM), (31, WARM), (32, "ack"), (40, COLD), (42, "tick")], State.NORMAL),
        ([(0, WARM), (31, WARM), (40, COLD), (42, "tick"), (50, "ack")], State.NORMAL),
        ([(0, WARM), (31, WARM), (40, COLD), (42, "tick"), (50, WARM)], State.PENDING),
        ([(0, WARM), (31, WARM), (40, COLD), (42, "tick"), (50, WARM), (51, COLD)], State.LATCHED),
        (
            [(0, WARM), (31, WARM), (40, COLD), (42, "tick"), (50, WARM), (51, "ack"), (52, COLD)],
            State.NORMAL,
        ),
        ([(0, WARM), (31, WARM), (40, COLD), (42, "tick"), (50, WARM), (80, "tick")], State.ACTIVE_UNACK),
        ([(0, "ack")], State.NORMAL),
        ([(0, WARM), (1, "ack")], State.PENDING),
    ],
)
def test_alarm_reaches_the_state_of_its_table(events: list[tuple[float, float | str]], state: State) -> None:
    assert play(HIGH, *events)[0].state is state


def test_alarm_raises_at_the_end_of_its_delay_without_a_new_sample() -> None:
    alarm, log = play(HIGH, (0, WARM), (5, -8.0), (45, "tick"))
    assert [(step.step, step.at, step.value) for step in log] == [
        (Step.STARTED, at(0), WARM),
        (Step.RAISED, at(30), -8.0),
    ]
    assert (alarm.raised_at, alarm.peak) == (at(30), -8.0)


def test_alarm_below_a_low_limit_keeps_the_lowest_value_as_peak() -> None:
    assert play(LOW, (0, -2.0), (5, -4.0), (10, -3.0))[0].peak == -4.0


def test_alarm_without_delays_raises_and_clears_with_the_reading() -> None:
    rule = Rule(Kind.HIGH, 5.0)
    alarm, log = play(rule, (0, 6.0), (1, 5.0))
    assert [step.step for step in log] == [Step.STARTED, Step.RAISED, Step.RETURNED]
    assert alarm.state is State.LATCHED


def test_alarm_that_is_shelved_rests_until_its_time() -> None:
    alarm, moved = shelve(play(HIGH, (0, WARM), (31, WARM))[0], now=at(32), until=at(60))
    assert ends_episode(moved[0])
    assert observe(alarm, HIGH, value=WARM, at=at(40))[0].state is State.SHELVED
    assert tick(alarm, HIGH, now=at(60))[0].state is State.NORMAL


def test_alarm_that_is_disabled_reacts_to_nothing_until_enabled() -> None:
    alarm, _ = disable(Alarm(), now=T0)
    assert observe(alarm, HIGH, value=WARM, at=at(40)) == (alarm, ())
    assert disable(alarm, now=T0) == (alarm, ())
    assert enable(alarm, now=at(41))[0].state is State.NORMAL


EVENTS = st.lists(
    st.tuples(
        st.floats(0.1, 20),
        st.floats(-30, 10) | st.sampled_from(["tick", "ack"]),
    ),
    max_size=60,
)


@given(EVENTS)
def test_alarm_log_is_a_chain_and_every_episode_ends_before_the_next(
    steps: list[tuple[float, float | str]],
) -> None:
    minute, events = 0.0, []
    for gap, what in steps:
        minute += gap
        events.append((minute, what))
    alarm, log = play(HIGH, *events)
    state = State.NORMAL
    active = False
    for step in log:
        assert step.before is state
        assert step.step is not Step.RAISED or not active
        active = step.after in ACTIVE
        state = step.after
    assert alarm.state is state
    assert (alarm.state in ACTIVE) == (alarm.raised_at is not None and alarm.state is not State.LATCHED)


@given(EVENTS)
def test_alarm_never_raises_before_its_delay_of_violation(steps: list[tuple[float, float | str]]) -> None:
    minute, events = 0.0, []
    for gap, what in steps:
        minute += gap
        events.append((minute, what))
    _, log = play(HIGH, *events)
    for before, step in pairwise(log):
        if step.step is Step.RAISED:
            started = next(s for s in reversed(log[: log.index(step)]) if s.step is Step.STARTED)
            assert step.at - started.at == HIGH.on_delay
        assert before.at <= step.at


@given(EVENTS)
def test_alarm_has_no_timer_left_that_is_already_due(steps: list[tuple[float, float | str]]) -> None:
    minute, events = 0.0, []
    for gap, what in steps:
        minute += gap
        events.append((minute, what))
    alarm, _ = play(HIGH, *events, (minute, "tick"))
    due = due_at(alarm, HIGH)
    assert due is None or due > at(minute)

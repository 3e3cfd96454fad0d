"""Limits that make sense, and the rules they make."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.domain.alarm import Condition, Kind, condition_of
from telemetry.domain.limits import DEFAULTS, Limits, Problem, check, rules_of, stale_after


@pytest.mark.parametrize(
    ("limits", "problems"),
    [
        (Limits(warn_high=-15, alarm_high=-12, hysteresis=1), ()),
        (Limits(alarm_low=-1, warn_high=4, alarm_high=5), ()),
        (Limits(alarm_high=5), ()),
        (Limits(), (Problem("alarm_high", "none"),)),
        (Limits(warn_high=6, alarm_high=5), (Problem("warn_high", "above_alarm"),)),
        (Limits(alarm_low=0, warn_low=-1, alarm_high=5), (Problem("warn_low", "below_alarm"),)),
        (Limits(warn_low=5, warn_high=5), (Problem("warn_low", "crossed"),)),
        (Limits(warn_low=2, warn_high=3, hysteresis=1), (Problem("hysteresis", "too_wide"),)),
        (Limits(alarm_high=5, hysteresis=-1), (Problem("hysteresis", "negative"),)),
        (Limits(alarm_high=5, on_delay=timedelta(seconds=-1)), (Problem("on_delay", "negative"),)),
    ],
)
def test_check_finds_what_makes_no_sense(limits: Limits, problems: tuple[Problem, ...]) -> None:
    assert check(limits) == problems


@pytest.mark.parametrize("kind", sorted(DEFAULTS))
def test_defaults_make_sense(kind: str) -> None:
    assert check(DEFAULTS[kind]) == ()


def test_rules_of_watches_each_limit_and_always_silence_and_faults() -> None:
    kinds = [rule.kind for rule in rules_of(Limits(alarm_low=-1, alarm_high=5))]
    assert kinds == [Kind.HIGH, Kind.LOW, Kind.STALE, Kind.FAULT]


@pytest.mark.parametrize(("seconds", "minutes"), [(2, 15), (300, 15), (600, 30)])
def test_stale_after_is_three_intervals_but_at_least_a_quarter_hour(seconds: int, minutes: int) -> None:
    assert stale_after(timedelta(seconds=seconds)) == timedelta(minutes=minutes)


@given(low=st.floats(-40, 0), high=st.floats(0.1, 40), hysteresis=st.floats(0, 50), value=st.floats(-60, 60))
def test_limits_that_pass_the_check_always_leave_a_value_that_clears_both_ways(
    low: float, high: float, hysteresis: float, value: float
) -> None:
    limits = Limits(alarm_low=low, alarm_high=high, hysteresis=hysteresis)
    rules = rules_of(limits)[:2]
    assert sum(condition_of(rule, value) is Condition.VIOLATED for rule in rules) <= 1
    if not check(limits):
        assert condition_of(rules[0], low) is Condition.CLEAR
        assert condition_of(rules[1], high) is Condition.CLEAR

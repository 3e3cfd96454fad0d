"""Audience decisions: a table of calm behaviour, and the promises over generated streams of facts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signage.domain.targeting import Fact, State, TargetRule, observe

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
RULE = TargetRule(at_least=3)


def at(seconds: float) -> datetime:
    """An instant, counted from the start of the story."""
    return START + timedelta(seconds=seconds)


def run(rule: TargetRule, *facts: tuple[float, int], ttl: float = 10):
    """Feed (second, count) facts; return the last outcome."""
    state, outcome = State(), None
    for second, count in facts:
        fact = Fact(count=count, observed_at=at(second), expires_at=at(second + ttl))
        outcome = observe(rule, state, fact, at(second))
        state = outcome.state
    assert outcome is not None
    return outcome


@pytest.mark.parametrize(
    ("facts", "reason", "starts", "ends"),
    [
        ([(0, 2)], "BELOW", None, None),
        ([(0, 3)], "ENTER", 0.5, 10),
        ([(0, 3), (0.3, 1)], "CANCEL", None, None),
        ([(0, 3), (4, 5)], "EXTEND", 0.5, 14),
        ([(0, 3), (2, 0)], "LEAVE", 0.5, 8.5),
        ([(0, 3), (9, 4), (12, 0)], "LEAVE", 0.5, 14),
        ([(0, 3), (9, 4), (12, 0), (13, 3)], "EXTEND", 0.5, 23),
        ([(0, 3), (2, 0), (9, 3)], "WAITING", None, None),
        ([(0, 3), (2, 0), (20, 3)], "ENTER", 28.5, 36.5),
        ([(0, 3), (12, 3)], "WAITING", None, None),
    ],
)
def test_observe_is_calm(facts, reason, starts, ends):
    outcome = run(RULE, *facts)
    state = outcome.state
    assert outcome.reason == reason
    assert state.starts_at == (None if starts is None else at(starts))
    assert state.ends_at == (None if ends is None else at(ends))


def test_observe_ignores_an_older_or_expired_fact():
    state = run(RULE, (5, 3)).state
    older = Fact(count=0, observed_at=at(4), expires_at=at(60))
    assert observe(RULE, state, older, at(6)).reason == "STALE"
    expired = Fact(count=0, observed_at=at(6), expires_at=at(16))
    outcome = observe(RULE, state, expired, at(16))
    assert (outcome.reason, outcome.changed, outcome.state) == ("STALE", False, state)


def test_observe_respects_an_upper_limit():
    rule = TargetRule(at_least=1, at_most=2)
    assert run(rule, (0, 2)).reason == "ENTER"
    assert run(rule, (0, 3)).reason == "BELOW"


def test_observe_does_not_count_truth_across_a_silence():
    outcome = run(TargetRule(at_least=3, enter_after=timedelta(seconds=4)), (0, 3), (30, 3))
    assert outcome.state.starts_at == at(34)


steps = st.lists(st.tuples(st.integers(100, 9_000), st.integers(0, 6)), min_size=1, max_size=60)


@settings(deadline=None)
@given(steps, st.integers(0, 3_000), st.integers(0, 5_000), st.integers(1_000, 9_000), st.integers(0, 20_000))
def test_windows_keep_minimum_show_cool_down_and_steadiness(stream, enter, leave, show, cool):
    rule = TargetRule(
        at_least=3,
        enter_after=timedelta(milliseconds=enter),
        leave_after=timedelta(milliseconds=leave),
        minimum_show=timedelta(milliseconds=show),
        cool_down=timedelta(milliseconds=cool),
    )
    state, now = State(), START
    shown: list[tuple[datetime, datetime]] = []
    last_false = START - timedelta(days=1)
    for step, count in stream:
        now += timedelta(milliseconds=step)
        if state.starts_at and state.ends_at and state.ends_at <= now:
            shown.append((state.starts_at, state.ends_at))
        fact = Fact(count=count, observed_at=now, expires_at=now + timedelta(seconds=5))
        outcome = observe(rule, state, fact, now)
        if outcome.reason == "ENTER":
            assert outcome.state.starts_at is not None
            assert outcome.state.starts_at >= last_false + rule.enter_after
        if count < 3:
            last_false = now
        state = outcome.state
    for starts, ends in shown:
        assert ends - starts >= rule.minimum_show
    for (_, ended), (started, _) in pairwise(shown):
        assert started - ended >= rule.cool_down

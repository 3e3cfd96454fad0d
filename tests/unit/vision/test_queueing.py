from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.domain.queueing import QueueRule, QueueWatch, judge, limit, tills_suggested

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
RULE = QueueRule()


def run(steps, rule=RULE, watch=None):
    """Feed (seconds, length, open tills) and return the actions with their seconds."""
    watch = watch or QueueWatch()
    actions = []
    for seconds, length, open_tills in steps:
        watch, verdict = judge(
            rule, watch, length=length, open_tills=open_tills, tills=4, now=NOON + timedelta(seconds=seconds)
        )
        if verdict.action != "NONE":
            actions.append((seconds, verdict.action, verdict.tills_suggested or verdict.reason))
    return actions


def every(seconds, start, stop, length, open_tills=1):
    return [(at, length, open_tills) for at in range(start, stop, seconds)]


def test_a_long_queue_calls_after_it_stayed_long():
    assert run(every(5, 0, 16, 7)) == []
    assert run(every(5, 0, 26, 7)) == [(20, "RAISE", 2)]


def test_a_queue_the_open_tills_can_bear_is_quiet():
    assert run(every(5, 0, 120, 3)) == []
    assert run(every(5, 0, 120, 6, open_tills=2)) == []


def test_a_short_moment_starts_the_clock_again():
    steps = [*every(5, 0, 20, 7), (20, 3, 1), *every(5, 25, 45, 7)]
    assert run(steps) == []


def test_nobody_is_called_when_every_till_is_open():
    assert run(every(5, 0, 120, 40, open_tills=4)) == []


def test_the_call_ends_when_the_queue_stayed_short():
    steps = every(5, 0, 25, 7) + every(5, 25, 70, 1)
    assert run(steps) == [(20, "RAISE", 2), (55, "CLEAR", "SHORT")]


def test_the_call_ends_when_tills_were_opened():
    steps = every(5, 0, 25, 7) + every(5, 25, 70, 7, open_tills=3)
    assert run(steps) == [(20, "RAISE", 2), (55, "CLEAR", "TILLS_OPENED")]


def test_the_call_does_not_end_at_the_limit_itself():
    steps = every(5, 0, 25, 7) + every(5, 25, 300, 3)
    assert run(steps) == [(20, "RAISE", 2)]


def test_after_a_call_it_is_quiet_for_the_cool_down():
    steps = every(5, 0, 25, 7) + every(5, 25, 60, 1) + every(5, 60, 300, 7)
    assert run(steps) == [(20, "RAISE", 2), (55, "CLEAR", "SHORT"), (235, "RAISE", 2)]


def test_a_blind_camera_neither_calls_nor_shortens_the_queue():
    assert run([*every(5, 0, 15, 7), (15, None, 1), *every(5, 20, 40, 7)]) == []


def test_a_call_nobody_can_see_any_more_ends():
    steps = every(5, 0, 25, 7) + every(5, 25, 120, None)
    assert run(steps) == [(20, "RAISE", 2), (85, "CLEAR", "NO_DATA")]


@pytest.mark.parametrize(
    ("length", "open_tills", "expected"), [(7, 1, 2), (4, 1, 1), (30, 1, 3), (3, 1, 0), (30, 4, 0), (2, 0, 1)]
)
def test_tills_suggested(length, open_tills, expected):
    assert tills_suggested(RULE, length=length, open_tills=open_tills, tills=4) == expected


@pytest.mark.parametrize(("open_tills", "expected"), [(0, 3), (1, 3), (2, 6)])
def test_limit_with_no_open_till_is_that_of_one(open_tills, expected):
    assert limit(RULE, open_tills) == expected


@given(
    st.lists(
        st.tuples(st.integers(1, 30), st.one_of(st.none(), st.integers(0, 20)), st.integers(0, 4)),
        max_size=80,
    )
)
def test_calls_and_ends_alternate_and_keep_their_distances(steps):
    at, fed = 0, []
    for gap, length, open_tills in steps:
        at += gap
        fed.append((at, length, open_tills))
    actions = run(fed)
    assert [action for _, action, _ in actions] == (["RAISE", "CLEAR"] * len(actions))[: len(actions)]
    for (first, action, _), (second, _, _) in pairwise(actions):
        wait = RULE.cool_down if action == "CLEAR" else RULE.leave_after
        assert second - first >= wait.total_seconds()

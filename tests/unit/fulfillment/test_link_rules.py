"""Breaker, backoff and the plan of calls as pure values."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.adapters.cloud import limits
from store.adapters.cloud.port import EntryResult, OutEntry
from store.link.breaker import PROBE_CAP_SECONDS, Breaker, BreakerState, full_jitter
from store.link.plan import Waiting, batches

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def rng():
    return random.Random(7)


@pytest.mark.parametrize(
    ("attempt", "ceiling"), [(1, 0.25), (2, 0.5), (3, 1.0), (11, 256.0), (12, 300.0), (99, 300.0)]
)
def test_backoff_is_full_jitter_under_a_doubling_ceiling(attempt, ceiling):
    source = rng()
    waits = [full_jitter(attempt, source).total_seconds() for _ in range(500)]
    assert 0 <= min(waits) < ceiling * 0.05
    assert ceiling * 0.95 < max(waits) <= ceiling


def test_breaker_opens_lets_one_through_and_closes():
    down = Breaker().failed(NOW, "timeout", rng())
    assert (down.state, down.since, down.failures) == (BreakerState.OPEN, NOW, 1)
    assert not down.allows(down.retry_at - timedelta(microseconds=1))
    probing = down.attempted(down.retry_at)
    assert probing.state is BreakerState.HALF_OPEN
    up = probing.succeeded(NOW + timedelta(minutes=1))
    assert (up.state, up.failures, up.since) == (BreakerState.CLOSED, 0, NOW + timedelta(minutes=1))


def test_breaker_remembers_the_first_failure_of_an_outage():
    state, source, moment = Breaker(), rng(), NOW
    for _ in range(40):
        state = state.failed(moment, "x" * 500, source)
        assert (state.retry_at - moment).total_seconds() <= PROBE_CAP_SECONDS
        moment = state.retry_at
        state = state.attempted(moment)
    assert (state.since, state.failures, len(state.last_error)) == (NOW, 40, 300)


def test_breaker_that_works_stays_the_same():
    state = Breaker(since=NOW)
    assert state.succeeded(NOW + timedelta(hours=1)) is state


rows = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(1, 400)), max_size=60).map(
    lambda pairs: [Waiting(id=n, stream=stream, size=size) for n, (stream, size) in enumerate(pairs)]
)


@given(rows)
def test_plan_sends_each_row_once_keeps_streams_in_order_and_calls_small(waiting):
    calls = list(batches(waiting, max_entries=4, max_bytes=1000))
    sent = [row for call in calls for row in call]
    assert sorted(row.id for row in sent) == [row.id for row in waiting]
    for call in calls:
        assert 1 <= len(call) <= 4
        assert sum(row.size for row in call) <= 1000
        assert len({row.stream for row in call}) == len(call)
    for stream in "abcdef":
        numbers = [row.id for row in sent if row.stream == stream]
        assert numbers == sorted(numbers)


def test_row_too_large_for_any_call_stands_alone():
    big = Waiting(id=1, stream="a", size=5000)
    small = Waiting(id=2, stream="b", size=1)
    assert list(batches([small, big], max_entries=10, max_bytes=1000)) == [[small], [big]]


def entry(detail="{}", **more):
    return OutEntry(**{"source": "aisle.s1", "detail_type": "a.v1", "detail": detail, "time": NOW} | more)


@pytest.mark.parametrize(
    ("one", "code"),
    [
        (entry(), None),
        (entry("[]"), "MalformedDetail"),
        (entry("x"), "MalformedDetail"),
        (entry(source=""), "InvalidArgument"),
        (entry(source="aws.mine"), "InvalidArgument"),
        (entry(detail_type=""), "InvalidArgument"),
        (entry('{"x": "' + "ä" * (512 * 1024) + '"}'), "EntryTooLarge"),
    ],
)
def test_entry_limits(one, code):
    found = limits.check_entry(one)
    assert (found.code if found else None) == code


def test_entry_size_counts_bytes_not_characters():
    assert limits.entry_size(entry('{"x": "ä"}')) == 14 + len("aisle.s1") + len("a.v1") + 11


def test_answers_go_back_to_their_entries():
    no = EntryResult(is_sent=False, code="x")
    yes = EntryResult(is_sent=True)
    assert limits.merge(3, {1: no}, [yes, yes]) == [yes, no, yes]
    for answered in ([yes], [yes, yes, yes]):
        with pytest.raises(ValueError, match="another number"):
            limits.merge(3, {1: no}, answered)

"""The schedule: the shared vectors, and properties over generated rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signage.domain.playhead import playhead
from signage.domain.report import effect
from signage.domain.schedule import (
    ALL_DAY,
    EVERY_DAY,
    Ladder,
    Rule,
    Window,
    active,
    local_instant,
    resolve,
    timeline,
)
from tests.unit.signage.vectors import VECTORS, interrupt, rule

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ("Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "UTC", "Asia/Kathmandu")
CASES = [
    pytest.param(schedule, case, id=f"{schedule['name']} at {case['at']}")
    for schedule in VECTORS["schedules"]
    for case in schedule["cases"]
]


@pytest.mark.parametrize(("schedule", "case"), CASES)
def test_resolve_agrees_with_the_vector(schedule, case):
    choice = resolve(
        [rule(each) for each in schedule["rules"]],
        datetime.fromisoformat(case["at"]),
        ZoneInfo(schedule["zone"]),
        default=schedule["default"],
        interrupts=[interrupt(each) for each in schedule.get("interrupts", [])],
    )
    assert (choice.playlist, choice.kind, choice.cause_id) == (
        case["playlist"],
        case["kind"],
        case.get("cause"),
    )
    if "since" in case:
        assert choice.since == datetime.fromisoformat(case["since"])
    if "until" in case:
        assert choice.until == datetime.fromisoformat(case["until"])


@pytest.mark.parametrize(
    "case", VECTORS["playheads"], ids=lambda case: f"{case['durations_ms']} {case['at']}"
)
def test_playhead_agrees_with_the_vector(case):
    position = playhead(
        case["durations_ms"], datetime.fromisoformat(case["since"]), datetime.fromisoformat(case["at"])
    )
    if case["index"] is None:
        assert position is None
        return
    assert position is not None
    assert (position.index, position.loop) == (case["index"], case["loop"])
    assert position.starts_at == datetime.fromisoformat(case["starts_at"])
    assert position.ends_at == datetime.fromisoformat(case["ends_at"])


windows = st.builds(Window, starts=st.integers(0, 1439), ends=st.integers(0, 1439))
rules = st.lists(
    st.builds(
        Rule,
        id=st.integers(1, 10_000),
        playlist=st.integers(2, 9),
        ladder=st.sampled_from([Ladder.NORMAL, Ladder.OVERRIDE, Ladder.EMERGENCY]),
        priority=st.integers(0, 3),
        order=st.integers(0, 2),
        weekdays=st.frozensets(st.integers(1, 7)),
        windows=st.tuples(windows) | st.tuples(windows, windows) | st.just((ALL_DAY,)),
    ),
    max_size=8,
    unique_by=lambda each: each.id,
)
# Around both clock changes of 2026 and an ordinary week.
instants = st.sampled_from(
    [datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)]
).flatmap(lambda base: st.integers(0, 4 * 86_400).map(lambda seconds: base + timedelta(seconds=seconds)))


@settings(deadline=None)
@given(rules, instants, st.sampled_from(ZONES))
def test_winner_is_never_beaten_and_covers_the_instant(some, at, zone):
    spots = active(some, at, ZoneInfo(zone))
    choice = resolve(some, at, ZoneInfo(zone), default=1)
    assert (choice.winner is None) == (not spots)
    for spot in spots:
        assert spot.starts_at <= at < spot.ends_at
        assert choice.winner is not None
        assert choice.winner.rank <= spot.rank


@settings(deadline=None)
@given(rules, instants, st.sampled_from(ZONES))
def test_timeline_has_no_hole_and_agrees_with_resolve(some, at, zone):
    end = at + timedelta(days=2)
    segments = timeline(some, at, end, ZoneInfo(zone), default=1)
    assert segments[0].starts_at == at
    assert segments[-1].ends_at == end
    for left, right in pairwise(segments):
        assert left.ends_at == right.starts_at
        assert left.choice.winner != right.choice.winner
    for segment in segments:
        middle = segment.starts_at + (segment.ends_at - segment.starts_at) / 2
        for instant in (segment.starts_at, middle):
            assert resolve(some, instant, ZoneInfo(zone), default=1).winner == segment.choice.winner


@settings(deadline=None)
@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(0, 1439), st.sampled_from(ZONES))
def test_local_instant_never_goes_back(day, minute, zone):
    here = ZoneInfo(zone)
    instant = local_instant(day, minute, here)
    assert local_instant(day + timedelta(days=1), minute, here) > instant
    if minute < 1439:
        assert local_instant(day, minute + 1, here) >= instant


def test_window_refuses_a_minute_outside_the_day():
    with pytest.raises(ValueError, match="minute of day out of range: 1440"):
        Window(starts=0, ends=1440)


def test_effect_names_what_a_new_rule_hides():
    base = Rule(id=1, playlist=2, name="Offers", windows=(Window(starts=480, ends=720),))
    full = Rule(id=2, playlist=3, name="Breakfast", windows=(Window(starts=540, ends=600),))
    new = Rule(id=3, playlist=4, name="Sale", priority=5, windows=(Window(starts=540, ends=660),))
    monday = datetime(2026, 11, 22, 23, tzinfo=UTC)
    report = effect([base, full], new, monday, monday + timedelta(days=1), BERLIN, default=1)
    assert [(each.name, each.before, each.after) for each in report.hides] == [
        ("Offers", timedelta(hours=4), timedelta(hours=2))
    ]
    assert report.hides[0].first_at == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert report.shown == report.asked == timedelta(hours=2)
    assert report.hidden_by == ()


def test_effect_says_when_a_rule_is_never_seen():
    loud = Rule(id=1, playlist=2, name="Emergency", ladder=Ladder.EMERGENCY)
    new = Rule(id=2, playlist=3, name="Quiet", weekdays=EVERY_DAY, windows=(Window(starts=60, ends=120),))
    monday = datetime(2026, 11, 22, 23, tzinfo=UTC)
    report = effect([loud], new, monday, monday + timedelta(days=1), BERLIN, default=1)
    assert report.never_seen
    assert report.asked == timedelta(hours=1)
    assert report.hidden_by == ("Emergency",)
    assert report.hides == ()

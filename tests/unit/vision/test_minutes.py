from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.domain.minutes import (
    ZoneMinute,
    bucket_of,
    fold,
    median,
    percentile,
    site_occupancy,
    supersedes,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_bucket_is_the_start_of_the_minute():
    assert bucket_of(NOON.replace(second=59, microsecond=999_999)) == NOON


@pytest.mark.parametrize(
    ("new", "stored", "wins"), [(1, None, True), (2, 1, True), (1, 1, False), (1, 2, False)]
)
def test_the_later_report_of_a_bucket_counts(new, stored, wins):
    assert supersedes(new, stored) is wins


@given(st.lists(st.integers(1, 50), min_size=1), st.randoms())
def test_order_and_duplicates_of_reports_change_nothing(seqs, random):
    def store(reports):
        kept = None
        for seq in reports:
            kept = seq if supersedes(seq, kept) else kept
        return kept

    shuffled = seqs * 2
    random.shuffle(shuffled)
    assert store(shuffled) == store(seqs) == max(seqs)


def test_zone_minute_weighs_occupancy_by_time():
    minute = ZoneMinute()
    minute.watch(4, 10)
    minute.watch(1, 30)
    assert minute.metrics() == {"occupancy_peak": 4, "entered": 0, "left": 0, "occupancy_mean": 1.75}
    assert minute.coverage_s == 40


def test_zone_minute_without_observation_has_no_mean():
    assert "occupancy_mean" not in ZoneMinute().metrics()


def test_zone_minute_tells_dwell_of_ended_visits():
    minute = ZoneMinute(dwells=[2.0, 4.0, 6.0, 100.0])
    found = minute.metrics()
    assert (found["dwell_n"], found["dwell_mean_s"], found["dwell_median_s"], found["dwell_p90_s"]) == (
        4,
        28.0,
        5.0,
        100.0,
    )


def test_median_and_percentile():
    assert median([3, 1, 2]) == 2
    assert percentile([10], 0.9) == 10
    assert percentile(list(range(1, 11)), 0.9) == 9


def test_site_occupancy_never_falls_below_an_empty_store():
    assert site_occupancy([(3, 1), (0, 5), (2, 0)]) == 2
    assert site_occupancy([]) == 0


def test_fold_keeps_an_unobserved_slot_empty():
    minutes = {NOON: (3.0, 60.0), NOON + timedelta(minutes=1): (0.0, 30.0)}
    slots = fold(minutes, NOON, 3, timedelta(minutes=1))
    assert [(slot.value, slot.coverage) for slot in slots] == [(3.0, 1.0), (0.0, 0.5), (None, 0.0)]


def test_fold_adds_minutes_to_hours_and_ignores_others():
    minutes = {NOON + timedelta(minutes=n): (1.0, 60.0) for n in range(-5, 125)}
    slots = fold(minutes, NOON, 2, timedelta(hours=1))
    assert [(slot.value, slot.coverage) for slot in slots] == [(60.0, 1.0), (60.0, 1.0)]

"""Which readings are believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.domain.reading import Known, Quality, Range, Reason, Verdict, judge

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FREEZER = Range(-60.0, 80.0)


def judge_now(value: float, *, age: float = 1.0, known: Known | None = None) -> Verdict:
    return judge(value, NOW - timedelta(seconds=age), received_at=NOW, known=known, limits=FREEZER)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (-18.4, Reason.NONE),
        (-60.0, Reason.NONE),
        (80.0, Reason.NONE),
        (80.01, Reason.ABSURD),
        (-60.01, Reason.ABSURD),
        (4000.0, Reason.ABSURD),
        (float("nan"), Reason.NOT_A_NUMBER),
        (float("inf"), Reason.NOT_A_NUMBER),
        (float("-inf"), Reason.NOT_A_NUMBER),
        (-127.0, Reason.PROBE_FAULT),
        (85.0, Reason.PROBE_FAULT),
    ],
)
def test_judge_names_why_a_value_is_not_believed(value: float, reason: Reason) -> None:
    verdict = judge_now(value)
    assert verdict.reason is reason
    assert (verdict.quality is Quality.BAD) == (reason is not Reason.NONE)


@pytest.mark.parametrize(
    ("seconds", "step", "reason"),
    [
        (2, 2.9, Reason.NONE),
        (2, 3.1, Reason.JUMP),
        (60, 15.0, Reason.NONE),
        (60, 15.1, Reason.JUMP),
        (60, -15.1, Reason.JUMP),
        (120, 29.0, Reason.NONE),
        (3600, 60.0, Reason.NONE),
    ],
)
def test_judge_refuses_a_jump_faster_than_15_kelvin_a_minute(
    seconds: int, step: float, reason: Reason
) -> None:
    known = Known(-20.0, NOW - timedelta(seconds=seconds + 1))
    assert judge_now(-20.0 + step, known=known).reason is reason


def test_judge_does_not_measure_a_late_reading_against_a_later_one() -> None:
    known = Known(-20.0, NOW)
    assert judge_now(10.0, age=30, known=known).reason is Reason.NONE


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (0.5, Verdict(Quality.GOOD, Reason.NONE, NOW - timedelta(seconds=0.5))),
        (900, Verdict(Quality.GOOD, Reason.NONE, NOW - timedelta(seconds=900))),
        (901, Verdict(Quality.GOOD, Reason.NONE, NOW - timedelta(seconds=901), late=True)),
        (-600, Verdict(Quality.GOOD, Reason.NONE, NOW)),
        (-601, Verdict(Quality.UNCERTAIN, Reason.FUTURE, NOW)),
        (401 * 86400, Verdict(Quality.BAD, Reason.TOO_OLD, NOW - timedelta(days=401))),
    ],
)
def test_judge_weighs_the_device_clock_against_the_time_of_receipt(age: float, expected: Verdict) -> None:
    assert judge_now(-18.0, age=age) == expected


@given(
    value=st.floats(),
    age=st.floats(-1e6, 4e7),
    known=st.none() | st.builds(Known, st.floats(-60, 80), st.just(NOW - timedelta(minutes=1))),
)
def test_judge_decides_about_every_float_and_never_believes_a_bad_one(
    value: float, age: float, known: Known | None
) -> None:
    verdict = judge_now(value, age=age, known=known)
    if verdict.quality is not Quality.BAD:
        assert FREEZER.low <= value <= FREEZER.high
        assert verdict.effective_at <= NOW
    assert (verdict.reason is Reason.NONE) == (verdict.quality is Quality.GOOD)

"""Cash rounding and settlement (spec 1.8)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.cash import CashMode, CashProfile, Settlement, likely_notes, round_cash, settle

FIVE = CashProfile(step_minor=5)


@pytest.mark.parametrize(
    ("amount", "step", "mode", "expected"),
    [
        (1572, 5, CashMode.HALF_UP, 1570),
        (1504, 5, CashMode.HALF_UP, 1505),
        (1573, 5, CashMode.HALF_UP, 1575),
        (15, 10, CashMode.HALF_UP, 20),
        (15, 10, CashMode.HALF_DOWN, 10),
        (11, 10, CashMode.UP, 20),
        (10, 10, CashMode.UP, 10),
        (-1572, 5, CashMode.HALF_UP, -1570),
        (-15, 10, CashMode.HALF_UP, -20),
        (1572, 1, CashMode.HALF_UP, 1572),
    ],
)
def test_round_cash(amount: int, step: int, mode: CashMode, expected: int) -> None:
    assert round_cash(amount, step, mode) == expected


@pytest.mark.parametrize(
    ("due", "exact", "cash", "rounding", "change", "total"),
    [
        (1572, 0, 1570, -2, 0, 1570),
        (1572, 68, 1505, 1, 0, 1573),
        (1572, 1572, 0, 0, 0, 1572),
        (1572, 0, 2000, -2, 430, 1570),
        (1572, 1000, 572, 0, 0, 1572),
    ],
)
def test_settle_rounds_only_the_remainder_in_cash(
    due: int, exact: int, cash: int, *, rounding: int, change: int, total: int
) -> None:
    result = settle(due, exact, cash, FIVE)
    assert (result.rounding_minor, result.change_minor, result.total_minor) == (rounding, change, total)
    assert result.is_settled


def test_settle_part_payment_names_both_remainders() -> None:
    assert settle(1572, 0, 1000, FIVE) == Settlement(
        due_minor=1572,
        rounding_minor=-2,
        tendered_minor=1000,
        change_minor=0,
        remaining_minor=572,
        cash_due_minor=570,
    )


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (1572, (2000, 5000, 10000)),
        (3120, (3500, 4000, 5000, 10000)),
        (500, (1000, 2000, 5000, 10000)),
        (0, ()),
    ],
)
def test_likely_notes(due: int, expected: tuple[int, ...]) -> None:
    assert likely_notes(due) == expected


@given(
    st.integers(1, 1_000_000),
    st.integers(0, 100),
    st.integers(0, 2_000_000),
    st.sampled_from([1, 5, 10, 50]),
    st.sampled_from(CashMode),
)
def test_settlement_adds_up(due: int, exact_percent: int, cash: int, step: int, mode: CashMode) -> None:
    exact = due * exact_percent // 100
    result = settle(due, exact, cash, CashProfile(step_minor=step, mode=mode))
    if result.is_settled:
        assert result.tendered_minor - result.change_minor == result.total_minor
        assert result.change_minor >= 0
    assert abs(result.rounding_minor) < step or result.is_settled

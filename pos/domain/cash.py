"""Cash: rounding to the smallest coin, settlement of a receipt, and the notes a customer may hand over."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

EURO_NOTES = (500, 1000, 2000, 5000, 10000)


class CashMode(StrEnum):
    """Which way an amount between two coins goes; symmetric in sign."""

    HALF_UP = "HALF_UP"
    HALF_DOWN = "HALF_DOWN"
    UP = "UP"


@dataclass(frozen=True, kw_only=True, slots=True)
class CashProfile:
    """The smallest coin in minor units (1: no rounding) and how due and change meet it."""

    step_minor: int = 1
    mode: CashMode = CashMode.HALF_UP
    change_mode: CashMode = CashMode.HALF_UP


@dataclass(frozen=True, kw_only=True, slots=True)
class Settlement:
    """What is owed and what was offered.

    `rounding_minor` is the signed entry that cash rounding adds to the receipt. `remaining_minor` is what
    is still
    to pay by an exact tender, `cash_due_minor` what is still to pay when the rest is paid in cash; both
    are 0 once the receipt is settled. `total_minor` is what the receipt finally comes to.
    """

    due_minor: int
    rounding_minor: int
    tendered_minor: int
    change_minor: int
    remaining_minor: int
    cash_due_minor: int

    @property
    def total_minor(self) -> int:
        """Due plus rounding: what tenders minus change come to when settled."""
        return self.due_minor + self.rounding_minor

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to pay."""
        return self.remaining_minor == 0


def round_cash(amount_minor: int, step_minor: int, mode: CashMode) -> int:
    """Round an amount to a multiple of the smallest coin: 15.72 at 0.05 is 15.70."""
    if step_minor <= 1:
        return amount_minor
    steps, rest = divmod(abs(amount_minor), step_minor)
    doubled = 2 * rest
    goes_up = {
        CashMode.HALF_UP: doubled >= step_minor,
        CashMode.HALF_DOWN: doubled > step_minor,
        CashMode.UP: rest > 0,
    }[mode]
    rounded = (steps + (1 if goes_up and rest else 0)) * step_minor
    return rounded if amount_minor >= 0 else -rounded


def settle(due_minor: int, exact_minor: int, cash_minor: int, profile: CashProfile) -> Settlement:
    """Settle a receipt with exact tenders (card, voucher) and cash.

    Only the part that the exact tenders leave is rounded, and only if cash is offered for it: 15.72 in
    cash is 15.70, 0.68 by card leaves 15.04, which is 15.05 in cash.
    """
    rest = due_minor - exact_minor
    rounded_rest = round_cash(rest, profile.step_minor, profile.mode)
    tendered = exact_minor + cash_minor
    pays_cash = cash_minor != 0
    owed_in_cash = rounded_rest if pays_cash else rest
    if cash_minor >= min(owed_in_cash, rest):
        change = round_cash(max(cash_minor - owed_in_cash, 0), profile.step_minor, profile.change_mode)
        return Settlement(
            due_minor=due_minor,
            rounding_minor=tendered - change - due_minor,
            tendered_minor=tendered,
            change_minor=change,
            remaining_minor=0,
            cash_due_minor=0,
        )
    return Settlement(
        due_minor=due_minor,
        rounding_minor=rounded_rest - rest if pays_cash else 0,
        tendered_minor=tendered,
        change_minor=0,
        remaining_minor=rest - cash_minor,
        cash_due_minor=rounded_rest - cash_minor,
    )


def likely_notes(due_minor: int, notes: Sequence[int] = EURO_NOTES, count: int = 4) -> tuple[int, ...]:
    """Amounts a customer is likely to hand over: for each note the next multiple above the due amount."""
    if due_minor <= 0:
        return ()
    amounts = {-(-due_minor // note) * note for note in notes}
    return tuple(sorted(amounts - {due_minor})[:count])

"""Arithmetic of one order line: every piece ordered is in exactly one place."""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from fulfillment.domain.refusal import RefusedError

ZERO = Decimal(0)


class ShortReason(StrEnum):
    """Why a piece could not be picked."""

    NOT_FOUND = "NOT_FOUND"
    DAMAGED = "DAMAGED"
    EXPIRED = "EXPIRED"
    RESERVED_BY_POS = "RESERVED_BY_POS"
    WRONG_COUNT = "WRONG_COUNT"
    OTHER = "OTHER"


@dataclass(frozen=True, kw_only=True)
class LineCounts:
    """`ordered = open + picked + substituted + short + cancelled`; `handed + refused + restowed <= picked
    + substituted`.

    Quantities are in pieces, or kilograms of the ordered weight for weighed goods (the actual weight is
    kept beside).
    """

    ordered: Decimal
    open: Decimal
    picked: Decimal = ZERO
    substituted: Decimal = ZERO
    short: Decimal = ZERO
    cancelled: Decimal = ZERO
    handed: Decimal = ZERO
    refused: Decimal = ZERO
    restowed: Decimal = ZERO

    def __post_init__(self) -> None:
        parts = (self.open, self.picked, self.substituted, self.short, self.cancelled)
        if min(*parts, self.handed, self.refused, self.restowed) < ZERO or self.ordered <= ZERO:
            raise ValueError("a line has a negative quantity")
        if sum(parts) != self.ordered:
            raise ValueError("a line does not add up to what was ordered")
        if self.handed + self.refused + self.restowed > self.picked + self.substituted:
            raise ValueError("a line gives out more than was picked")

    @property
    def is_done(self) -> bool:
        """Nothing is left to pick."""
        return self.open == ZERO

    def pick(self, quantity: Decimal) -> "LineCounts":
        """Move `quantity` from open to picked; raises RefusedError `over_pick` or `nothing_open`."""
        self._check(quantity)
        return replace(self, open=self.open - quantity, picked=self.picked + quantity)

    def mark_short(self, quantity: Decimal) -> "LineCounts":
        """Move `quantity` from open to short."""
        self._check(quantity)
        return replace(self, open=self.open - quantity, short=self.short + quantity)

    def cancel_open(self) -> "LineCounts":
        """Move all that is open to cancelled."""
        return replace(self, open=ZERO, cancelled=self.cancelled + self.open)

    def hand_over(self) -> "LineCounts":
        """Give the customer all that was picked and not refused or put back."""
        rest = self.picked + self.substituted - self.refused - self.restowed - self.handed
        return replace(self, handed=self.handed + rest)

    def restow(self) -> "LineCounts":
        """Put back all that was picked and is still here."""
        rest = self.picked + self.substituted - self.refused - self.restowed - self.handed
        return replace(self, restowed=self.restowed + rest)

    def _check(self, quantity: Decimal) -> None:
        if quantity <= ZERO:
            raise RefusedError("quantity_invalid")
        if self.open == ZERO:
            raise RefusedError("nothing_open")
        if quantity > self.open:
            raise RefusedError("over_pick", {"open": self.open, "quantity": quantity})

"""What the tills tell the rest of the store and the cloud."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from store.events.base import Event, event


@dataclass(frozen=True, kw_only=True)
class SoldLine:
    """One line of a receipt; amounts in minor units after discounts, `gross_minor` with tax."""

    line: int
    product_id: int
    sku: str
    department: str
    quantity: Decimal
    net_minor: int
    tax_minor: int
    gross_minor: int
    discount_minor: int


@dataclass(frozen=True, kw_only=True)
class PaidBy:
    """One tender of a receipt in minor units."""

    kind: str
    amount_minor: int


@event("pos.sale.completed.v1", lane="sales")
@dataclass(frozen=True, kw_only=True)
class SaleCompleted(Event):
    """A receipt was completed: paid, numbered and in the journal."""

    receipt_id: UUID
    till: str
    number: int
    completed_at: datetime
    business_date: str
    currency: str
    net_minor: int
    tax_minor: int
    rounding_minor: int
    total_minor: int
    lines: tuple[SoldLine, ...]
    tenders: tuple[PaidBy, ...]

    @property
    def stream(self) -> str:
        """A till's facts keep their order."""
        return f"till/{self.till}"


@event("pos.shift.opened.v1", lane="sales")
@dataclass(frozen=True, kw_only=True)
class ShiftOpened(Event):
    """A till was opened with a float; `open_tills` counts it."""

    shift_id: UUID
    till: str
    cashier: str
    float_minor: int
    open_tills: int
    opened_at: datetime

    @property
    def stream(self) -> str:
        """A till's facts keep their order."""
        return f"till/{self.till}"


@event("pos.shift.closed.v1", lane="sales")
@dataclass(frozen=True, kw_only=True)
class ShiftClosed(Event):
    """A till was closed and counted; `open_tills` no longer counts it."""

    shift_id: UUID
    till: str
    cashier: str
    receipts: int
    expected_minor: int
    counted_minor: int
    open_tills: int
    closed_at: datetime

    @property
    def stream(self) -> str:
        """A till's facts keep their order."""
        return f"till/{self.till}"

"""What happens to an order, told to the shop and to the rest of the store.

Stream is the order, so everything about one order arrives in order. `order_id` and `source` are the shop's
own names.
Quantities are pieces, or kilograms for weighed goods; times are aware datetimes in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from store.events.base import Event, event


@dataclass(frozen=True, kw_only=True)
class OrderFact(Event):
    """Something about one order; `number` is what people call it."""

    source: str
    order_id: str
    number: str
    version: int

    @property
    def stream(self) -> str:
        """Order is kept per order of a shop."""
        return f"order/{self.source}/{self.order_id}"


@dataclass(frozen=True, kw_only=True)
class LineFact:
    """One line in an event: what was ordered and what became of it."""

    line_id: str
    sku: str
    ordered: Decimal
    picked: Decimal
    short: Decimal
    kilograms: Decimal | None = None


@event("fulfillment.accepted.v1", lane="orders")
@dataclass(frozen=True, kw_only=True)
class OrderAccepted(OrderFact):
    """The store takes the order; all its products are known."""

    accepted_at: datetime
    due_at: datetime


@event("fulfillment.rejected.v1", lane="orders")
@dataclass(frozen=True, kw_only=True)
class OrderRejected(OrderFact):
    """The store cannot take the order: `reason` is `unknown_product`, `no_stock` or `wrong_currency`."""

    reason: str
    details: tuple[str, ...]
    rejected_at: datetime


@event("fulfillment.reserved.v1", lane="orders")
@dataclass(frozen=True, kw_only=True)
class OrderReserved(OrderFact):
    """Stock was set aside for the order."""

    lines: tuple[LineFact, ...]
    reserved_at: datetime


@event("fulfillment.short_expected.v1", lane="orders")
@dataclass(frozen=True, kw_only=True)
class ShortExpected(OrderFact):
    """Fewer pieces than ordered are likely to be found."""

    line_id: str
    sku: str
    missing: Decimal


@event("fulfillment.picking_started.v1", lane="orders")
@dataclass(frozen=True, kw_only=True)
class PickingStarted(OrderFact):
    """A picker took the order."""

    picker: str
    started_at: datetime


@event("fulfillment.line_picked.v1", lane="orders")
@dataclass(frozen=True, kw_only=True)
class LinePicked(OrderFact):
    """A scan put `quantity` of a line into a tote."""

    line_id: str
    sku: str
    quantity: Decimal
    kilograms: Decimal | None
    picked_at: datetime


@event("fulfillment.line_short.v1", lane="orders")
@dataclass(frozen=True, kw_only=True)
class LineShort(OrderFact):
    """A picker could not find `quantity` of a line; `reason` as in spec §3."""

    line_id: str
    sku: str
    quantity: Decimal
    reason: str
    short_at: datetime


@event("fulfillment.picked.v1", lane="orders")
@dataclass(frozen=True, kw_only=True)
class OrderPicked(OrderFact):
    """Nothing of the order is open any more."""

    lines: tuple[LineFact, ...]
    picked_at: datetime


@event("fulfillment.staged.v1", lane="orders")
@dataclass(frozen=True, kw_only=True)
class OrderStaged(OrderFact):
    """The totes stand in their bins."""

    bins: tuple[str, ...]
    staged_at: datetime


@event("fulfillment.ready_for_pickup.v1", lane="orders")
@dataclass(frozen=True, kw_only=True)
class ReadyForPickup(OrderFact):
    """The customer may come: the shop passes `collection_code` on, the store keeps none."""

    collection_code: str
    lines: tuple[LineFact, ...]
    ready_at: datetime
    hold_until: datetime


@event("fulfillment.customer_arrived.v1", lane="orders")
@dataclass(frozen=True, kw_only=True)
class CustomerArrived(OrderFact):
    """The customer waits at the store, in `bay` when told."""

    bay: str
    arrived_at: datetime


@event("fulfillment.handed_over.v1", lane="orders")
@dataclass(frozen=True, kw_only=True)
class OrderHandedOver(OrderFact):
    """The customer has the goods; `method` is `code` or `supervisor`."""

    lines: tuple[LineFact, ...]
    method: str
    handed_over_at: datetime


@event("fulfillment.cancel_accepted.v1", lane="orders")
@dataclass(frozen=True, kw_only=True)
class CancelAccepted(OrderFact):
    """The cancellation holds; what was picked goes back to the shelf."""

    cancelled_at: datetime


@event("fulfillment.cancel_refused.v1", lane="orders")
@dataclass(frozen=True, kw_only=True)
class CancelRefused(OrderFact):
    """Too late to cancel: `reason` is `already_collected` or `already_cancelled`."""

    reason: str
    refused_at: datetime

"""The order's own log: every move and every fact, in order, by whom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from fulfillment.domain import states
from fulfillment.domain.states import OrderState
from fulfillment.models import Order, OrderLine, OrderLogEntry
from store import live
from store.events.fulfillment import LineFact

SYSTEM = "system"


class Log:
    """Collects what one transaction did to an order; `save` writes order and log with two statements.

    The caller holds the order's row lock, so `log_seq` counts without gaps.
    """

    def __init__(self, order: Order, *, actor: str, now: datetime) -> None:
        self._order = order
        self._actor = actor
        self._now = now
        self._entries: list[OrderLogEntry] = []

    def note(self, kind: str, **data: Any) -> None:
        """Add a fact that moves nothing."""
        self._add(kind, "", data)

    def move(self, to: OrderState, **data: Any) -> None:
        """Move the order; raises RefusedError `illegal_move`."""
        self._order.state = states.move(self._order.order_state, to).value
        self._add("moved", to.value, data)

    def save(self) -> None:
        """Write the order and the log; tell the boards after the commit."""
        OrderLogEntry.objects.bulk_create(self._entries)
        self._entries = []
        self._order.save()
        live.nudge("orders")
        live.nudge(f"order:{self._order.pk}")

    def _add(self, kind: str, state: str, data: dict[str, Any]) -> None:
        self._order.log_seq += 1
        entry = OrderLogEntry(
            order=self._order,
            seq=self._order.log_seq,
            kind=kind,
            state=state,
            data={key: str(value) for key, value in data.items() if value not in ("", None)},
            actor=self._actor,
            at=self._now,
        )
        self._entries.append(entry)


def identity(order: Order) -> dict[str, Any]:
    """The fields every event about an order carries."""
    return {
        "source": order.source,
        "order_id": order.shop_order_id,
        "number": order.number,
        "version": order.version,
    }


def facts(lines: Iterable[OrderLine]) -> tuple[LineFact, ...]:
    """Lines as an event tells them."""
    return tuple(
        LineFact(
            line_id=line.line_id,
            sku=line.product.sku,
            ordered=line.ordered,
            picked=line.picked + line.substituted,
            short=line.short,
            kilograms=line.kilograms,
        )
        for line in lines
    )

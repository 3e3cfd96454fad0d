"""Which products are held, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from store.models import ProductHold


@dataclass(frozen=True)
class HoldInfo:
    product_id: int
    reason: str
    fixture: str
    raised_at: datetime


def active_holds(product_ids: Iterable[int] | None = None) -> dict[int, HoldInfo]:
    """Active holds by product id (the oldest of each); of all products when None: one query."""
    holds = ProductHold.objects.active().select_related("fixture").order_by("-raised_at")
    if product_ids is not None:
        holds = holds.filter(product_id__in=list(product_ids))
    return {
        hold.product_id: HoldInfo(
            hold.product_id, hold.reason, hold.fixture.name if hold.fixture else "", hold.raised_at
        )
        for hold in holds
    }

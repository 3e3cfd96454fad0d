"""Facts of the base."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.events.base import Event, event


@event("store.price.changed.v1", lane="metrics")
@dataclass(frozen=True, kw_only=True)
class PriceChanged(Event):
    """A product costs `price_minor` (minor units) from `starts_at` on."""

    product_id: int
    sku: str
    price_minor: int
    version: int
    starts_at: datetime

    @property
    def stream(self) -> str:
        return f"product/{self.sku}"

"""From what a scanner or finger says to the plain data a cart keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pos.domain.cart import Item, MeasuredBy
from pos.domain.commands import RefusedError
from pos.domain.money import Tax
from store.adapters import barcode
from store.domain.barcode import Barcode
from store.models import Site
from store.queries import catalogue
from store.queries.catalogue import ProductCard
from store.queries.holds import active_holds

TILE_PREFIX = "p:"
MAX_PLU_DIGITS = 5
COUNTRY_BY_CURRENCY = {"GBP": "gb", "SEK": "se", "NOK": "no", "DKK": "dk"}


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a code means: a product if there is one, its hold, and what the label itself says."""

    item: Item | None
    hold_reason: str = ""
    label: Barcode | None = None
    pack_quantity: int = 1

    @property
    def measured_by(self) -> MeasuredBy:
        """Whether the label carried the measure."""
        return MeasuredBy.LABEL if self.label is not None and self.label.carries_measure else MeasuredBy.COUNT


def find(code: str, *, site: Site, at: datetime) -> Found:
    """Find what a tile (`p:<id>`), PLU or barcode stands for, with its price and hold: two queries.

    Raises:
        BarcodeError: the code is no article number.
        RefusedError: the product has no price, or its label is past its date.
    """
    text = code.strip()
    label = None
    if text.startswith(TILE_PREFIX):
        wanted = text.removeprefix(TILE_PREFIX)
        card = catalogue.find_by_ids([int(wanted)], at=at).get(int(wanted)) if wanted.isdecimal() else None
    elif text.isascii() and text.isdigit() and len(text) <= MAX_PLU_DIGITS:
        card = catalogue.find_by_plu(text, at=at)
    else:
        label = barcode.parse(text, country=COUNTRY_BY_CURRENCY.get(site.currency, "de"))
        card = catalogue.find_by_gtin(label.gtin14, at=at)
    if card is None:
        return Found(item=None)
    if card.price_minor is None:
        raise RefusedError("no_price", name=card.name)
    if label is not None and label.expires_on is not None and label.expires_on < at.date():
        raise RefusedError("expired", name=card.name, date=label.expires_on.isoformat())
    hold = active_holds([card.id]).get(card.id)
    return Found(
        item=item_of(card, site=site, gtin14=label.gtin14 if label else ""),
        hold_reason=hold.reason if hold else "",
        label=label,
        pack_quantity=card.pack_quantity,
    )


def item_of(card: ProductCard, *, site: Site, gtin14: str = "") -> Item:
    """The snapshot of a product that a line keeps."""
    return Item(
        product_id=card.id,
        sku=card.sku,
        name=(card.name_de if site.locale.startswith("de") else "") or card.name,
        size_label=card.size_label,
        unit_price_minor=card.price_minor or 0,
        price_version=card.price_version or 0,
        taxes=(tax_of(card.tax_code, card.tax_percent, included=site.tax_profile.prices_include_tax),),
        tax_code=card.tax_code,
        gtin14=gtin14,
        department=card.department,
        unit=card.unit,
        is_weighed=card.is_weighed,
        min_age=card.min_age,
    )


def tax_of(code: str, percent: Decimal, *, included: bool) -> Tax:
    """The tax of a rate in the store's profile."""
    return Tax(code=code, rate=percent.normalize(), included=included)

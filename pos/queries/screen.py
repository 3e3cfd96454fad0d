"""What the till's page shows: rows of the basket, tiles of products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from pos.domain.cart import Cart, DiscountKind, Line
from pos.domain.cash import likely_notes
from pos.domain.totals import LineTotal, Rules, Totals, price
from store.models import Department
from store.queries import catalogue
from store.queries.catalogue import ProductCard
from store.queries.holds import active_holds
from store.queries.stock import availability

TILE_LIMIT = 60
LOW_STOCK = 5


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the basket as shown; amounts in minor units."""

    id: str
    product_id: int
    name: str
    size_label: str
    quantity: Decimal
    is_weighed: bool
    is_counted: bool
    unit_price_minor: int
    full_minor: int
    amount_minor: int
    discount_minor: int
    discounts: tuple[tuple[str, str], ...]
    min_age: int | None
    is_last: bool


@dataclass(frozen=True, kw_only=True)
class Order:
    """A basket as shown."""

    cart: Cart | None
    totals: Totals | None
    rows: tuple[Row, ...] = ()
    voided: tuple[str, ...] = ()
    age_to_check: int = 0
    born_by: date | None = None

    @property
    def version(self) -> int:
        """The version to send back with what depends on it."""
        return self.cart.version if self.cart else 0

    @property
    def last(self) -> Row | None:
        """The row that changed last."""
        return next((row for row in self.rows if row.is_last), None)

    @property
    def notes(self) -> tuple[int, ...]:
        """Amounts the customer may hand over."""
        return likely_notes(self.totals.settlement.cash_due_minor) if self.totals else ()


@dataclass(frozen=True, kw_only=True)
class ProductTile:
    """A product to press."""

    card: ProductCard
    stock: str
    hold_reason: str = ""


def order(cart: Cart | None, rules: Rules, *, today: date) -> Order:
    """A basket with its totals, ready to show; no query."""
    if cart is None:
        return Order(cart=None, totals=None)
    totals = price(cart, rules)
    age = cart.age_to_check
    return Order(
        cart=cart,
        totals=totals,
        rows=tuple(
            _row(line, total, is_last=line.id == cart.last_line)
            for line, total in zip(cart.active_lines, totals.lines, strict=True)
        ),
        voided=tuple(line.id for line in cart.lines if line.is_voided),
        age_to_check=age,
        born_by=years_before(today, age) if age else None,
    )


def years_before(day: date, years: int) -> date:
    """The same day `years` ago; 29 February becomes 28 February in a year that has none.

    Somebody born on that day or before is at least `years` old on `day`.
    """
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _row(line: Line, total: LineTotal, *, is_last: bool) -> Row:
    item = line.item
    return Row(
        id=line.id,
        product_id=item.product_id,
        name=item.name,
        size_label=item.size_label,
        quantity=line.quantity,
        is_weighed=item.is_weighed,
        is_counted=line.measured_by == "COUNT",
        unit_price_minor=item.unit_price_minor,
        full_minor=total.full_minor,
        amount_minor=total.full_minor - total.discount_minor,
        discount_minor=total.discount_minor,
        discounts=tuple(
            (one.id, f"{one.value.normalize():f} %" if one.kind is DiscountKind.PERCENT else "")
            for one in line.discounts
        ),
        min_age=item.min_age,
        is_last=is_last,
    )


def departments() -> list[Department]:
    """Departments that sell something, as tabs."""
    return list(Department.objects.filter(products__is_active=True).distinct())


def tiles(*, department: str, words: str, at: datetime) -> list[ProductTile]:
    """Tiles of a department, or of what a search finds: three queries."""
    if words.strip():
        cards = catalogue.search(words, at=at, limit=TILE_LIMIT)
    else:
        cards = catalogue.in_department(department, at=at, limit=TILE_LIMIT)
    return _tiles([card for card in cards if card.price_minor is not None])


def _tiles(cards: Sequence[ProductCard]) -> list[ProductTile]:
    if not cards:
        return []
    ids = [card.id for card in cards]
    stock, holds = availability(ids), active_holds(ids)
    return [
        ProductTile(
            card=card,
            stock=_stock_word(stock[card.id].available),
            hold_reason=holds[card.id].reason if card.id in holds else "",
        )
        for card in cards
    ]


def _stock_word(available: Decimal) -> str:
    if available <= 0:
        return "none"
    return "low" if available < LOW_STOCK else "ok"

"""The catalogue as people read it: lists with search, filters, sorting, and all about one product."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from store.models import Gtin, Location, Price, Product, ProductHold, StockLedger
from store.queries.stock import Availability, availability

PAGE_SIZE = 48
EXPORT_BATCH = 2000
LOW_STOCK = 5
MOVES_SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a person asks the list for; unknown values fall back to the plain list."""

    text: str = ""
    department: str = ""
    only: str = ""
    sort: str = "name"
    german: bool = False


@dataclass(frozen=True)
class ProductRow:
    """One line of the catalogue. `place` is the first place on the walk, `held` counts active holds."""

    id: int
    sku: str
    name: str
    brand: str
    size_label: str
    picture: str
    department: str
    price_minor: int | None
    on_hand: Decimal
    unit: str
    place: str
    held: int
    min_age: int | None
    is_weighed: bool
    plu: str
    storage_zone: str
    tax_code: str
    gtin14: str

    @property
    def is_low(self) -> bool:
        return self.on_hand <= LOW_STOCK


@dataclass(frozen=True)
class Listing:
    rows: Sequence[ProductRow]
    total: int


@dataclass(frozen=True)
class ProductPage:
    """Everything the product's page shows."""

    product: Product
    prices: Sequence[Price]
    current: Price | None
    planned: Sequence[Price]
    gtins: Sequence[Gtin]
    places: Sequence[Location]
    holds: Sequence[ProductHold]
    stock: Availability
    moves: Sequence[StockLedger]


_NAME = "(case when %(german)s and p.name_de <> '' then p.name_de else p.name end)"
_STOCK = """(coalesce((select b.on_hand from store_stockbalance b where b.product_id = p.id), 0)
    + coalesce((select sum(u.quantity) from store_stockunfolded u where u.product_id = p.id), 0))"""
_PRICE = """(select pr.price_minor from store_price pr where pr.product_id = p.id and pr.starts_at <= %(now)s
    and (pr.ends_at is null or pr.ends_at > %(now)s) order by pr.starts_at desc limit 1)"""
_HELD = "(select count(*) from store_producthold h where h.product_id = p.id and h.cleared_at is null)"

SORTS = {
    "name": f"{_NAME}, p.sku",
    "-name": f"{_NAME} desc, p.sku desc",
    "price": f"{_PRICE}, p.sku",
    "-price": f"{_PRICE} desc nulls last, p.sku",
    "stock": f"{_STOCK}, p.sku",
    "-stock": f"{_STOCK} desc, p.sku",
}
FILTERS = {
    "held": f"{_HELD} > 0",
    "low": f"{_STOCK} <= {LOW_STOCK}",
    "weighed": "p.is_weighed",
    "age": "p.min_age is not null",
    "planned": "exists (select 1 from store_price f where f.product_id = p.id and f.starts_at > %(now)s)",
}
_TEXT = """(upper(p.name) like '%%' || upper(%(like)s) || '%%'
    or upper(p.name_de) like '%%' || upper(%(like)s) || '%%'
    or upper(p.brand) like upper(%(like)s) || '%%' or p.sku = %(text)s or p.plu = %(text)s
    or exists (select 1 from store_gtin g where g.product_id = p.id and g.gtin14 = lpad(%(text)s, 14, '0'))
    or upper(%(text)s) <%% upper(p.name))"""

_ROWS = """
select p.id, p.sku, {name}, p.brand, p.size_label, p.picture,
    case when %(german)s and d.name_de <> '' then d.name_de else d.name end, {price}, {stock}, p.unit,
    coalesce((select l.code from store_productlocation o join store_location l on l.id = o.location_id
        where o.product_id = p.id order by l.walk_order limit 1), ''),
    {held}, p.min_age, p.is_weighed, coalesce(p.plu, ''), p.storage_zone, t.code,
    coalesce((select g.gtin14 from store_gtin g where g.product_id = p.id
        order by g.pack_quantity, g.id limit 1), '')
from store_product p
join store_department d on d.id = p.department_id join store_taxrate t on t.id = p.tax_rate_id
where p.id in (select p.id from store_product p join store_department d on d.id = p.department_id
    where {where} order by {sort} limit %(limit)s offset %(offset)s)
order by {sort}
"""


def list_products(wanted: Wanted, *, at: datetime, page: int = 1, size: int = PAGE_SIZE) -> Listing:
    """One page of products, and how many there are in all: two queries."""
    where, parameters = _where(wanted, at)
    bounds = {"limit": size, "offset": (page - 1) * size}
    counting = "select count(*) from store_product p join store_department d on d.id = p.department_id where "
    with connection.cursor() as cursor:
        cursor.execute(counting + where, parameters)
        total = cursor.fetchone()[0]
        cursor.execute(_select(where, wanted.sort), {**parameters, **bounds})
        return Listing([ProductRow(*row) for row in cursor.fetchall()], total)


def every_product(wanted: Wanted, *, at: datetime) -> Iterator[ProductRow]:
    """All products that fit, in batches, for an export."""
    page, plain = 1, replace(wanted, sort="name")
    while rows := list_products(plain, at=at, page=page, size=EXPORT_BATCH).rows:
        yield from rows
        page += 1


def product_page(sku: str, *, at: datetime) -> ProductPage | None:
    """Everything about a product, or None when there is none with this SKU."""
    product = Product.objects.select_related("department", "tax_rate").filter(sku=sku).first()
    if product is None:
        return None
    prices = list(product.prices.order_by("-starts_at", "-version"))
    in_force = (
        price for price in prices if price.starts_at <= at and (price.ends_at is None or price.ends_at > at)
    )
    moves = StockLedger.objects.filter(product=product).order_by("-occurred_at", "-id")[:MOVES_SHOWN]
    return ProductPage(
        product=product,
        prices=prices,
        current=next(in_force, None),
        planned=[price for price in prices if price.starts_at > at],
        gtins=list(product.gtins.order_by("pack_quantity", "gtin14")),
        places=list(Location.objects.filter(places__product=product).select_related("fixture")),
        holds=list(product.holds.active().select_related("fixture").order_by("raised_at")),
        stock=availability([product.pk])[product.pk],
        moves=list(moves),
    )


def _where(wanted: Wanted, at: datetime) -> tuple[str, dict[str, Any]]:
    # Every fragment is a literal of this module; what people typed goes in as parameters.
    clauses = ["p.is_active"]
    text = wanted.text.strip()[:80]
    if text:
        clauses.append(_TEXT)
    if wanted.department:
        clauses.append("d.code = %(department)s")
    if wanted.only in FILTERS:
        clauses.append(FILTERS[wanted.only])
    like = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    parameters = {
        "text": text,
        "like": like,
        "department": wanted.department,
        "german": wanted.german,
        "now": at,
    }
    return " and ".join(clauses), parameters


def _select(where: str, sort: str) -> str:
    return _ROWS.format(
        name=_NAME, price=_PRICE, stock=_STOCK, held=_HELD, where=where, sort=SORTS.get(sort, SORTS["name"])
    )

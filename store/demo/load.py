"""Writes demo products into the database: one COPY and a handful of set-based statements, whatever their
number.

Everything is an upsert by natural key (SKU, GTIN, location code), so loading again changes nothing; prices,
stock and places that somebody changed since are left alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from store.demo import planogram
from store.demo.assortment import DemoProduct, departments
from store.models import Department, Fixture, Location

OPENING_SOURCE = "opening"
# One product in six had another price before, one in forty gets another one tomorrow: the price ledger has a
# story.
FORMER_EVERY, FUTURE_EVERY = 6, 40
FORMER_FOR, CURRENT_SINCE, FUTURE_IN = timedelta(days=120), timedelta(days=14), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows were new."""

    products: int
    prices: int
    stock_rows: int


_STAGE = """
create temporary table demo_row (
    n bigint, sku text, name text, name_de text, brand text, size_label text, department text,
    price_minor bigint, tax text, zone text, min_age int, plu text, unit text, tracks_lot bool,
    tracks_expiry bool, allergens text[], picture text,
    weight_grams int, gtins jsonb, location text, on_hand numeric, safety numeric
) on commit drop
"""
_COPY = "copy demo_row from stdin"

_PRODUCTS = """
insert into store_product (sku, name, name_de, brand, size_label, department_id, tax_rate_id, storage_zone,
    min_age, is_weighed, unit, tracks_lot, tracks_expiry, allergens, picture, plu, weight_grams, is_active)
select r.sku, r.name, r.name_de, r.brand, r.size_label, d.id, t.id, r.zone,
    r.min_age, r.plu is not null, r.unit, r.tracks_lot, r.tracks_expiry, r.allergens, r.picture,
    r.plu, r.weight_grams, true
from demo_row r join store_department d on d.code = r.department join store_taxrate t on t.code = r.tax
order by r.n
on conflict (sku) do nothing
"""
_GTINS = """
insert into store_gtin (gtin14, product_id, pack_quantity)
select g->>0, p.id, (g->>1)::int
from demo_row r join store_product p on p.sku = r.sku cross join lateral jsonb_array_elements(r.gtins) as g
on conflict (gtin14) do nothing
"""
_PLACES = """
insert into store_productlocation (product_id, location_id)
select p.id, l.id
from demo_row r join store_product p on p.sku = r.sku join store_location l on l.code = r.location
where not exists (select 1 from store_productlocation o where o.product_id = p.id)
"""
_PRICES = """
with new as (
    select p.id as product_id, r.price_minor, r.n %% %(former)s = 0 as has_former,
        r.n %% %(future)s = 7 as has_future
    from demo_row r join store_product p on p.sku = r.sku
    where not exists (select 1 from store_price o where o.product_id = p.id)
)
insert into store_price (product_id, price_minor, starts_at, ends_at, version)
select product_id, price_minor + greatest(5, price_minor / 200 * 10), %(begin)s, %(since)s, 1
from new where has_former
union all
select product_id, price_minor, case when has_former then %(since)s else %(begin)s end::timestamptz,
    case when has_future then %(next)s::timestamptz end, case when has_former then 2 else 1 end
from new
union all
select product_id, greatest(1, price_minor - greatest(10, price_minor / 200 * 20)), %(next)s, null,
    case when has_former then 3 else 2 end
from new where has_future
"""
_STOCK = """
with fresh as (
    insert into store_stockledger (product_id, quantity, reason, source, source_id, occurred_at)
    select p.id, r.on_hand, 'COUNT', %(source)s, r.sku, %(begin)s
    from demo_row r join store_product p on p.sku = r.sku
    where not exists (select 1 from store_stockledger o where o.product_id = p.id)
    on conflict (source, source_id) do nothing
    returning product_id, quantity
)
insert into store_stockbalance (product_id, on_hand, safety)
select f.product_id, f.quantity, r.safety
from fresh f join store_product p on p.id = f.product_id join demo_row r on r.sku = p.sku
on conflict (product_id) do update set on_hand = store_stockbalance.on_hand + excluded.on_hand
"""


def load_planogram() -> None:
    """Write departments, fixtures and locations."""
    Department.objects.bulk_create(
        [
            Department(
                code=row.code,
                name=row.name,
                name_de=row.name_de,
                colour=row.colour,
                icon=row.icon,
                sort_order=number,
            )
            for number, row in enumerate(departments(), start=1)
        ],
        ignore_conflicts=True,
    )
    Fixture.objects.bulk_create(
        [Fixture(code=row.code, name=row.name, kind=row.kind, zone=row.zone) for row in planogram.fixtures()],
        ignore_conflicts=True,
    )
    ids = dict(Fixture.objects.values_list("code", "id"))
    Location.objects.bulk_create(
        [
            Location(
                fixture_id=ids[place.fixture],
                code=place.code,
                aisle=place.aisle,
                bay=place.bay,
                shelf=place.shelf,
                walk_order=place.walk_order,
            )
            for place in planogram.locations()
        ],
        ignore_conflicts=True,
    )


def load_products(products: Iterable[DemoProduct], *, now: datetime, places: Mapping[str, str]) -> Loaded:
    """Write products with GTINs, places, prices and opening stock. `places`: location code by SKU.

    Needs the departments, locations and tax rates. One transaction.
    """
    times = {"begin": now - FORMER_FOR, "since": now - CURRENT_SINCE, "next": now + FUTURE_IN}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("drop table if exists demo_row")
        cursor.execute(_STAGE)
        with cursor.copy(_COPY) as copy:
            for number, product in enumerate(products, start=1):
                copy.write_row(_row(number, product, places.get(product.sku)))
        cursor.execute("create index on demo_row (sku)")
        cursor.execute("analyze demo_row")
        cursor.execute(_PRODUCTS)
        fresh = cursor.rowcount
        cursor.execute(_GTINS)
        cursor.execute(_PLACES)
        cursor.execute(_PRICES, {**times, "former": FORMER_EVERY, "future": FUTURE_EVERY})
        prices = cursor.rowcount
        cursor.execute(_STOCK, {**times, "source": OPENING_SOURCE})
        return Loaded(products=fresh, prices=prices, stock_rows=cursor.rowcount)


def opening_stock(number: int, product: DemoProduct) -> tuple[int, int]:
    """On hand and safety stock of a product when the store opens: some two weeks of what sells, a few run
    low.
    """
    weekly = product.popularity**2
    on_hand = 6 + weekly * 2 + number * 7 % 11
    if number % 29 == 0:
        on_hand = number % 4 + 1
    return on_hand, 0 if product.popularity < 5 else 2


def _row(number: int, product: DemoProduct, place: str | None) -> tuple[object, ...]:
    on_hand, safety = opening_stock(number, product)
    return (
        number,
        product.sku,
        product.name,
        product.name_de,
        product.brand,
        product.size_label,
        product.department,
        product.price_minor,
        product.tax,
        product.zone,
        product.min_age,
        product.plu,
        product.unit,
        product.tracks_lot,
        product.tracks_expiry,
        list(product.allergens),
        product.picture,
        product.weight_grams,
        json.dumps(product.gtins),
        place,
        on_hand,
        safety,
    )

"""Finding products by code or words, with the price in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection


@dataclass(frozen=True)
class ProductCard:
    """What a till, picker or screen needs to know of a product. `price_minor` is None without a price."""

    id: int
    sku: str
    name: str
    size_label: str
    price_minor: int | None
    price_version: int | None
    tax_code: str
    tax_percent: Decimal
    is_weighed: bool
    unit: str
    min_age: int | None
    department: str
    picture: str
    storage_zone: str
    pack_quantity: int = 1
    name_de: str = ""
    plu: str = ""


_COLUMNS = """
select p.id, p.sku, p.name, p.size_label, pr.price_minor, pr.version, t.code, t.percent, p.is_weighed, p.unit,
       p.min_age, d.code, p.picture, p.storage_zone, {pack}, p.name_de, coalesce(p.plu, '')
from store_product p
join store_taxrate t on t.id = p.tax_rate_id
join store_department d on d.id = p.department_id
left join lateral (select price_minor, version from store_price
    where product_id = p.id and starts_at <= %(now)s and (ends_at is null or ends_at > %(now)s)
    order by starts_at desc limit 1) pr on true
"""


def _fetch(clause: str, parameters: dict[str, Any], *, pack: str = "1") -> list[ProductCard]:
    # `clause` and `pack` are literals of this module, never input.
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS.format(pack=pack) + clause, parameters)
        return [ProductCard(*row) for row in cursor.fetchall()]


def find_by_gtin(gtin14: str, *, at: datetime) -> ProductCard | None:
    """The active product with this GTIN-14 and its price at `at`: one query."""
    clause = "join store_gtin g on g.product_id = p.id where g.gtin14 = %(gtin)s and p.is_active"
    found = _fetch(clause, {"gtin": gtin14, "now": at}, pack="g.pack_quantity")
    return found[0] if found else None


def find_by_plu(plu: str, *, at: datetime) -> ProductCard | None:
    """The active product with this PLU: one query."""
    found = _fetch("where p.plu = %(plu)s and p.is_active", {"plu": plu, "now": at})
    return found[0] if found else None


def find_by_ids(product_ids: Sequence[int], *, at: datetime) -> dict[int, ProductCard]:
    """Products by id, whether active or not: one query."""
    found = _fetch("where p.id = any(%(ids)s)", {"ids": list(product_ids), "now": at})
    return {card.id: card for card in found}


def in_department(department: str, *, at: datetime, limit: int = 60) -> list[ProductCard]:
    """Active products of a department by name: one query."""
    clause = "where d.code = %(department)s and p.is_active order by p.name, p.sku limit %(limit)s"
    return _fetch(clause, {"department": department, "limit": limit, "now": at})


_SEARCH = """
where p.is_active and (
    upper(p.name) like '%%' || upper(%(like)s) || '%%'
    or upper(p.name_de) like '%%' || upper(%(like)s) || '%%'
    or upper(p.brand) like upper(%(like)s) || '%%' or p.sku = %(text)s or p.plu = %(text)s
    or upper(%(text)s) <%% upper(p.name))
order by (p.plu = %(text)s or p.sku = %(text)s) desc nulls last,
         upper(p.name) like upper(%(like)s) || '%%' desc,
         word_similarity(upper(%(text)s), upper(p.name)) desc, p.name
limit %(limit)s
"""


def search(text: str, *, at: datetime, limit: int = 24) -> list[ProductCard]:
    """Products whose name, brand, SKU or PLU fits, tolerating typing errors, best first: one query."""
    words = text.strip()
    if not words:
        return []
    like = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return _fetch(_SEARCH, {"text": words, "like": like, "limit": limit, "now": at})

"""Which products are held, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection


@dataclass(frozen=True)
class HoldInfo:
    product_id: int
    reason: str
    fixture: str
    raised_at: datetime


_ACTIVE = """
select distinct on (h.product_id) h.product_id, h.reason, coalesce(f.name, ''), h.raised_at
from store_producthold h left join store_fixture f on f.id = h.fixture_id
where h.cleared_at is null and (%s::bigint[] is null or h.product_id = any(%s::bigint[]))
order by h.product_id, h.raised_at
"""


def active_holds(product_ids: Iterable[int] | None = None) -> dict[int, HoldInfo]:
    """Active holds by product id (the oldest of each); of all products when None: one query."""
    wanted = None if product_ids is None else list(product_ids)
    if wanted is not None and not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ACTIVE, [wanted, wanted])
        return {row[0]: HoldInfo(*row) for row in cursor.fetchall()}

"""What is on hand, reserved and available."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection


@dataclass(frozen=True)
class Availability:
    """Stock of one product, in its unit: available = on hand - reserved - safety."""

    on_hand: Decimal
    reserved: Decimal
    safety: Decimal

    @property
    def available(self) -> Decimal:
        return self.on_hand - self.reserved - self.safety


_AVAILABILITY = """
select p.id,
       coalesce(b.on_hand, 0)
         + coalesce((select sum(u.quantity) from store_stockunfolded u where u.product_id = p.id), 0),
       coalesce((select sum(r.quantity) from store_reservation r
                 where r.product_id = p.id and r.released_at is null), 0),
       coalesce(b.safety, 0)
from unnest(%s::bigint[]) as p(id) left join store_stockbalance b on b.product_id = p.id
"""


def availability(product_ids: Iterable[int]) -> dict[int, Availability]:
    """Return the stock of each product: one query."""
    with connection.cursor() as cursor:
        cursor.execute(_AVAILABILITY, [sorted(set(product_ids))])
        return {row[0]: Availability(row[1], row[2], row[3]) for row in cursor.fetchall()}

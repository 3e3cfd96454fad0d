"""Product holds: placed by a reason from a source, cleared by the same source."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from store import live
from store.models import Fixture, Product, ProductHold
from store.services import audit

_PLACE = """
insert into store_producthold (product_id, fixture_id, reason, source, source_id, raised_at)
select p.product_id, %(fixture)s, %(reason)s, %(source)s, %(source_id)s, %(now)s
from (select distinct pl.product_id from store_productlocation pl
      join store_location l on l.id = pl.location_id where l.fixture_id = %(fixture)s
      union select %(product)s::bigint where %(product)s::bigint is not null) p
on conflict (product_id, source, source_id) where cleared_at is null do nothing
"""


def place_hold(
    *,
    reason: str,
    source: str,
    source_id: str,
    fixture: Fixture | None = None,
    product: Product | None = None,
    actor: str = "system",
    now: datetime | None = None,
) -> int:
    """Hold a product, or everything that stands in a fixture; returns how many products were newly held.

    Placing the same hold again changes nothing.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                _PLACE,
                {
                    "fixture": fixture.pk if fixture else None,
                    "product": product.pk if product else None,
                    "reason": reason[:200],
                    "source": source,
                    "source_id": source_id,
                    "now": moment,
                },
            )
            held = int(cursor.rowcount)
        if held:
            target = f"fixture {fixture.code}" if fixture else f"product {product.sku if product else '-'}"
            audit.record(
                actor=actor,
                action="hold.placed",
                target=target,
                data={"reason": reason, "products": held},
                now=moment,
            )
            live.nudge("holds")
    return held


def clear_holds(*, source: str, source_id: str, actor: str = "system", now: datetime | None = None) -> int:
    """Clear every hold of a source; returns how many products are free of it now."""
    moment = now or timezone.now()
    with transaction.atomic():
        cleared = (
            ProductHold.objects.active().filter(source=source, source_id=source_id).update(cleared_at=moment)
        )
        if cleared:
            audit.record(
                actor=actor,
                action="hold.cleared",
                target=f"{source} {source_id}",
                data={"products": cleared},
                now=moment,
            )
            live.nudge("holds")
    return cleared

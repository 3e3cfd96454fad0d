"""Stock movements, reservations and the folding of balances."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from store import live
from store.errors import AisleError
from store.models import Reservation
from store.queries import stock as stock_queries


@dataclass(frozen=True, kw_only=True)
class Move:
    """One movement: `quantity` signed, in the product's unit; (source, source_id) names its cause."""

    product_id: int
    quantity: Decimal
    reason: str
    source: str
    source_id: str


class NotEnoughStockError(AisleError):
    code = "not_enough_stock"
    message = _("There is not enough of this on hand.")
    status = 409


def append_moves(*, moves: Sequence[Move], now: datetime | None = None) -> None:
    """Append movements to the ledger: one statement, no balance row is touched.

    Runs in the caller's transaction. The database refuses a second row of the same source.
    """
    if not moves:
        return
    rows = json.dumps([move_data(move) for move in moves])
    with connection.cursor() as cursor:
        cursor.execute("select store_append_moves(%s, %s)", [rows, now or timezone.now()])


def move_data(move: Move) -> dict[str, int | str]:
    """A movement as the database's `store_append_moves` takes it."""
    return {
        "product_id": move.product_id,
        "quantity": str(move.quantity),
        "reason": move.reason,
        "source": move.source,
        "source_id": move.source_id,
    }


_FOLD = """
with taken as (
    delete from store_stockunfolded
    where id in (select id from store_stockunfolded order by id limit %s for update skip locked)
    returning product_id, quantity
), sums as (
    select product_id, sum(quantity) as quantity from taken group by product_id order by product_id
)
insert into store_stockbalance as b (product_id, on_hand, safety)
select product_id, quantity, 0 from sums order by product_id
on conflict (product_id) do update set on_hand = b.on_hand + excluded.on_hand
"""


def fold_balances(*, limit: int = 50_000) -> int:
    """Add unfolded movements to the balances; returns the number of balances changed."""
    with transaction.atomic(), connection.cursor() as cursor:
        # One folder at a time: two would lock balances in turn and gain nothing.
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [0x464F4C44])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_FOLD, [limit])
        return int(cursor.rowcount)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A wish to reserve: `source_id` names the line that wants it."""

    product_id: int
    quantity: Decimal
    source_id: str


def reserve(*, source: str, wishes: Sequence[Wish], now: datetime | None = None) -> dict[str, Decimal]:
    """Reserve as much of each wish as is available; returns the reserved quantity by source_id.

    Locks the products' balance rows in order, so two orders never promise the same last unit.
    Repeating a wish changes nothing and returns what was reserved the first time.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        product_ids = sorted({wish.product_id for wish in wishes})
        _lock_balances(product_ids)
        known = dict(
            Reservation.objects.filter(
                source=source, source_id__in=[w.source_id for w in wishes]
            ).values_list("source_id", "quantity")
        )
        left = {key: value.available for key, value in stock_queries.availability(product_ids).items()}
        fresh = []
        for wish in wishes:
            if wish.source_id in known:
                continue
            granted = min(wish.quantity, max(left[wish.product_id], Decimal(0)))
            known[wish.source_id] = granted
            left[wish.product_id] -= granted
            if granted > 0:
                fresh.append(
                    Reservation(
                        product_id=wish.product_id,
                        quantity=granted,
                        source=source,
                        source_id=wish.source_id,
                        created_at=moment,
                    )
                )
        Reservation.objects.bulk_create(fresh)
        live.nudge("stock")
    return known


def release(*, source: str, source_ids: Sequence[str], now: datetime | None = None) -> int:
    """Release reservations; returns how many were still held."""
    return Reservation.objects.filter(
        source=source, source_id__in=list(source_ids), released_at__isnull=True
    ).update(released_at=now or timezone.now())


def _lock_balances(product_ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into store_stockbalance (product_id, on_hand, safety) select unnest(%s::bigint[]), 0, 0 "
            "on conflict (product_id) do nothing",
            [list(product_ids)],
        )
        cursor.execute(
            "select 1 from store_stockbalance where product_id = any(%s) order by product_id for update",
            [list(product_ids)],
        )
        cursor.fetchall()


def consume(
    *, source: str, source_id: str, quantity: Decimal, is_last: bool, now: datetime | None = None
) -> None:
    """Turn part of a reservation into goods in hand, in the transaction that appends their movement.

    The reservation shrinks by `quantity`; it is released when nothing of it is left or `is_last` says so.
    """
    held = Reservation.objects.filter(source=source, source_id=source_id, released_at__isnull=True)
    shrunk = 0 if is_last else held.filter(quantity__gt=quantity).update(quantity=F("quantity") - quantity)
    if not shrunk:
        held.update(released_at=now or timezone.now())

"""The invariants of the store: what must hold after every fault, checked by SQL.

Each app brings `invariants.check() -> list[Violation]`; this module brings those of the base.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.db import connection

from store.models import AuditEntry
from store.services.audit import GENESIS, canonical_record, chain_hash


@dataclass(frozen=True)
class Violation:
    """One broken promise: the invariant's number in the reliability table and what was found."""

    invariant: str
    detail: str


def query(invariant: str, sql: str, message: str) -> list[Violation]:
    """Run SQL that returns offending rows; each becomes a Violation, formatted with `message`."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [Violation(invariant, message.format(*row)) for row in cursor.fetchall()]


def run() -> list[Violation]:
    """Check every invariant of the base and of every app."""
    found = base()
    for config in apps.get_app_configs():
        if config.name != "store" and find_spec(f"{config.name}.invariants"):
            found += import_module(f"{config.name}.invariants").check()
    return found


def base() -> list[Violation]:
    """The invariants of stock, operations, outbox and audit."""
    return [*_stock(), *_outbox(), *_audit_chain(), *_prices()]


def _stock() -> list[Violation]:
    return query(
        "3",
        """
        with ledger as (select product_id, sum(quantity) as q from store_stockledger group by product_id),
             waiting as (select product_id, sum(quantity) as q from store_stockunfolded group by product_id)
        select coalesce(l.product_id, b.product_id), coalesce(b.on_hand, 0) + coalesce(w.q, 0),
               coalesce(l.q, 0)
        from ledger l full join store_stockbalance b on b.product_id = l.product_id
             left join waiting w on w.product_id = coalesce(l.product_id, b.product_id)
        where coalesce(b.on_hand, 0) + coalesce(w.q, 0) <> coalesce(l.q, 0)
        """,
        "product {0}: balance {1} but ledger says {2}",
    )


def _outbox() -> list[Violation]:
    gaps = query(
        "6",
        """
        select s.stream, s.last_seq, count(e.id), max(e.seq) from store_outboxstream s
        join store_outboxevent e on e.stream = s.stream
        group by s.stream, s.last_seq
        having count(e.id) <> max(e.seq) - min(e.seq) + 1 or max(e.seq) <> s.last_seq
        """,
        "stream {0}: last number {1}, but {2} events up to {3}",
    )
    disorder = query(
        "6",
        """
        select later.stream, later.seq from store_outboxevent later join store_outboxevent earlier
          on earlier.stream = later.stream and earlier.seq = later.seq - 1
        where later.sent_at is not null and earlier.sent_at is null and earlier.dead_at is null
        """,
        "stream {0}: number {1} left before the one ahead of it",
    )
    return gaps + disorder


def _audit_chain() -> list[Violation]:
    previous, expected = GENESIS, 1
    for entry in AuditEntry.objects.order_by("seq").iterator():
        record_hash = chain_hash(previous, canonical_record(entry))
        if entry.seq != expected or entry.previous_hash != previous or entry.hash != record_hash:
            return [Violation("10", f"audit entry {entry.seq} does not continue the chain")]
        previous, expected = entry.hash, expected + 1
    return []


def _prices() -> list[Violation]:
    return query(
        "10",
        "select product_id, count(*) from store_price where ends_at is null group by 1 having count(*) > 1",
        "product {0} has {1} open prices",
    )

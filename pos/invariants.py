"""What must hold after every fault, for the till: numbers as in the reliability table."""

from __future__ import annotations

from datetime import UTC
from itertools import groupby

from pos.adapters import signing
from pos.domain.journal import Record, verify
from pos.models import JournalRecord
from store.verify import Violation, query


def check() -> list[Violation]:
    """Invariants 1, 2, 3, 5 and 8 as far as the till owns them."""
    return [*_receipts_add_up(), *_numbers(), *_chains(), *_stock(), *_keys(), *_drawers()]


def _receipts_add_up() -> list[Violation]:
    return query(
        "1",
        """
        select r.device_id, r.series, r.number, r.total_minor
        from pos_receipt r
        left join (select receipt_id, sum(net_minor) as net, sum(tax_minor) as tax,
                          sum(full_minor - discount_minor - order_discount_minor) as left_over
                   from pos_receiptline group by receipt_id) l on l.receipt_id = r.id
        left join (select receipt_id, sum(amount_minor) as amount from pos_receipttender group by
        receipt_id) t
               on t.receipt_id = r.id
        where coalesce(l.net, 0) + coalesce(l.tax, 0) + r.rounding_minor <> r.total_minor
           or coalesce(t.amount, 0) - r.change_minor <> r.total_minor
           or coalesce(t.amount, 0) <> r.tendered_minor
           or coalesce(l.net, 0) <> r.net_minor or coalesce(l.tax, 0) <> r.tax_minor
           or r.full_minor - r.discount_minor <> coalesce(l.left_over, 0)
        """,
        "receipt {0}/{1}{2} does not add up to {3}",
    )


def _numbers() -> list[Violation]:
    return query(
        "2",
        """
        select coalesce(n.device_id, r.device_id), coalesce(n.series, r.series), n.last_number, r.n,
        r.lowest, r.highest
        from pos_numberseries n
        full join (select device_id, series, count(*) as n, min(number) as lowest, max(number) as highest,
                          sum(total_minor) as total
                   from pos_receipt group by device_id, series) r on r.device_id = n.device_id and r.series
                   = n.series
        where coalesce(n.last_number, 0) <> coalesce(r.n, 0) or coalesce(r.highest, 0) <> coalesce(r.n, 0)
           or coalesce(r.lowest, 1) <> 1 or coalesce(n.grand_total_minor, 0) <> coalesce(r.total, 0)
        """,
        "series {0}/{1}: last number {2}, {3} receipts from {4} to {5}",
    )


def _chains() -> list[Violation]:
    found = query(
        "2",
        """
        select h.device_id, h.last_sequence, max(j.sequence) from pos_journalhead h
        left join pos_journalrecord j on j.device_id = h.device_id
        group by h.device_id, h.last_sequence, h.last_hash
        having coalesce(max(j.sequence), 0) <> h.last_sequence
            or (h.last_sequence > 0 and not bool_or(j.sequence = h.last_sequence and j.hash = h.last_hash))
        """,
        "journal {0} should end at {1} but ends at {2}",
    )
    found += query(
        "2",
        """
        select r.device_id, r.series, r.number from pos_receipt r
        left join pos_journalrecord j on j.device_id = r.device_id and j.sequence = r.journal_sequence
        where j.hash is distinct from r.journal_hash or j.data->>'receipt' is distinct from r.uid::text
           or (j.data->>'total_minor')::bigint is distinct from r.total_minor
        """,
        "receipt {0}/{1}{2} is not the one in the journal",
    )
    rows = JournalRecord.objects.order_by("device_id", "sequence").select_related("device").iterator()
    for _, chain in groupby(rows, key=lambda row: row.device_id):
        bad = verify(
            (as_record(row) for row in chain), lambda one: signing.is_signed(one.hash, one.signature)
        )
        if bad is not None:
            found.append(Violation("2", f"journal {bad.terminal}, record {bad.sequence}: {bad.problem}"))
    return found


def as_record(row: JournalRecord) -> Record:
    """A stored record as the domain knows it."""
    return Record(
        terminal=row.device.code,
        sequence=row.sequence,
        kind=row.kind,
        at=row.at.astimezone(UTC).isoformat(),
        staff=row.staff,
        data=row.data,
        previous_hash=row.previous_hash,
        hash=row.hash,
        signature=row.signature,
    )


def _stock() -> list[Violation]:
    return query(
        "3",
        """
        select coalesce(s.source_id, l.source_id) from
            (select r.uid || '/' || x.number as source_id, x.product_id, x.quantity
             from pos_receiptline x join pos_receipt r on r.id = x.receipt_id) l
        full join (select source_id, product_id, quantity from store_stockledger where source =
        'pos.receipt') s
               on s.source_id = l.source_id
        where s.product_id is distinct from l.product_id or s.quantity is distinct from -l.quantity
        """,
        "sold line {0} and the stock ledger differ",
    )


def _keys() -> list[Violation]:
    return query(
        "5",
        """
        select o.key, o.response from store_operation o left join pos_receipt r on r.uid = o.key
        where o.scope = 'pos.sale' and o.status = 201 and (
            r.id is null or (o.response::jsonb->>'number')::bigint <> r.number
            or (o.response::jsonb->>'total_minor')::bigint <> r.total_minor
            or o.response::jsonb->>'journal_hash' <> r.journal_hash)
        """,
        "key {0} was acknowledged as {1} but the receipt says otherwise",
    )


def _drawers() -> list[Violation]:
    return query(
        "8",
        """
        select s.device_id, s.uid from pos_shift s
        left join (select r.shift_id, count(*) as n, sum(r.net_minor) as net, sum(r.tax_minor) as tax,
                          sum(r.rounding_minor) as rounding, sum(r.total_minor) as total,
                          sum(coalesce(t.cash, 0) - r.change_minor) as cash,
                          bool_and(r.device_id = s2.device_id and r.business_date = s2.business_date) as own
                   from pos_receipt r join pos_shift s2 on s2.id = r.shift_id
                   left join (select receipt_id, sum(amount_minor) filter (where kind = 'CASH') as cash
                              from pos_receipttender group by receipt_id) t on t.receipt_id = r.id
                   group by r.shift_id) r on r.shift_id = s.id
        where s.receipts <> coalesce(r.n, 0) or s.net_minor <> coalesce(r.net, 0) or s.tax_minor <>
        coalesce(r.tax, 0)
           or s.rounding_minor <> coalesce(r.rounding, 0) or s.total_minor <> coalesce(r.total, 0)
           or s.cash_minor <> coalesce(r.cash, 0) or not coalesce(r.own, true)
           or (s.closed_at is not null and s.expected_minor <> s.float_minor + s.cash_minor)
        """,
        "shift {0} {1} is not the sum of its receipts",
    )

"""What must hold of orders after every fault: reservations, events and the log (reliability 4, 6, 9)."""

from __future__ import annotations

from django.db import connection

from fulfillment.domain.states import LIVE, MOVES, OrderState
from store.verify import Violation, query


def check() -> list[Violation]:
    """Every broken promise about orders, as rows of SQL found them."""
    return [*_reservations(), *_lines(), *_log(), *_moves(), *_events()]


def _reservations() -> list[Violation]:
    live = ", ".join(f"'{state.value}'" for state in sorted(LIVE))
    orphans = query(
        "4",
        f"""
        select r.id, r.source_id from store_reservation r
        left join fulfillment_orderline l on r.source_id = 'line-' || l.id
        left join fulfillment_order o on o.id = l.order_id
        where r.source = 'fulfillment' and r.released_at is null and (o.id is null or o.state not in ({live}))
        """,
        "reservation {0} ({1}) has no live order",
    )
    too_many = query(
        "4",
        """
        select l.id, l.open, r.quantity from fulfillment_orderline l
        join store_reservation r on r.source = 'fulfillment' and r.source_id = 'line-' || l.id
        where r.released_at is null and r.quantity > l.open
        """,
        "line {0} has {1} open but {2} reserved",
    )
    return orphans + too_many


def _lines() -> list[Violation]:
    sums = query(
        "9",
        """
        select id, ordered, open + picked + substituted + short + cancelled from fulfillment_orderline
        where ordered <> open + picked + substituted + short + cancelled
        """,
        "line {0}: ordered {1} but {2} accounted for",
    )
    scans = query(
        "9",
        """
        select l.id, l.picked, coalesce(sum(s.quantity), 0) from fulfillment_orderline l
        left join fulfillment_pickscan s on s.line_id = l.id and s.outcome = 'PICKED'
        group by l.id having l.picked <> coalesce(sum(s.quantity), 0)
        """,
        "line {0}: picked {1} but the scans say {2}",
    )
    stock = query(
        "9",
        """
        select s.id, s.quantity from fulfillment_pickscan s
        left join store_stockledger m on m.source = 'fulfillment.pick' and m.source_id = s.id::text
        where s.outcome = 'PICKED' and (m.id is null or m.quantity <> -coalesce(s.kilograms, s.quantity))
        """,
        "scan {0} of {1} has no movement of stock",
    )
    return sums + scans + stock


def _log() -> list[Violation]:
    gaps = query(
        "9",
        """
        select o.id, o.log_seq, count(e.id), max(e.seq) from fulfillment_order o
        left join fulfillment_orderlogentry e on e.order_id = o.id
        group by o.id having count(e.id) <> o.log_seq or coalesce(max(e.seq), 0) <> o.log_seq
        """,
        "order {0}: log number {1} but {2} entries up to {3}",
    )
    states = query(
        "9",
        """
        select o.id, o.state, last.state from fulfillment_order o
        join lateral (select state from fulfillment_orderlogentry e
                      where e.order_id = o.id and e.kind = 'moved' order by seq desc limit 1) last on true
        where o.state <> last.state
        """,
        "order {0} is {1} but its log says {2}",
    )
    return gaps + states


def _moves() -> list[Violation]:
    """Only allowed moves; a change by the shop starts again at RECEIVED."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select order_id, kind, state from fulfillment_orderlogentry "
            "where kind in ('moved', 'changed') order by order_id, seq"
        )
        rows = cursor.fetchall()
    found: list[Violation] = []
    current: dict[int, OrderState] = {}
    for order_id, kind, state in rows:
        if kind == "changed":
            current[order_id] = OrderState.RECEIVED
            continue
        before = current.get(order_id, OrderState.RECEIVED)
        if OrderState(state) not in MOVES[before]:
            found.append(Violation("9", f"order {order_id} moved from {before.value} to {state}"))
        current[order_id] = OrderState(state)
    return found


def _events() -> list[Violation]:
    """An order that is ready or handed over told the shop so exactly once."""
    return query(
        "6",
        """
        with told as (select stream, type, count(*) as n from store_outboxevent
                      where type in ('fulfillment.ready_for_pickup.v1', 'fulfillment.handed_over.v1')
                      group by stream, type),
             due as (select 'order/' || source || '/' || shop_order_id as stream, t.type, t.moment is not
             null as wanted
                     from fulfillment_order, lateral (values ('fulfillment.ready_for_pickup.v1', ready_at),
                          ('fulfillment.handed_over.v1', handed_over_at)) as t(type, moment))
        select d.stream, d.type, coalesce(told.n, 0) from due d
        left join told on told.stream = d.stream and told.type = d.type
        where coalesce(told.n, 0) <> case when d.wanted then 1 else 0 end
        """,
        "{0}: {1} was told {2} times",
    )

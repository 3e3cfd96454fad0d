"""The demo's shop: orders as a web shop would send them, and a morning of them in varied states."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db import connection

from fulfillment.domain import envelopes
from fulfillment.domain.lines import ShortReason
from fulfillment.models import Order, OrderLine, StagingBin, Tote
from fulfillment.services import collection, intake, picking, staging
from store.adapters.cloud.loopback import envelope as wrap
from store.adapters.cloud.port import OutEntry
from store.models import Fixture, Gtin, Site, Staff

SHOP = "com.aisle-market.shop"
EVENT_SOURCE = "/shop/aisle-market"
FIRST_NAMES = ("Mia", "Jonas", "Elif", "Paul", "Lena", "Amir", "Greta", "Tom", "Ida", "Noah", "Rosa", "Emil")
LAST_NAMES = (
    "Berg",
    "Kaya",
    "Hahn",
    "Nowak",
    "Sommer",
    "Lang",
    "Peters",
    "Costa",
    "Frank",
    "Yilmaz",
    "Wolf",
    "Braun",
)
NOTES = ("", "", "", "Please ring twice", "Paper bags, please", "Coming by bicycle")
TOTES = (("AMBIENT", "blue", 24, "ABCDEFGH"), ("CHILLED", "teal", 12, "KLMN"), ("FROZEN", "violet", 8, "XYZ"))
BINS = (
    ("AMBIENT", "S-A", "Shelf", 8, ""),
    ("CHILLED", "S-C", "Fridge", 4, "chiller-4"),
    ("FROZEN", "S-F", "Freezer", 3, "freezer-3"),
)


@dataclass(frozen=True)
class Ware:
    """Something the shop sells; weighed goods are ordered by the kilogram."""

    gtin14: str
    price_minor: int
    is_weighed: bool


def wares() -> list[Ware]:
    """Goods in single packs with stock, by SKU."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select g.gtin14, coalesce(pr.price_minor, 100), p.is_weighed
            from store_product p join store_gtin g on g.product_id = p.id and g.pack_quantity = 1
            left join lateral (select price_minor from store_price where product_id = p.id and ends_at is null
                               order by starts_at desc limit 1) pr on true
            left join store_stockbalance b on b.product_id = p.id
            where p.is_active and p.min_age is null and coalesce(b.on_hand, 0)
                  + coalesce((select sum(quantity) from store_stockunfolded u where u.product_id = p.id),
                  0) > 12
            order by p.sku, g.gtin14
            """
        )
        return [Ware(*row) for row in cursor.fetchall()]


def order_entry(
    *,
    rng: Random,
    goods: Sequence[Ware],
    number: int,
    now: datetime,
    due_at: datetime,
    size: int | None = None,
) -> OutEntry:
    """One `order.created` of the demo's shop, as it goes to PutEvents."""
    currency = Site.objects.current().currency
    chosen = rng.sample(list(goods), min(len(goods), size or rng.choice((1, 2, 3, 4, 5, 6, 8, 11))))
    data: dict[str, Any] = {
        "order_id": f"W-{number}",
        "number": f"W-{number}",
        "version": 1,
        "currency": currency,
        "customer": {"name": f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}"},
        "pickup": {"due_at": due_at.isoformat()},
        "note": rng.choice(NOTES),
        "lines": [_line(index, ware, rng) for index, ware in enumerate(chosen, 1)],
    }
    return entry("order.created", data, now=now, event_id=str(uuid.UUID(int=rng.getrandbits(128), version=4)))


def entry(kind: str, data: Mapping[str, Any], *, now: datetime, event_id: str) -> OutEntry:
    """A CloudEvent of the demo's shop as an EventBridge entry."""
    detail = {
        "specversion": "1.0",
        "id": event_id,
        "source": EVENT_SOURCE,
        "type": kind,
        "time": now.isoformat(),
        "datacontenttype": "application/json",
        "data": data,
    }
    return OutEntry(source=SHOP, detail_type=kind, detail=json.dumps(detail), time=now)


def _line(index: int, ware: Ware, rng: Random) -> dict[str, Any]:
    amount = (
        rng.choice(("0.250", "0.500", "0.750")) if ware.is_weighed else str(rng.choice((1, 1, 1, 2, 2, 3)))
    )
    return {
        "line_id": str(index),
        "gtin": ware.gtin14,
        "quantity": amount,
        "unit_price_minor": ware.price_minor,
        "substitution": rng.choice(("none", "none", "similar", "ask")),
    }


def seed(*, now: datetime, rng: Random) -> None:
    """Boxes, bins and twelve orders in varied states; a store that has demo orders is left alone."""
    _boxes_and_bins()
    if Order.objects.filter(source=SHOP).exists():
        return
    goods = wares()
    people = {one.username: one for one in Staff.objects.filter(role__in=["PICKER", "SUPERVISOR"])}
    if not goods or not people:
        return
    hands = people.get("joris") or next(iter(people.values()))
    plain = [ware for ware in goods if not ware.is_weighed]
    for index, (due, how_far) in enumerate(MORNING):
        due_at = now + timedelta(minutes=due)
        # Whoever is picking right now holds a fresh lease.
        placed = now - timedelta(minutes=6 if how_far == "PICKING" else 30 + 7 * (len(MORNING) - index))
        sent = order_entry(
            rng=rng,
            goods=goods if how_far == "RELEASED" else plain,
            number=1001 + index,
            now=placed,
            due_at=due_at,
            size=3 + index % 4,
        )
        _bring(sent, how_far, hands=hands, placed=placed, now=now, rng=rng)
    _reject(rng, now)
    _cancel(rng, goods, now)


# Minutes until due, and how far the order has come.
MORNING = (
    (18, "RELEASED"),
    (95, "RELEASED"),
    (150, "RELEASED"),
    (240, "RELEASED"),
    (70, "PICKING"),
    (60, "PICKED"),
    (30, "READY"),
    (45, "READY"),
    (15, "ARRIVED"),
    (-60, "HANDED_OVER"),
)
STEPS = ("RELEASED", "PICKING", "PICKED", "STAGED", "READY", "ARRIVED", "HANDED_OVER")


def _boxes_and_bins() -> None:
    for zone, colour, count, letters in TOTES:
        Tote.objects.bulk_create(
            [
                Tote(
                    code=f"T-{zone[0]}{n:02}",
                    letter=letters[(n - 1) % len(letters)],
                    colour=colour,
                    zone=zone,
                )
                for n in range(1, count + 1)
            ],
            ignore_conflicts=True,
        )
    for zone, prefix, name, count, fixture in BINS:
        stands_in = Fixture.objects.filter(code=fixture).first() if fixture else None
        StagingBin.objects.bulk_create(
            [
                StagingBin(code=f"{prefix}{n}", name=f"{name} {n}", zone=zone, fixture=stands_in)
                for n in range(1, count + 1)
            ],
            ignore_conflicts=True,
        )


def _take(sent: OutEntry, now: datetime) -> Order:
    command = envelopes.to_command(json.loads(wrap(sent)))
    intake.take_in_order(command=command, now=now)
    return Order.objects.get(source=command.source, shop_order_id=command.order_id)


def _bring(
    sent: OutEntry, how_far: str, *, hands: Staff, placed: datetime, now: datetime, rng: Random
) -> None:
    """Take an order in and work on it as people would, up to a state."""
    order = _take(sent, placed)
    if order.state != "RELEASED" or how_far == "RELEASED":
        return
    goal = STEPS.index(how_far)
    clock = placed + timedelta(minutes=4)
    picking.claim(staff=hands, order_id=order.pk, now=clock)
    lines = list(order.lines.select_related("product"))
    for line in lines if goal >= STEPS.index("PICKED") else lines[:1]:
        clock += timedelta(seconds=rng.randint(20, 70))
        _pick(line, hands, clock, rng)
    if goal >= STEPS.index("STAGED"):
        for tote in order.totes.all():
            clock += timedelta(seconds=25)
            places = StagingBin.objects.filter(zone=tote.zone).values_list("code", flat=True)
            bin_code = places[tote.pk % len(places)]
            staging.stage(order_id=order.pk, tote_code=tote.code, bin_code=bin_code, staff=hands, now=clock)
        staging.mark_ready(order_id=order.pk, staff=hands, now=clock)
    if how_far == "ARRIVED":
        # This customer stands there since three minutes.
        clock = max(clock, now - timedelta(minutes=3))
        data = {"order_id": order.shop_order_id, "version": 2, "bay": "3"}
        _take(entry("order.customer.arrived", data, now=clock, event_id=f"arrived-{order.pk}"), clock)
    if how_far == "HANDED_OVER":
        order.refresh_from_db()
        code = staging.collection_code(order)
        collection.hand_over(order_id=order.pk, code=code, staff=hands, now=clock + timedelta(minutes=9))


def _pick(line: OrderLine, hands: Staff, now: datetime, rng: Random) -> None:
    code = Gtin.objects.filter(product=line.product, pack_quantity=1).values_list("gtin14", flat=True).first()
    if rng.random() < 0.04 or not code:
        picking.mark_short(line_pk=line.pk, reason=ShortReason.NOT_FOUND, staff=hands, now=now)
        return
    scan_id = uuid.UUID(int=rng.getrandbits(128), version=4)
    picking.confirm_pick(
        scan_id=scan_id, line_pk=line.pk, code=code, quantity=Decimal(line.ordered), staff=hands, now=now
    )


def _reject(rng: Random, now: datetime) -> None:
    data = {
        "order_id": "W-1011",
        "version": 1,
        "currency": Site.objects.current().currency,
        "customer": {"name": f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}"},
        "pickup": {"due_at": (now + timedelta(hours=2)).isoformat()},
        "lines": [{"line_id": "1", "gtin": "09520000999997", "quantity": "1", "unit_price_minor": 499}],
    }
    _take(entry("order.created", data, now=now, event_id="seed-rejected"), now - timedelta(minutes=41))


def _cancel(rng: Random, goods: Sequence[Ware], now: datetime) -> None:
    placed = now - timedelta(minutes=55)
    order = _take(
        order_entry(rng=rng, goods=goods, number=1012, now=placed, due_at=now + timedelta(hours=3), size=2),
        placed,
    )
    data = {"order_id": order.shop_order_id, "version": 2}
    cancelled = placed + timedelta(minutes=6)
    _take(entry("order.cancelled", data, now=cancelled, event_id="seed-cancelled"), cancelled)

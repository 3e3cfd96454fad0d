"""A day and a half of sales at four tills, so that no page of the demo is empty.

The rows are those of real sales: the same reducer, totals, journal and constraints, written in bulk.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from pos.domain.cart import (
    Cart,
    Discount,
    DiscountKind,
    Item,
    Line,
    MeasuredBy,
    Tender,
    TenderKind,
    state_hash,
    to_data,
)
from pos.domain.cash import EURO_NOTES, likely_notes
from pos.domain.journal import GENESIS, Record
from pos.domain.totals import price
from pos.models import Cart as CartRow
from pos.models import JournalHead, JournalRecord, NumberSeries, Receipt, Shift
from pos.queries.tills import Person, rules
from pos.services import journal, receipts
from pos.services.items import item_of
from store import outbox
from store.demo.baskets import Article, Basket, BasketMaker, draw_arrivals
from store.events.pos import ShiftOpened
from store.models import Device, Product, Site, Staff
from store.queries import catalogue
from store.services import stock

SALES_A_DAY = 150
# The last till stays closed, for whoever opens it first.
OPEN_TODAY = 3
FLOAT_MINOR = 15_000
MIXED_BITS = 62
Kind = JournalRecord.Kind


@dataclass
class _Desk:
    """A till while its history is written."""

    device: Device
    person: Person
    sequence: int = 0
    last_hash: str = GENESIS
    number: int = 0
    grand_total_minor: int = 0
    records: list[Record] = field(default_factory=list)

    def note(self, kind: str, data: dict[str, object], at: datetime) -> Record:
        """The next record of this till's journal."""
        record = journal.make_record(
            terminal=self.device.code,
            sequence=self.sequence,
            previous_hash=self.last_hash,
            kind=kind,
            staff=self.person.username,
            data=data,
            at=at,
        )
        self.sequence, self.last_hash = record.sequence, record.hash
        self.records.append(record)
        return record


def seed(*, now: datetime, rng: Random) -> None:
    """Write sales of yesterday and of today up to now, unless there are receipts already."""
    site = Site.objects.current()
    desks = _desks()
    items = _items(site, now)
    if Receipt.objects.exists() or not desks or not items:
        return
    zone = ZoneInfo(site.timezone)
    today = now.astimezone(zone).date()
    with transaction.atomic():
        for day, busy in ((today - timedelta(days=1), desks), (today, desks[:OPEN_TODAY])):
            _seed_day(day, desks=busy, items=items, site=site, zone=zone, now=now, rng=rng)
        _finish(desks)


def _desks() -> list[_Desk]:
    """The tills that have no journal yet, each with a cashier."""
    people = list(Staff.objects.filter(role=Staff.Role.CASHIER, is_active=True).order_by("username"))
    used = set(JournalHead.objects.values_list("device_id", flat=True))
    found = Device.objects.filter(kind=Device.Kind.TILL).exclude(pk__in=used).order_by("code")[:4]
    return [
        _Desk(device=device, person=_person(people[place % len(people)]))
        for place, device in enumerate(found)
        if people
    ]


def _person(staff: Staff) -> Person:
    return Person(id=staff.pk, username=staff.username, name=staff.display_name, role=staff.role)


def _items(site: Site, now: datetime) -> dict[int, Item]:
    ids = (
        Product.objects.filter(is_active=True, min_age__isnull=True)
        .order_by("id")
        .values_list("id", flat=True)
    )
    cards = catalogue.find_by_ids(list(ids[:600]), at=now)
    return {key: item_of(card, site=site) for key, card in cards.items() if card.price_minor}


def _seed_day(
    day: date,
    *,
    desks: Sequence[_Desk],
    items: dict[int, Item],
    site: Site,
    zone: ZoneInfo,
    now: datetime,
    rng: Random,
) -> None:
    articles = [Article(key, rng.randint(1, 9), item.is_weighed) for key, item in items.items()]
    maker = BasketMaker(articles, rng=rng)
    times = [at for at in draw_arrivals(day, count=SALES_A_DAY, zone=zone, rng=rng) if at < now]
    if not times:
        return
    opened = times[0] - timedelta(minutes=20)
    shifts = {desk.device.pk: _open(desk, day, opened, rng) for desk in desks}
    writes: list[receipts.Write] = []
    for at in times:
        desk = rng.choice(desks)
        cart = _cart(maker.draw(), items, rng)
        writes.append(_sell(desk, shifts[desk.device.pk], cart, site=site, at=at, rng=rng))
    is_over = day != now.astimezone(zone).date()
    for desk in desks:
        _close(desk, shifts[desk.device.pk], writes, times[-1] + timedelta(minutes=20), is_over=is_over)
    Shift.objects.bulk_create(shifts.values())
    if not is_over:
        _tell_open(desks, list(shifts.values()), now)
    _write(writes, {shift.uid: shift.pk for shift in shifts.values()})
    stock.append_moves(moves=[move for write in writes for move in receipts.moves(write)], now=times[-1])


def _open(desk: _Desk, day: date, at: datetime, rng: Random) -> Shift:
    shift = Shift(
        uid=_uuid(rng, at),
        device=desk.device,
        opened_by_id=desk.person.id,
        opened_at=at,
        business_date=day,
        float_minor=FLOAT_MINOR,
    )
    data = {"shift": str(shift.uid), "float_minor": FLOAT_MINOR, "date": day.isoformat()}
    desk.note(Kind.SHIFT_OPENED, data, at)
    return shift


def _close(desk: _Desk, shift: Shift, writes: list[receipts.Write], at: datetime, *, is_over: bool) -> None:
    own = [write for write in writes if write.device_id == desk.device.pk]
    shift.receipts = len(own)
    shift.net_minor = sum(write.totals.net_minor for write in own)
    shift.tax_minor = sum(write.totals.tax_minor for write in own)
    shift.rounding_minor = sum(write.totals.settlement.rounding_minor for write in own)
    shift.total_minor = sum(write.totals.total_minor for write in own)
    shift.cash_minor = sum(receipts.cash_minor(write.cart, write.totals) for write in own)
    if not is_over:
        return
    shift.closed_at, shift.closed_by_id = at, desk.person.id
    shift.expected_minor = shift.counted_minor = shift.float_minor + shift.cash_minor
    totals = {
        "receipts": shift.receipts,
        "total_minor": shift.total_minor,
        "counted_minor": shift.counted_minor,
    }
    desk.note(Kind.SHIFT_CLOSED, {"shift": str(shift.uid), **totals}, at)


def _tell_open(desks: Sequence[_Desk], shifts: Sequence[Shift], now: datetime) -> None:
    """The rest of the store learns which tills are open as it does from real ones."""
    cashiers = {desk.device.pk: desk.person.username for desk in desks}
    outbox.publish(
        *(
            ShiftOpened(
                shift_id=shift.uid,
                till=shift.device.code,
                cashier=cashiers[shift.device_id],
                float_minor=shift.float_minor,
                open_tills=number,
                opened_at=shift.opened_at,
            )
            for number, shift in enumerate(shifts, start=1)
        ),
        now=now,
    )


def _cart(basket: Basket, items: dict[int, Item], rng: Random) -> Cart:
    lines = tuple(
        Line(
            id=f"l{place}",
            item=items[line.key],
            quantity=Decimal(line.weight_grams) / 1000 if line.weight_grams else Decimal(line.quantity),
            measured_by=MeasuredBy.SCALE if line.weight_grams else MeasuredBy.COUNT,
            discounts=(
                (
                    Discount(
                        id=f"d{place}",
                        kind=DiscountKind.PERCENT,
                        value=Decimal(line.discount_percent),
                        reason="offer",
                    ),
                )
                if line.discount_percent
                else ()
            ),
        )
        for place, line in enumerate(basket.lines, start=1)
    )
    return Cart(id=str(UUID(int=rng.getrandbits(128), version=4)), lines=lines)


def _sell(desk: _Desk, shift: Shift, cart: Cart, *, site: Site, at: datetime, rng: Random) -> receipts.Write:
    uid = _uuid(rng, at)
    due = price(cart, rules(site)).settlement.cash_due_minor
    given = rng.choice((due, *likely_notes(due, EURO_NOTES, 2))) if due else 0
    if given:
        cart = Cart(
            id=cart.id,
            lines=cart.lines,
            tenders=(Tender(id="t1", kind=TenderKind.CASH, amount_minor=given),),
            applied=(*(line.id for line in cart.lines), "t1"),
        )
    totals = price(cart, rules(site))
    desk.number += 1
    desk.grand_total_minor += totals.total_minor
    data = {
        "receipt": str(uid),
        "series": "S",
        "number": desk.number,
        "cart": cart.id,
        "cart_hash": state_hash(cart),
        "total_minor": totals.total_minor,
        "lines": receipts.journal_lines(cart, totals),
    }
    return receipts.Write(
        uid=uid,
        device_id=desk.device.pk,
        person=desk.person,
        site=site,
        series=NumberSeries.Series.SALE,
        number=desk.number,
        shift_id=0,
        shift_uid=shift.uid,
        business_date=shift.business_date,
        completed_at=at,
        cart=cart,
        totals=totals,
        record=desk.note(Kind.SALE, data, at),
    )


def _write(writes: list[receipts.Write], shift_ids: dict[UUID, int]) -> None:
    CartRow.objects.bulk_create(
        CartRow(
            id=write.cart.id,
            device_id=write.device_id,
            shift_id=shift_ids[write.shift_uid] if write.shift_uid else write.shift_id,
            status=CartRow.Status.COMPLETED,
            version=write.cart.version,
            state=to_data(write.cart),
            state_hash=write.record.data["cart_hash"],
            created_at=write.completed_at,
            updated_at=write.completed_at,
        )
        for write in writes
    )
    rows = []
    for write in writes:
        row = receipts.receipt_row(write) | {"shift_id": shift_ids[write.shift_uid] if write.shift_uid else 0}
        rows.append(
            {"receipt": row, "lines": receipts.line_rows(write), "tenders": receipts.tender_rows(write)}
        )
    with connection.cursor() as cursor:
        cursor.execute(receipts.MANY, {"sales": json.dumps(rows)})


def _finish(desks: Sequence[_Desk]) -> None:
    JournalRecord.objects.bulk_create(
        JournalRecord(
            device=desk.device,
            sequence=record.sequence,
            kind=record.kind,
            at=datetime.fromisoformat(record.at),
            staff=record.staff,
            data=record.data,
            previous_hash=record.previous_hash,
            hash=record.hash,
            signature=record.signature,
        )
        for desk in desks
        for record in desk.records
    )
    used = [desk for desk in desks if desk.records]
    JournalHead.objects.bulk_create(
        JournalHead(device=desk.device, last_sequence=desk.sequence, last_hash=desk.last_hash)
        for desk in used
    )
    NumberSeries.objects.bulk_create(
        NumberSeries(
            device=desk.device, series="S", last_number=desk.number, grand_total_minor=desk.grand_total_minor
        )
        for desk in used
    )


def _uuid(rng: Random, at: datetime) -> UUID:
    """A UUID version 7 of that moment, always the same for the same generator."""
    milliseconds = int(at.timestamp() * 1000)
    value = milliseconds << 80 | 7 << 76 | rng.getrandbits(12) << 64 | 2 << 62 | rng.getrandbits(MIXED_BITS)
    return UUID(int=value)

"""Completing a sale: one transaction, two statements, whatever the number of lines."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from pos.domain.cart import Cart, TenderKind, canonical, from_data, to_data
from pos.domain.commands import AddTender, Context, RefusedError, command_data, command_kind
from pos.domain.journal import Record
from pos.domain.reducer import apply
from pos.domain.totals import Totals, price
from pos.errors import CartClosedError, NoShiftError, NotPaidError, StaleCartError, from_refusal
from pos.models import Cart as CartRow
from pos.models import JournalRecord, NumberSeries
from pos.queries.tills import Person, Till, as_json, rules
from pos.services import journal, receipts
from pos.services.carts import require_open
from store import live, outbox
from store.errors import AisleError
from store.events.pos import PaidBy, SaleCompleted
from store.models import Site
from store.services import operations, stock
from store.services.operations import Answer

SCOPE = "pos.sale"


@dataclass(frozen=True, kw_only=True)
class Locked:
    """What a sale has locked: the basket, the shift, the number series and the end of the journal."""

    status: str
    cart: Cart
    shift_id: int
    shift_closed_at: datetime | None
    business_date: Any
    last_number: int
    last_sequence: int
    last_hash: str


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A wish to complete a sale."""

    till: Till
    cart_id: UUID
    version: int
    key: UUID
    request_hash: str
    cash_minor: int | None
    now: datetime


def complete_sale(
    *,
    till: Till,
    cart_id: UUID,
    version: int,
    key: UUID,
    cash_minor: int | None = None,
    now: datetime | None = None,
) -> Answer:
    """Take the last cash of a sale, if any, and make the basket a numbered, journaled receipt.

    `key` is chosen by the client, once for each wish to complete: the same key with the same request gets
    the same
    answer byte for byte. The answer's data: receipt, till, series, number, total_minor, change_minor,
    tendered_minor, rounding_minor, journal_sequence, journal_hash.

    Raises:
        NotSignedInError, NoShiftError, CartClosedError, StaleCartError, NotPaidError, CommandRefusedError,
        KeyReusedError.
    """
    moment = now or timezone.now()
    request = {"till": till.code, "cart": str(cart_id), "version": version, "cash_minor": cash_minor}
    wish = Wish(
        till=till,
        cart_id=cart_id,
        version=version,
        key=key,
        request_hash=operations.hash_request(request),
        cash_minor=cash_minor,
        now=moment,
    )
    try:
        with transaction.atomic():
            return _complete(wish)
    except (AisleError, RefusedError, IntegrityError) as refusal:
        # A key is looked up only now: nearly every key is new, and a second use of one always fails above,
        # because its basket is closed or its row is there.
        known = operations.find_answer(key=key, scope=SCOPE, request_hash=wish.request_hash)
        if known is not None:
            return known
        if isinstance(refusal, RefusedError):
            raise from_refusal(refusal) from refusal
        raise


def _complete(wish: Wish) -> Answer:
    till, now = wish.till, wish.now
    person, _ = require_open(till)
    site = Site.objects.current()
    locked = _lock(till, wish.cart_id)
    _check(locked, wish.version)
    context = Context(rules=rules(site))
    cart, command = locked.cart, None
    if wish.cash_minor is not None:
        command = AddTender(id=str(wish.key), kind=TenderKind.CASH, amount_minor=wish.cash_minor)
        cart = apply(cart, command, context)
    totals = price(cart, context.rules)
    _check_paid(cart, totals)
    number = locked.last_number + 1
    state = canonical(to_data(cart))
    record = _record(
        till, person, locked, cart=cart, totals=totals, number=number, now=now, key=wish.key, state=state
    )
    write = receipts.Write(
        uid=wish.key,
        device_id=till.device_id,
        person=person,
        site=site,
        series=NumberSeries.Series.SALE,
        number=number,
        shift_id=locked.shift_id,
        business_date=locked.business_date,
        completed_at=now,
        cart=cart,
        totals=totals,
        record=record,
    )
    answer = Answer(201, json.dumps(_answer(till, write), separators=(",", ":")), replayed=False)
    _write(wish, write, answer, command=command, context=context, state=state)
    live.nudge("tills")
    return answer


def _answer(till: Till, write: receipts.Write) -> dict[str, Any]:
    settlement = write.totals.settlement
    return {
        "receipt": str(write.uid),
        "till": till.code,
        "series": write.series,
        "number": write.number,
        "total_minor": settlement.total_minor,
        "tendered_minor": settlement.tendered_minor,
        "change_minor": settlement.change_minor,
        "rounding_minor": settlement.rounding_minor,
        "journal_sequence": write.record.sequence,
        "journal_hash": write.record.hash,
    }


def _lock(till: Till, cart_id: UUID) -> Locked:
    with connection.cursor() as cursor:
        cursor.execute(
            "select * from pos_lock_sale(%s, %s, %s)",
            [cart_id, till.device_id, NumberSeries.Series.SALE.value],
        )
        row = cursor.fetchone()
    if row is None:
        raise CartClosedError
    return Locked(
        status=row[0],
        cart=from_data(Cart, as_json(row[1])),
        shift_id=row[2],
        shift_closed_at=row[3],
        business_date=row[4],
        last_number=row[5],
        last_sequence=row[6],
        last_hash=row[7],
    )


def _check(locked: Locked, version: int) -> None:
    if locked.status != CartRow.Status.OPEN:
        raise CartClosedError
    if locked.shift_closed_at is not None:
        raise NoShiftError
    if locked.cart.version != version:
        raise StaleCartError


def _check_paid(cart: Cart, totals: Totals) -> None:
    if not cart.active_lines:
        raise RefusedError("cart_empty")
    if cart.age_to_check:
        raise RefusedError("age_check_needed", age=cart.age_to_check)
    if not totals.settlement.is_settled:
        raise NotPaidError


def _record(
    till: Till,
    person: Person,
    locked: Locked,
    *,
    cart: Cart,
    totals: Totals,
    number: int,
    now: datetime,
    key: UUID,
    state: bytes,
) -> Record:
    data = {
        "receipt": str(key),
        "series": NumberSeries.Series.SALE.value,
        "number": number,
        "cart": cart.id,
        "cart_hash": hashlib.sha256(state).hexdigest(),
        "pieces": totals.pieces,
        "net_minor": totals.net_minor,
        "tax_minor": totals.tax_minor,
        "rounding_minor": totals.settlement.rounding_minor,
        "total_minor": totals.total_minor,
        "tendered_minor": totals.settlement.tendered_minor,
        "change_minor": totals.settlement.change_minor,
        "lines": receipts.journal_lines(cart, totals),
    }
    return journal.make_record(
        terminal=till.code,
        sequence=locked.last_sequence,
        previous_hash=locked.last_hash,
        kind=JournalRecord.Kind.SALE,
        staff=person.username,
        data=data,
        at=now,
    )


def _write(
    wish: Wish,
    write: receipts.Write,
    answer: Answer,
    *,
    command: AddTender | None,
    context: Context,
    state: bytes,
) -> None:
    sale = receipts.parameters(write) | journal.parameters(write.record, device_id=write.device_id)
    sale |= {
        "cart": write.cart.id,
        "version": write.cart.version,
        "command": command.id if command else None,
        "command_kind": command_kind(command) if command else "",
        "command_data": command_data(command) if command else {},
        "context": to_data(context),
        "state": msgspec.Raw(state),
        "state_hash": hashlib.sha256(state).hexdigest(),
        "person": write.person.id,
        "moves": [stock.move_data(move) for move in receipts.moves(write)],
        "events": [outbox.event_data(_event(wish.till, write), now=wish.now)],
        "channel": outbox.CHANNEL,
        "operation": {
            "key": wish.key,
            "scope": SCOPE,
            "request_hash": wish.request_hash,
            "status": answer.status,
            "response": answer.text,
        },
    }
    with connection.cursor() as cursor:
        cursor.execute("select pos_write_sale(%s)", [msgspec.json.encode(sale).decode()])


def _event(till: Till, write: receipts.Write) -> SaleCompleted:
    settlement = write.totals.settlement
    return SaleCompleted(
        receipt_id=write.uid,
        till=till.code,
        number=write.number,
        completed_at=write.completed_at,
        business_date=write.business_date.isoformat(),
        currency=write.site.currency,
        net_minor=write.totals.net_minor,
        tax_minor=write.totals.tax_minor,
        rounding_minor=settlement.rounding_minor,
        total_minor=settlement.total_minor,
        lines=receipts.sold_lines(write),
        tenders=tuple(
            PaidBy(kind=tender.kind, amount_minor=tender.amount_minor) for tender in write.cart.tenders
        ),
    )

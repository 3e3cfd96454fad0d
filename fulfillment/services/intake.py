"""Orders of the shop: taken in once, whatever order their messages arrive in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from django.db import connection, transaction
from django.utils import timezone

from fulfillment.domain import states, versions
from fulfillment.domain.commands import CommandKind, CommandLine, OrderCommand
from fulfillment.domain.refusal import RefusedError
from fulfillment.domain.states import OrderState
from fulfillment.domain.versions import Verdict
from fulfillment.models import Order, OrderLine, OrderTombstone, PickWork
from fulfillment.services import log as order_log
from fulfillment.services.log import Log
from store import outbox
from store.events.fulfillment import (
    CancelAccepted,
    CancelRefused,
    CustomerArrived,
    OrderAccepted,
    OrderRejected,
    OrderReserved,
    ShortExpected,
)
from store.models import Gtin, Product, Site
from store.services import stock

RESERVATION_SOURCE = "fulfillment"


class Result(StrEnum):
    """What became of a command."""

    TAKEN = "TAKEN"
    REJECTED = "REJECTED"
    CHANGED = "CHANGED"
    REFUSED = "REFUSED"
    STALE = "STALE"
    TOMBSTONE = "TOMBSTONE"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """The answer to a command; `order_id` is our own, None for a tombstone."""

    result: Result
    order_id: int | None


def take_in_order(*, command: OrderCommand, now: datetime | None = None) -> Taken:
    """Apply one command of the shop, in the caller's transaction together with its inbox row.

    An older version never overwrites a newer one; what comes before its order leaves a tombstone.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        _lock_name(command)
        order = (
            Order.objects.select_for_update()
            .filter(source=command.source, shop_order_id=command.order_id)
            .first()
        )
        tombstones = {} if order else _tombstones(command)
        verdict = versions.judge(
            kind=command.kind,
            version=command.version,
            known=order.version if order else None,
            cancelled=tombstones.get(CommandKind.CANCEL.value),
        )
        if verdict is Verdict.STALE:
            return Taken(result=Result.STALE, order_id=order.pk if order else None)
        if verdict is Verdict.TOMBSTONE:
            _leave_tombstone(command, moment)
            return Taken(result=Result.TOMBSTONE, order_id=None)
        if order is None:
            return _create(command, tombstones, moment)
        return _change(order, command, moment)


def _lock_name(command: OrderCommand) -> None:
    """Serialise messages about one order even before it has a row: a cancellation must not slip past its
    creation."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"order/{command.source}/{command.order_id}"],
        )


def _tombstones(command: OrderCommand) -> dict[str, int]:
    rows = OrderTombstone.objects.filter(source=command.source, shop_order_id=command.order_id)
    return dict(rows.values_list("kind", "version"))


def _leave_tombstone(command: OrderCommand, now: datetime) -> None:
    stone, created = OrderTombstone.objects.get_or_create(
        source=command.source,
        shop_order_id=command.order_id,
        kind=command.kind.value,
        defaults={"version": command.version, "received_at": now},
    )
    if not created and stone.version < command.version:
        stone.version = command.version
        stone.save(update_fields=["version"])


def _create(command: OrderCommand, tombstones: Mapping[str, int], now: datetime) -> Taken:
    order = Order(
        source=command.source,
        shop_order_id=command.order_id,
        placed_at=command.occurred_at,
        received_at=now,
        code_nonce=secrets.token_hex(16),
        is_paid=CommandKind.PAID.value in tombstones,
    )
    _take_header(order, command)
    order.save(force_insert=True)
    log = Log(order, actor=command.source, now=now)
    log.note("received", version=command.version, message=command.message_id)
    refusal = _fill(order, command, log, now)
    log.save()
    return Taken(result=Result.REJECTED if refusal else Result.TAKEN, order_id=order.pk)


def _take_header(order: Order, command: OrderCommand) -> None:
    if command.due_at is None:
        raise ValueError("a full order names its pickup time")
    order.version = command.version
    order.number = command.number
    order.customer_name = command.customer.name
    order.customer_phone = command.customer.phone
    order.customer_email = command.customer.email
    order.note = command.note
    order.currency = command.currency
    order.due_at = command.due_at


def _fill(order: Order, command: OrderCommand, log: Log, now: datetime) -> str:
    """Write lines, reserve, release to the pickers; returns the reason when the store cannot take the
    order."""
    products = _products(command.lines)
    missing = tuple(line.gtin14 or line.sku for line in command.lines if _key(line) not in products)
    if missing:
        return _reject(order, log, now, reason="unknown_product", details=missing)
    if command.currency != Site.objects.current().currency:
        return _reject(order, log, now, reason="wrong_currency", details=(command.currency,))
    lines = OrderLine.objects.bulk_create(
        [
            _line(order, position, line, *products[_key(line)])
            for position, line in enumerate(command.lines, 1)
        ]
    )
    granted = _reserve(lines, now)
    if not any(granted.values()):
        return _reject(order, log, now, reason="no_stock", details=())
    _release(order, lines, granted, log, now)
    return ""


def _reject(order: Order, log: Log, now: datetime, *, reason: str, details: tuple[str, ...]) -> str:
    log.move(OrderState.REJECTED, reason=reason, details=", ".join(details))
    order.state_reason = f"{reason}: {', '.join(details)}"[:300] if details else reason
    outbox.publish(
        OrderRejected(**order_log.identity(order), reason=reason, details=details, rejected_at=now), now=now
    )
    return reason


def _release(
    order: Order, lines: Sequence[OrderLine], granted: Mapping[str, Decimal], log: Log, now: datetime
) -> None:
    names = order_log.identity(order)
    log.move(OrderState.RESERVED)
    log.move(OrderState.RELEASED)
    PickWork.objects.get_or_create(order=order, defaults={"created_at": now})
    shorts = [
        ShortExpected(**names, line_id=line.line_id, sku=line.product.sku, missing=line.ordered - held)
        for line in lines
        if (held := granted[reservation_id(line)]) < line.ordered
    ]
    for short in shorts:
        log.note("short_expected", sku=short.sku, missing=short.missing)
    outbox.publish(
        OrderAccepted(**names, accepted_at=now, due_at=order.due_at),
        OrderReserved(**names, lines=order_log.facts(lines), reserved_at=now),
        *shorts,
        now=now,
    )


def reservation_id(line: OrderLine) -> str:
    """The name under which a line's stock is reserved."""
    return f"line-{line.pk}"


def _reserve(lines: Sequence[OrderLine], now: datetime) -> dict[str, Decimal]:
    wishes = [
        stock.Wish(product_id=line.product_id, quantity=line.ordered, source_id=reservation_id(line))
        for line in lines
    ]
    return stock.reserve(source=RESERVATION_SOURCE, wishes=wishes, now=now)


def release_reservations(lines: Sequence[OrderLine], now: datetime) -> None:
    """Give back what these lines still hold."""
    stock.release(source=RESERVATION_SOURCE, source_ids=[reservation_id(line) for line in lines], now=now)


def _key(line: CommandLine) -> str:
    return line.gtin14 or f"sku:{line.sku}"


def _products(lines: Sequence[CommandLine]) -> dict[str, tuple[Product, int]]:
    """Active products of the lines with the pieces in the named pack: at most two queries."""
    gtins = [line.gtin14 for line in lines if line.gtin14]
    skus = [line.sku for line in lines if not line.gtin14]
    found: dict[str, tuple[Product, int]] = {}
    if gtins:
        rows = Gtin.objects.filter(gtin14__in=gtins, product__is_active=True).select_related("product")
        found |= {row.gtin14: (row.product, row.pack_quantity) for row in rows}
    if skus:
        found |= {f"sku:{row.sku}": (row, 1) for row in Product.objects.filter(sku__in=skus, is_active=True)}
    return found


def _line(order: Order, position: int, line: CommandLine, product: Product, pack: int) -> OrderLine:
    ordered = line.quantity if product.is_weighed else line.quantity * pack
    return OrderLine(
        order=order,
        position=position,
        line_id=line.line_id,
        product=product,
        unit_price_minor=line.unit_price_minor,
        substitution=line.substitution.value,
        ordered=ordered,
        open=ordered,
    )


def _change(order: Order, command: OrderCommand, now: datetime) -> Taken:
    log = Log(order, actor=command.source, now=now)
    match command.kind:
        case CommandKind.PAID:
            order.is_paid = True
            log.note("paid")
            result = Result.CHANGED
        case CommandKind.ARRIVED:
            result = _arrive(order, command, log, now)
        case CommandKind.CANCEL:
            result = _cancel(order, command, log, now)
        case _:
            result = _update(order, command, log, now)
    log.save()
    return Taken(result=result, order_id=order.pk)


def _arrive(order: Order, command: OrderCommand, log: Log, now: datetime) -> Result:
    order.bay = command.bay or order.bay
    if order.order_state is not OrderState.READY:
        log.note("arrived_early", bay=command.bay)
        return Result.CHANGED
    order.arrived_at = now
    log.move(OrderState.ARRIVED, bay=command.bay)
    outbox.publish(CustomerArrived(**order_log.identity(order), bay=command.bay, arrived_at=now), now=now)
    return Result.CHANGED


def _cancel(order: Order, command: OrderCommand, log: Log, now: datetime) -> Result:
    order.version = command.version
    try:
        target = states.cancel_target(order.order_state)
    except RefusedError as refusal:
        log.note("cancel_refused", reason=refusal.code)
        outbox.publish(
            CancelRefused(**order_log.identity(order), reason=refusal.code, refused_at=now), now=now
        )
        return Result.REFUSED
    log.move(target)
    lines = list(order.lines.all())
    for line in lines:
        line.take(line.counts.cancel_open())
    OrderLine.objects.bulk_update(lines, ["open", "cancelled"])
    release_reservations(lines, now)
    if target is not OrderState.CANCEL_PENDING:
        # While picking, the picker's next scan shows STOP; until then the work stays theirs.
        PickWork.objects.filter(order=order).update(state=PickWork.State.STOPPED, lease_until=None)
    outbox.publish(CancelAccepted(**order_log.identity(order), cancelled_at=now), now=now)
    return Result.CHANGED


def _update(order: Order, command: OrderCommand, log: Log, now: datetime) -> Result:
    """Take a newer version: all of it before picking, only what does not touch the goods after that."""
    _take_header(order, command)
    if order.order_state not in states.CHANGEABLE:
        log.note("changed_in_part", version=command.version)
        return Result.CHANGED
    log.note("changed", version=command.version)
    release_reservations(list(order.lines.all()), now)
    order.lines.all().delete()
    order.state = OrderState.RECEIVED.value
    PickWork.objects.filter(order=order).delete()
    return Result.REJECTED if _fill(order, command, log, now) else Result.CHANGED

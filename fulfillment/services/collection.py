"""The collection desk: hand over by code, put back what nobody fetches."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from fulfillment.domain import handover, states
from fulfillment.domain.handover import MAX_TRIES
from fulfillment.domain.refusal import RefusedError
from fulfillment.domain.states import OrderState
from fulfillment.models import Order, OrderLine, Tote
from fulfillment.services import log as order_log
from fulfillment.services.log import Log
from fulfillment.services.refusals import FulfillmentError
from fulfillment.services.staging import collection_code
from store import outbox
from store.events.fulfillment import OrderHandedOver
from store.models import Staff
from store.services import audit, stock

SUPERVISORS = (Staff.Role.SUPERVISOR, Staff.Role.MANAGER)


def hand_over(*, order_id: int, code: str, staff: Staff, now: datetime | None = None) -> Order:
    """Give the order to the customer who knows its code; raises FulfillmentError.

    A wrong code is counted even though the call fails; after five only a supervisor may go on.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order_id)
        outcome = _check(order, code, staff, moment)
        if outcome is None:
            _give(order, staff, moment)
    if outcome is not None:
        raise outcome
    return order


def _check(order: Order, code: str, staff: Staff, now: datetime) -> FulfillmentError | None:
    if order.order_state in states.ALREADY_COLLECTED:
        return FulfillmentError("already_collected")
    if order.order_state not in states.COLLECTABLE:
        return FulfillmentError("not_ready")
    try:
        wrong = handover.check_code(
            entered=code,
            expected=collection_code(order),
            failures=order.code_failures,
            is_supervisor=staff.role in SUPERVISORS,
        )
    except RefusedError as refusal:
        return FulfillmentError.of(refusal, field="code")
    if wrong is None:
        return None
    order.code_failures = min(wrong.failures, MAX_TRIES)
    log = Log(order, actor=staff.username, now=now)
    log.note("code_wrong", left=wrong.left)
    log.save()
    if wrong.is_locked:
        audit.record(actor=staff.username, action="handover.locked", target=f"order {order.number}", now=now)
        return FulfillmentError("code_locked", field="code")
    return FulfillmentError("code_wrong", {"left": wrong.left}, field="code")


def _give(order: Order, staff: Staff, now: datetime) -> None:
    lines = list(order.lines.select_related("product"))
    for line in lines:
        line.take(line.counts.hand_over())
    OrderLine.objects.bulk_update(lines, ["handed"])
    order.handed_over_at = now
    method = "supervisor" if order.code_failures >= MAX_TRIES else "code"
    log = Log(order, actor=staff.username, now=now)
    log.move(OrderState.HANDED_OVER, method=method)
    log.save()
    Tote.objects.filter(order=order).update(order=None, bin=None)
    outbox.publish(
        OrderHandedOver(
            **order_log.identity(order), lines=order_log.facts(lines), method=method, handed_over_at=now
        ),
        now=now,
    )


def finish_restow(*, order_id: int, staff: Staff, now: datetime | None = None) -> Order:
    """Say that the goods of a stopped order are back: ambient ones to stock, chilled and frozen ones to
    waste."""
    moment = now or timezone.now()
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order_id)
        log = Log(order, actor=staff.username, now=moment)
        lines = [
            line
            for line in order.lines.select_related("product")
            if line.picked > line.restowed + line.handed
        ]
        moves = [
            stock.Move(
                product_id=line.product_id,
                quantity=line.kilograms if line.kilograms is not None else line.picked,
                reason="RESTOW",
                source="fulfillment.restow",
                source_id=f"line-{line.pk}",
            )
            for line in lines
            if line.product.storage_zone == "AMBIENT"
        ]
        try:
            log.move(OrderState.CLOSED)
        except RefusedError as refusal:
            raise FulfillmentError.of(refusal) from refusal
        for line in lines:
            line.take(line.counts.restow())
        OrderLine.objects.bulk_update(lines, ["restowed"])
        stock.append_moves(moves=moves, now=moment)
        Tote.objects.filter(order=order).update(order=None, bin=None)
        log.save()
    return order

"""Staging: boxes go into bins, then the customer may come."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from fulfillment.domain import handover
from fulfillment.domain.refusal import RefusedError
from fulfillment.domain.states import OrderState
from fulfillment.models import Order, StagingBin, Tote
from fulfillment.services import log as order_log
from fulfillment.services.log import Log
from fulfillment.services.refusals import FulfillmentError
from store import outbox
from store.events.fulfillment import OrderStaged, ReadyForPickup
from store.models import ProductHold, Staff

HOLD_AMBIENT = timedelta(days=7)
HOLD_COLD = timedelta(hours=24)


def stage(
    *, order_id: int, tote_code: str, bin_code: str, staff: Staff, now: datetime | None = None
) -> Order:
    """Put one box into a bin; the last box stages the order. Raises FulfillmentError.

    A box goes only into a bin of its own zone, and never into a unit that is in alarm.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order_id)
        if order.order_state is not OrderState.PICKED:
            raise FulfillmentError("not_picked_yet")
        tote = order.totes.filter(code__iexact=tote_code.strip()).first()
        if tote is None:
            raise FulfillmentError("unknown_tote", field="tote")
        place = StagingBin.objects.select_related("fixture").filter(code__iexact=bin_code.strip()).first()
        _check_place(tote, place)
        tote.bin = place
        tote.save(update_fields=["bin"])
        log = Log(order, actor=staff.username, now=moment)
        log.note("tote_staged", tote=tote.code, bin=tote.bin.code if tote.bin else "")
        if not order.totes.filter(bin__isnull=True).exists():
            _finish(order, log, moment)
        log.save()
    return order


def _check_place(tote: Tote, place: StagingBin | None) -> None:
    if place is None:
        raise FulfillmentError("unknown_bin", field="bin")
    if place.zone != tote.zone:
        params = {"tote": tote.get_zone_display(), "bin": place.get_zone_display()}
        raise FulfillmentError("wrong_zone", params, field="bin")
    if place.fixture_id:
        hold = ProductHold.objects.active().filter(fixture_id=place.fixture_id).first()
        if hold:
            raise FulfillmentError("bin_in_alarm", {"reason": hold.reason}, field="bin")


def _finish(order: Order, log: Log, now: datetime) -> None:
    log.move(OrderState.STAGED)
    bins = tuple(order.totes.order_by("code").values_list("bin__code", flat=True))
    outbox.publish(OrderStaged(**order_log.identity(order), bins=bins, staged_at=now), now=now)


def mark_ready(*, order_id: int, staff: Staff, now: datetime | None = None) -> Order:
    """Tell the shop that the customer may come, with the collection code. Raises FulfillmentError."""
    moment = now or timezone.now()
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order_id)
        log = Log(order, actor=staff.username, now=moment)
        try:
            log.move(OrderState.READY)
        except RefusedError as refusal:
            raise FulfillmentError.of(refusal) from refusal
        is_cold = order.totes.exclude(zone="AMBIENT").exists()
        order.ready_at = moment
        order.hold_until = moment + (HOLD_COLD if is_cold else HOLD_AMBIENT)
        lines = order.lines.select_related("product")
        ready = ReadyForPickup(
            **order_log.identity(order),
            collection_code=collection_code(order),
            lines=order_log.facts(lines),
            ready_at=moment,
            hold_until=order.hold_until,
        )
        outbox.publish(ready, now=moment)
        log.save()
    return order


def collection_code(order: Order) -> str:
    """The six digits the customer shows."""
    key = settings.SECRET_KEY.encode()
    return handover.collection_code(key=key, order_id=order.pk, nonce=order.code_nonce)

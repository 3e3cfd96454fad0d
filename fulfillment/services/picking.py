"""Picking: claim an order, scan its products, say what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from fulfillment.domain import picking as rules
from fulfillment.domain.lines import ShortReason
from fulfillment.domain.picking import Pick, PickTarget, ScannedItem
from fulfillment.domain.refusal import RefusedError
from fulfillment.domain.states import OrderState
from fulfillment.models import Order, OrderLine, PickScan, PickWork, Tote
from fulfillment.services import intake
from fulfillment.services import log as order_log
from fulfillment.services.log import Log
from fulfillment.services.refusals import FulfillmentError
from store import outbox
from store.domain import barcode
from store.events.fulfillment import LinePicked, LineShort, OrderPicked, PickingStarted
from store.models import Gtin, Staff
from store.models.planogram import Zone
from store.queries import holds
from store.services import stock

LEASE = timedelta(minutes=15)
PICKED = "PICKED"


@dataclass(frozen=True, kw_only=True)
class PickResult:
    """What a scan did: `quantity` taken, `open` left on the line, whether the order is complete."""

    line_id: int
    quantity: Decimal
    open: Decimal
    is_order_done: bool
    is_replay: bool = False


def claim(*, staff: Staff, order_id: int | None = None, now: datetime | None = None) -> PickWork | None:
    """Give the most urgent free order (or the named one) to a picker for 15 minutes; None when there is none.

    Two pickers never get the same one: rows another transaction holds are skipped.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        mine = PickWork.objects.filter(picker=staff, state=PickWork.State.CLAIMED, lease_until__gte=moment)
        if order_id is not None and (own := mine.filter(order_id=order_id).first()):
            return own
        free = PickWork.objects.claimable(moment).filter(order__state__in=["RELEASED", "PICKING"])
        if order_id is not None:
            free = free.filter(order_id=order_id)
        work = (
            free.select_for_update(skip_locked=True, of=("self", "order"))
            .select_related("order")
            .order_by("order__due_at", "pk")
            .first()
        )
        if work is None:
            return None
        _start(work, staff, moment)
        return work


def _start(work: PickWork, staff: Staff, now: datetime) -> None:
    work.state = PickWork.State.CLAIMED
    work.picker = staff
    work.claimed_at = now
    work.lease_until = now + LEASE
    work.save()
    order = work.order
    log = Log(order, actor=staff.username, now=now)
    if order.order_state is OrderState.RELEASED:
        _assign_totes(order)
        log.move(OrderState.PICKING)
        outbox.publish(
            PickingStarted(**order_log.identity(order), picker=staff.username, started_at=now), now=now
        )
    else:
        log.note("taken_over")
    log.save()


def _assign_totes(order: Order) -> None:
    """One free box per temperature zone: boxes never mix zones. Raises FulfillmentError `no_tote`."""
    zones = sorted(set(order.lines.values_list("product__storage_zone", flat=True)))
    for zone in zones:
        tote = (
            Tote.objects.select_for_update(skip_locked=True)
            .filter(order__isnull=True, zone=zone)
            .order_by("code")
            .first()
        )
        if tote is None:
            raise FulfillmentError("no_tote", {"zone": Zone(zone).label})
        tote.order = order
        tote.save(update_fields=["order"])


def confirm_pick(
    *,
    scan_id: UUID,
    line_pk: int,
    code: str,
    staff: Staff,
    quantity: Decimal = Decimal(1),
    is_weight_confirmed: bool = False,
    now: datetime | None = None,
) -> PickResult:
    """Take one scan for a line; raises FulfillmentError with the rule's code.

    `scan_id` comes from the phone: the same id again has no second effect and gets the first answer.
    Refused scans
    are kept and counted too, so they commit before the error is raised.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        order = Order.objects.select_for_update().get(lines__pk=line_pk)
        known = PickScan.objects.filter(pk=scan_id).first()
        line = OrderLine.objects.select_related("product").get(pk=line_pk)
        if known is not None:
            outcome = _replay(known, line, order)
        else:
            scan = PickScan(id=scan_id, line=line, staff=staff, code=code[:120], at=moment)
            outcome = _scan(
                order, scan, code=code, quantity=quantity, is_weight_confirmed=is_weight_confirmed
            )
    if isinstance(outcome, FulfillmentError):
        raise outcome
    return outcome


def _replay(scan: PickScan, line: OrderLine, order: Order) -> PickResult | FulfillmentError:
    if scan.outcome == PICKED:
        done = order.order_state is not OrderState.PICKING
        return PickResult(
            line_id=line.pk, quantity=scan.quantity, open=line.open, is_order_done=done, is_replay=True
        )
    params = {"open": line.open, "code": scan.code, "reason": "", "kilograms": scan.kilograms or 0}
    return FulfillmentError(scan.outcome, params)


def _scan(
    order: Order, scan: PickScan, *, code: str, quantity: Decimal, is_weight_confirmed: bool
) -> PickResult | FulfillmentError:
    """Judge a new scan, keep it, and act on it when it is right."""
    scan.work = work = PickWork.objects.get(order=order)
    try:
        _check_turn(order, work, scan.staff)
        item = _read(code)
        scan.kilograms = item.kilograms
        pick = rules.judge_scan(
            _target(scan.line), item, quantity=quantity, is_weight_confirmed=is_weight_confirmed
        )
    except RefusedError as refusal:
        if refusal.code == "order_stopped":
            _stop(order, work, scan.staff, scan.at)
        scan.outcome = refusal.code
        scan.save(force_insert=True)
        return FulfillmentError.of(refusal)
    scan.outcome = PICKED
    scan.quantity = pick.quantity
    scan.save(force_insert=True)
    PickWork.objects.filter(pk=work.pk).update(lease_until=scan.at + LEASE)
    return _apply(order, scan, pick)


def _check_turn(order: Order, work: PickWork, staff: Staff) -> None:
    if order.order_state in {OrderState.CANCEL_PENDING, OrderState.CANCELLED, OrderState.RESTOWING}:
        raise RefusedError("order_stopped")
    if work.picker_id != staff.pk or work.state != PickWork.State.CLAIMED:
        raise RefusedError("not_yours")


def _read(code: str) -> ScannedItem:
    """Take the scanned text apart; raises RefusedError `unreadable`."""
    try:
        parsed = barcode.parse(code)
    except barcode.BarcodeError as error:
        raise RefusedError("unreadable", {"code": code[:40]}) from error
    grams = parsed.weight_grams
    return ScannedItem(code=parsed.gtin14, kilograms=Decimal(grams) / 1000 if grams else None)


def _target(line: OrderLine) -> PickTarget:
    product = line.product
    codes = dict(Gtin.objects.filter(product=product).values_list("gtin14", "pack_quantity"))
    hold = holds.active_holds([product.pk]).get(product.pk)
    return PickTarget(
        codes=codes,
        open=line.open,
        is_weighed=product.is_weighed,
        hold_reason=hold.reason if hold else "",
    )


def _apply(order: Order, scan: PickScan, pick: Pick) -> PickResult:
    line, now = scan.line, scan.at
    line.take(line.counts.pick(pick.quantity))
    if pick.kilograms is not None:
        line.kilograms = pick.kilograms
    line.save()
    _move_stock(scan, pick)
    log = Log(order, actor=scan.staff.username, now=now)
    log.note("line_picked", sku=line.product.sku, name=line.product.name, quantity=pick.quantity)
    picked = LinePicked(
        **order_log.identity(order),
        line_id=line.line_id,
        sku=line.product.sku,
        quantity=pick.quantity,
        kilograms=pick.kilograms,
        picked_at=now,
    )
    outbox.publish(picked, now=now)
    done = _finish_if_done(order, log, now)
    log.save()
    return PickResult(line_id=line.pk, quantity=pick.quantity, open=line.open, is_order_done=done)


def _move_stock(scan: PickScan, pick: Pick) -> None:
    """The goods leave the shelf, the promise of them ends."""
    taken = pick.kilograms if pick.kilograms is not None else pick.quantity
    move = stock.Move(
        product_id=scan.line.product_id,
        quantity=-taken,
        reason="PICK",
        source="fulfillment.pick",
        source_id=str(scan.pk),
    )
    stock.append_moves(moves=[move], now=scan.at)
    stock.consume(
        source=intake.RESERVATION_SOURCE,
        source_id=intake.reservation_id(scan.line),
        quantity=pick.quantity,
        is_last=scan.line.counts.is_done,
        now=scan.at,
    )


def mark_short(*, line_pk: int, reason: ShortReason, staff: Staff, now: datetime | None = None) -> PickResult:
    """Say that what is still open of a line is not there; raises FulfillmentError."""
    moment = now or timezone.now()
    with transaction.atomic():
        order = Order.objects.select_for_update().get(lines__pk=line_pk)
        line = OrderLine.objects.select_related("product").get(pk=line_pk)
        missing = line.open
        try:
            _check_turn(order, PickWork.objects.get(order=order), staff)
            line.take(line.counts.mark_short(missing))
        except RefusedError as refusal:
            raise FulfillmentError.of(refusal) from refusal
        line.short_reason = reason.value
        line.save()
        intake.release_reservations([line], moment)
        log = Log(order, actor=staff.username, now=moment)
        log.note(
            "line_short", sku=line.product.sku, name=line.product.name, quantity=missing, reason=reason.value
        )
        short = LineShort(
            **order_log.identity(order),
            line_id=line.line_id,
            sku=line.product.sku,
            quantity=missing,
            reason=reason.value,
            short_at=moment,
        )
        outbox.publish(short, now=moment)
        done = _finish_if_done(order, log, moment)
        log.save()
    return PickResult(line_id=line.pk, quantity=Decimal(0), open=line.open, is_order_done=done)


def _finish_if_done(order: Order, log: Log, now: datetime) -> bool:
    """Close the work when nothing is open; an order without a single picked piece is cancelled by the
    shop."""
    lines = list(order.lines.select_related("product"))
    if any(line.open for line in lines):
        return False
    order.picked_at = now
    log.move(OrderState.PICKED)
    PickWork.objects.filter(order=order).update(state=PickWork.State.DONE, lease_until=None)
    outbox.publish(
        OrderPicked(**order_log.identity(order), lines=order_log.facts(lines), picked_at=now), now=now
    )
    return True


def _stop(order: Order, work: PickWork, staff: Staff, now: datetime) -> None:
    """The picker saw STOP: what was picked goes back, else the order is simply cancelled."""
    if order.order_state is not OrderState.CANCEL_PENDING:
        return
    has_goods = order.lines.filter(picked__gt=F("restowed")).exists()
    log = Log(order, actor=staff.username, now=now)
    log.move(OrderState.RESTOWING if has_goods else OrderState.CANCELLED)
    if not has_goods:
        Tote.objects.filter(order=order).update(order=None, bin=None)
    log.save()
    PickWork.objects.filter(pk=work.pk).update(state=PickWork.State.STOPPED, lease_until=None)


def release(*, work: PickWork, staff: Staff, now: datetime | None = None) -> None:
    """Give an order back; what was picked stays picked."""
    moment = now or timezone.now()
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=work.order_id)
        changed = PickWork.objects.filter(pk=work.pk, picker=staff, state=PickWork.State.CLAIMED).update(
            state=PickWork.State.WAITING, picker=None, lease_until=None, claimed_at=None
        )
        if changed:
            log = Log(order, actor=staff.username, now=moment)
            log.note("given_back")
            log.save()


def tidy_leases(*, now: datetime | None = None) -> int:
    """Free orders whose picker went away; returns how many."""
    moment = now or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "update fulfillment_pickwork set state = 'WAITING', picker_id = null, lease_until = null, "
            "claimed_at = null where state = 'CLAIMED' and lease_until < %s",
            [moment],
        )
        return int(cursor.rowcount)

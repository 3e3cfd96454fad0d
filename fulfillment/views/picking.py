"""The picker's phone: one line at a time, then the bins."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from fulfillment import queries
from fulfillment.domain.lines import ShortReason
from fulfillment.domain.states import OrderState
from fulfillment.models import Order, OrderLine
from fulfillment.services import picking, staging
from fulfillment.services.refusals import FulfillmentError
from store import access

PICKERS = ("PICKER", "SUPERVISOR")
REFUSED = 422
LONGEST_ID = 19


@require_GET
@access.staff(*PICKERS)
def start(request: HttpRequest) -> HttpResponse:
    """What waits for a picker; an order in hand comes first."""
    now = timezone.now()
    mine = queries.my_work(picker_id=request.user.pk, now=now)
    if mine is not None and not request.htmx:
        return redirect("fulfillment:pick_order", order_id=mine.order_id)
    free = queries.cards(states=("RELEASED", "PICKING"), now=now, limit=60)
    context = {
        # What somebody gave back, or whose lease ran out, is free again too.
        "cards": [card for card in free if card.picker_id is None],
        "to_stage": queries.cards(states=("PICKED",), now=now, limit=30),
    }
    template = "fulfillment/pick_start.html#list" if request.htmx else "fulfillment/pick_start.html"
    return render(request, template, context)


@require_POST
@access.staff(*PICKERS)
def claim(request: HttpRequest) -> HttpResponse:
    """Take the most urgent order, or the one that was touched."""
    wanted = request.POST.get("order", "")
    work = picking.claim(staff=request.user, order_id=int(wanted) if wanted.isdecimal() else None)
    if work is None:
        return redirect("fulfillment:pick")
    return redirect("fulfillment:pick_order", order_id=work.order_id)


@require_GET
@access.staff(*PICKERS)
def pick(request: HttpRequest, order_id: int) -> HttpResponse:
    """The phone page of one order; `?line=` looks at another line, htmx fetches the step alone."""
    order = get_object_or_404(Order, pk=order_id)
    template = "fulfillment/pick.html#step" if request.htmx else "fulfillment/pick.html"
    return render(request, template, _context(order, request.GET.get("line", "")))


def _context(order: Order, wanted: str = "") -> dict[str, object]:
    steps = queries.pick_steps(order)
    step = next((one for one in steps if str(one.line_id) == wanted), steps[0] if steps else None)
    after = next((one for one in steps if step and one.position > step.position), None)
    return {
        "order": order,
        "step": step,
        "next": after or next((one for one in steps if one is not step), None),
        "open_count": len(steps),
        "totes": order.totes.select_related("bin"),
        "stopped": order.order_state
        in {OrderState.CANCEL_PENDING, OrderState.RESTOWING, OrderState.CANCELLED},
        "reasons": OrderLine.Short.choices,
    }


@require_POST
@access.staff(*PICKERS)
def scan(request: HttpRequest, order_id: int) -> HttpResponse:
    """One scan from the phone; the answer is the next step, or the refusal over the same one."""
    line = get_object_or_404(OrderLine, pk=_number(request, "line"), order_id=order_id)
    try:
        result = picking.confirm_pick(
            scan_id=_uuid(request),
            line_pk=line.pk,
            code=request.POST.get("code", ""),
            quantity=_quantity(request),
            staff=request.user,
            is_weight_confirmed=request.POST.get("confirmed") == "yes",
        )
    except FulfillmentError as refusal:
        return _refused(request, order_id, line, refusal)
    order = Order.objects.get(pk=order_id)
    context = _context(order, str(line.pk) if result.open else "") | {"right": result.quantity}
    response = render(request, "fulfillment/pick.html#step", context)
    response["HX-Trigger"] = json.dumps({"pick:right": {"done": result.is_order_done}})
    return response


def _refused(request: HttpRequest, order_id: int, line: OrderLine, refusal: FulfillmentError) -> HttpResponse:
    order = Order.objects.get(pk=order_id)
    context = _context(order, str(line.pk)) | {"refusal": refusal, "code": request.POST.get("code", "")}
    response = render(request, "fulfillment/pick.html#step", context, status=REFUSED)
    response["HX-Trigger"] = json.dumps({"pick:wrong": {"code": refusal.code}})
    return response


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < LONGEST_ID else 0


def _uuid(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("scan_id", ""))
    except ValueError as error:
        raise FulfillmentError("unreadable") from error


def _quantity(request: HttpRequest) -> Decimal:
    try:
        value = Decimal(request.POST.get("quantity") or "1")
    except InvalidOperation:
        value = Decimal(0)
    if not value.is_finite() or abs(value) > 9999:  # noqa: PLR2004 - the largest quantity an order may have
        return Decimal(0)
    return value


@require_POST
@access.staff(*PICKERS)
def short(request: HttpRequest, order_id: int) -> HttpResponse:
    """A product is not there."""
    line = get_object_or_404(OrderLine, pk=_number(request, "line"), order_id=order_id)
    reason = request.POST.get("reason", "")
    if reason not in ShortReason.__members__:
        raise FulfillmentError("quantity_invalid")
    picking.mark_short(line_pk=line.pk, reason=ShortReason(reason), staff=request.user)
    response = render(request, "fulfillment/pick.html#step", _context(Order.objects.get(pk=order_id)))
    response["HX-Trigger"] = json.dumps({"dialog:close": {}})
    return response


@require_POST
@access.staff(*PICKERS)
def give_back(request: HttpRequest, order_id: int) -> HttpResponse:
    """Somebody else shall pick this order."""
    order = get_object_or_404(Order.objects.select_related("work"), pk=order_id)
    picking.release(work=order.work, staff=request.user)
    return redirect("fulfillment:pick")


@require_GET
@access.staff(*PICKERS)
def stage(request: HttpRequest, order_id: int) -> HttpResponse:
    """Where the boxes of a picked order go."""
    return render(request, "fulfillment/stage.html", _stage_context(get_object_or_404(Order, pk=order_id)))


def _stage_context(order: Order) -> dict[str, object]:
    totes = list(order.totes.select_related("bin"))
    return {
        "order": order,
        "totes": totes,
        "tote": next((tote for tote in totes if tote.bin_id is None), None),
        "is_staged": order.order_state is not OrderState.PICKED,
    }


@require_POST
@access.staff(*PICKERS)
def place(request: HttpRequest, order_id: int) -> HttpResponse:
    """A box was put into the bin that was scanned; the last one makes the order ready."""
    try:
        order = staging.stage(
            order_id=order_id,
            tote_code=request.POST.get("tote", "")[:20],
            bin_code=request.POST.get("bin", "")[:20],
            staff=request.user,
        )
        if order.order_state is OrderState.STAGED:
            staging.mark_ready(order_id=order_id, staff=request.user)
    except FulfillmentError as refusal:
        context = _stage_context(Order.objects.get(pk=order_id)) | {"refusal": refusal}
        response = render(request, "fulfillment/stage.html#place", context, status=REFUSED)
        response["HX-Trigger"] = json.dumps({"pick:wrong": {"code": refusal.code}})
        return response
    response = render(request, "fulfillment/stage.html#place", _stage_context(Order.objects.get(pk=order_id)))
    response["HX-Trigger"] = json.dumps(
        {"pick:right": {}, "toast": {"kind": "ok", "title": _("Box is in its place")}}
    )
    return response

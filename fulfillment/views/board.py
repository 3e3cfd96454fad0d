"""The pick board, the home page's tile and the page of one order."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from fulfillment import queries
from fulfillment.domain.states import COLLECTABLE
from fulfillment.models import Order
from fulfillment.services import collection, staging
from store import access


@require_GET
@access.staff("PICKER", "CASHIER", "SUPERVISOR")
def board(request: HttpRequest) -> HttpResponse:
    """Everything under way; htmx fetches the columns alone."""
    now = timezone.now()
    search = request.GET.get("q", "").strip()[:60]
    sort = request.GET.get("sort", "due")
    context = {
        "board": queries.board(search=search, sort=sort, now=now),
        "mine": queries.my_work(picker_id=request.user.pk, now=now),
        "search": search,
        "sort": sort if sort in queries.SORTS else "due",
    }
    template = "fulfillment/board.html#columns" if request.htmx else "fulfillment/board.html"
    return render(request, template, context)


@require_GET
@access.staff("PICKER", "CASHIER", "SUPERVISOR")
def tile(request: HttpRequest) -> HttpResponse:
    """The card on the home page."""
    return render(request, "fulfillment/_tile.html", {"counts": queries.counts(now=timezone.now())})


@require_GET
@access.staff("PICKER", "CASHIER", "SUPERVISOR")
def order(request: HttpRequest, order_id: int) -> HttpResponse:
    """One order: what was ordered, what became of it, who did what when."""
    found = get_object_or_404(Order.objects.select_related("work__picker"), pk=order_id)
    context = {
        "order": found,
        "lines": found.lines.select_related("product"),
        "totes": found.totes.select_related("bin"),
        "log": queries.timeline(found),
        "demo_code": staging.collection_code(found) if _shows_code(found) else "",
        "can_collect": found.order_state in COLLECTABLE,
    }
    template = "fulfillment/order.html#body" if request.htmx else "fulfillment/order.html"
    return render(request, template, context)


def _shows_code(order: Order) -> bool:
    """Only the demo shows the customer's code: it stands in for the shop's message to the customer."""
    return bool(settings.DEMO) and order.order_state in COLLECTABLE


@require_POST
@access.staff("PICKER", "SUPERVISOR")
def restow(request: HttpRequest, order_id: int) -> HttpResponse:
    """The goods of a stopped order are back on the shelf."""
    collection.finish_restow(order_id=order_id, staff=request.user)
    return redirect("fulfillment:order", order_id=order_id)

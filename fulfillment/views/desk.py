"""The collection desk: who is here, which order, which code."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from fulfillment import queries
from fulfillment.domain.handover import MAX_TRIES
from fulfillment.models import Order
from fulfillment.services import collection
from fulfillment.services.refusals import FulfillmentError
from store import access

DESK = ("CASHIER", "PICKER", "SUPERVISOR")
REFUSED = 422


@require_GET
@access.staff(*DESK)
def desk(request: HttpRequest) -> HttpResponse:
    """Orders that are ready, customers who wait first."""
    search = request.GET.get("q", "").strip()[:60]
    found = queries.cards(states=queries.READY, search=search, now=timezone.now())
    found.sort(key=lambda card: (card.arrived_at is None, card.arrived_at or card.due_at))
    template = "fulfillment/desk.html#list" if request.htmx else "fulfillment/desk.html"
    return render(request, template, {"cards": found, "search": search})


@require_GET
@access.staff(*DESK)
def handover(request: HttpRequest, order_id: int) -> HttpResponse:
    """Fetch the boxes, ask for the code."""
    return render(request, "fulfillment/handover.html", _context(get_object_or_404(Order, pk=order_id)))


def _context(order: Order) -> dict[str, object]:
    return {
        "order": order,
        "lines": order.lines.select_related("product"),
        "totes": order.totes.select_related("bin"),
        "tries_left": MAX_TRIES - order.code_failures,
        "is_done": order.state == Order.State.HANDED_OVER,
    }


@require_POST
@access.staff(*DESK)
def hand_over(request: HttpRequest, order_id: int) -> HttpResponse:
    """Check the code; a wrong one is refused and counted."""
    get_object_or_404(Order, pk=order_id)
    refusal: FulfillmentError | None = None
    try:
        collection.hand_over(order_id=order_id, code=request.POST.get("code", "")[:20], staff=request.user)
    except FulfillmentError as error:
        refusal = error
    context = _context(Order.objects.get(pk=order_id)) | {"refusal": refusal}
    status = REFUSED if refusal else 200
    return render(request, "fulfillment/handover.html#code", context, status=status)

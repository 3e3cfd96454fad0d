"""The sale itself: commands, products, payment. Answers are fragments with ids, or a refusal as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pos.queries import receipts, screen, tills
from pos.services import carts, sales
from pos.services.sales import Answer
from pos.views.till import order_of, till_of
from store import access, ids
from store.errors import AisleError
from store.models import Site

View = Callable[..., HttpResponse]


class BadRequestError(AisleError):
    code = "bad_request"
    message = _("The till sent something that cannot be read.")


def refusals_as_json(view: View) -> View:
    """The till's script shows refusals itself, beside the basket."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except AisleError as error:
            return JsonResponse(error.as_json(getattr(request, "request_id", "")), status=error.status)

    return answer


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        data = json.loads(request.body)
    except ValueError as error:
        raise BadRequestError from error
    if not isinstance(data, dict):
        raise BadRequestError
    return data


def _uuid(value: Any) -> UUID:
    try:
        return UUID(str(value))
    except ValueError as error:
        raise BadRequestError from error


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadRequestError
    return value


@access.device("TILL")
@require_POST
@refusals_as_json
def command(request: HttpRequest) -> HttpResponse:
    """Apply one command of the basket: {"kind", "id", "data", "version"?}."""
    body = _body(request)
    till = till_of(request)
    data, version = body.get("data", {}), body.get("version")
    outcome = carts.append_command(
        till=till,
        kind=str(body.get("kind", "")),
        command_id=_uuid(body.get("id")),
        data=data if isinstance(data, dict) else {},
        version=None if version is None else _whole(version),
    )
    order = screen.order(outcome.cart, tills.rules(Site.objects.current()), today=timezone.localdate())
    return render(request, "pos/_fragments.html", {"order": order, "till": till})


@access.device("TILL")
@require_GET
@refusals_as_json
def order(request: HttpRequest) -> HttpResponse:
    """The basket as it is."""
    till = till_of(request)
    return render(request, "pos/_fragments.html", {"order": order_of(till), "till": till})


@access.device("TILL")
@require_POST
@refusals_as_json
def cancel(request: HttpRequest) -> HttpResponse:
    """Cancel the sale."""
    carts.abandon(till=till_of(request))
    till = till_of(request)
    return render(request, "pos/_fragments.html", {"order": order_of(till), "till": till})


@access.device("TILL")
@require_GET
def products(request: HttpRequest) -> HttpResponse:
    """Tiles of a department or a search."""
    department, words = request.GET.get("department", ""), request.GET.get("q", "")
    found = screen.tiles(department=department, words=words[:80], at=timezone.now())
    return render(request, "pos/_tiles.html", {"tiles": found, "words": words})


@access.device("TILL")
@require_http_methods(["GET", "POST"])
@refusals_as_json
def pay(request: HttpRequest) -> HttpResponse:
    """The payment screen; by POST take cash, and when all is paid complete the sale and show the change."""
    till = till_of(request)
    if request.method == "POST":
        answer = _take_cash(till, _body(request))
        if answer is not None:
            paper = receipts.paper(UUID(answer.data()["receipt"]))
            return render(request, "pos/_change.html", {"paper": paper, "till": till})
        till = till_of(request)
    carts.require_open(till)
    return render(request, "pos/_pay.html", {"order": order_of(till), "till": till, "key": ids.uuid7()})


def _take_cash(till: tills.Till, body: dict[str, Any]) -> Answer | None:
    """Part of the money becomes a tender of the basket, the rest of it completes the sale."""
    key, cart_id = _uuid(body.get("key")), _uuid(body.get("cart"))
    version, cash_minor = _whole(body.get("version")), _whole(body.get("cash_minor"))
    shown = order_of(till)
    is_current = shown.cart is not None and shown.totals is not None and shown.cart.id == str(cart_id)
    if is_current and shown.totals and 0 < cash_minor < shown.totals.settlement.cash_due_minor:
        carts.append_command(
            till=till,
            kind="add_tender",
            command_id=key,
            data={"kind": "CASH", "amount_minor": cash_minor},
            version=version,
        )
        return None
    return sales.complete_sale(till=till, cart_id=cart_id, version=version, key=key, cash_minor=cash_minor)

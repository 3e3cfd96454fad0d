"""The till's page: who is there, is it open, and everything around the sale."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pos.queries import receipts, screen, tills
from pos.queries.tills import Till
from pos.services import tills as till_services
from pos.texts import till_texts
from store import access
from store.errors import AisleError
from store.models import Device, Site

SUGGESTED_FLOATS_MINOR = (10_000, 15_000, 20_000)


def till_of(request: HttpRequest) -> Till:
    """The till this request comes from, with who is signed in there."""
    return tills.till(request.device.pk, now=timezone.now())  # type: ignore[attr-defined]


def order_of(till: Till) -> screen.Order:
    """The till's basket as shown."""
    return screen.order(till.cart, tills.rules(Site.objects.current()), today=timezone.localdate())


@access.public
@require_GET
def till(request: HttpRequest) -> HttpResponse:
    """The till; on a browser that is none, how to make it one."""
    device = request.device  # type: ignore[attr-defined]
    if device is None or device.kind != Device.Kind.TILL:
        found = Device.objects.filter(kind=Device.Kind.TILL, revoked_at__isnull=True)
        return render(request, "pos/not_a_till.html", {"tills": found})
    return _page(request, till_of(request))


def _page(
    request: HttpRequest, current: Till, *, error: AisleError | None = None, chosen: str = ""
) -> HttpResponse:
    context = {"till": current, "error": error, "chosen": chosen, "texts": till_texts()}
    status = error.status if error else 200
    if current.person is None:
        return render(request, "pos/sign_in.html", context | {"people": tills.cashiers()}, status=status)
    if not current.is_open:
        return render(request, "pos/open.html", context | {"floats": SUGGESTED_FLOATS_MINOR}, status=status)
    departments = screen.departments()
    first = departments[0].code if departments else ""
    context |= {
        "order": order_of(current),
        "departments": departments,
        "department": first,
        "tiles": screen.tiles(department=first, words="", at=timezone.now()),
        "alert": tills.queue_alert(),
    }
    return render(request, "pos/till.html", context)


@access.device("TILL")
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign a person in by PIN."""
    username = request.POST.get("username", "")
    try:
        till_services.sign_in_with_pin(
            device=request.device,  # type: ignore[attr-defined]
            username=username,
            pin=request.POST.get("pin", ""),
        )
    except AisleError as error:
        return _page(request, till_of(request), error=error, chosen=username)
    return redirect("pos:till")


@access.device("TILL")
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign the person out; the basket stays for the next."""
    till_services.sign_out(device=request.device)  # type: ignore[attr-defined]
    return redirect("pos:till")


@access.device("TILL")
@require_POST
def open_till(request: HttpRequest) -> HttpResponse:
    """Open the till with a float."""
    current = till_of(request)
    try:
        till_services.open_shift(till=current, float_minor=_minor(request.POST.get("float_minor", "")))
    except AisleError as error:
        return _page(request, till_of(request), error=error)
    return redirect("pos:till")


@access.device("TILL")
@require_http_methods(["GET", "POST"])
def close_till(request: HttpRequest) -> HttpResponse:
    """Count the drawer; what was expected is shown only after."""
    current = till_of(request)
    if current.person is None or not current.is_open:
        return redirect("pos:till")
    error, shift = None, None
    if request.method == "POST":
        try:
            counted = _minor(request.POST.get("counted_minor", ""))
            shift = till_services.close_shift(till=current, counted_minor=counted)
        except AisleError as refused:
            error = refused
    context = {"till": current, "shift": shift, "error": error, "texts": till_texts()}
    return render(request, "pos/close.html", context, status=error.status if error else 200)


def _minor(text: str) -> int:
    """Digits as minor units. Raises BadAmountError."""
    if not (text.isascii() and text.isdigit() and len(text) <= 12):  # noqa: PLR2004 - beyond any drawer
        raise till_services.BadAmountError
    return int(text)


@access.device("TILL")
@require_GET
def latest(request: HttpRequest) -> HttpResponse:
    """The last receipts of this till, as a dialog."""
    device = request.device  # type: ignore[attr-defined]
    return render(request, "pos/_latest.html", {"receipts": receipts.latest(device.pk)})


@access.device("TILL")
@require_GET
def alert(request: HttpRequest) -> HttpResponse:
    """The banner that asks for another till."""
    return render(request, "pos/_alert.html", {"alert": tills.queue_alert()})

"""The first page, the status in the header, and the language of the whole."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from store import access
from store.models import Staff
from store.queries import link as link_queries

Role = Staff.Role
TILES = (
    ("pos:tile", (Role.CASHIER, Role.SUPERVISOR)),
    ("fulfillment:tile", (Role.PICKER, Role.CASHIER, Role.SUPERVISOR)),
    ("telemetry:tile", (Role.PICKER, Role.SUPERVISOR, Role.TECHNICIAN)),
    ("vision:tile", (Role.SUPERVISOR, Role.TECHNICIAN)),
    ("signage:tile", (Role.SUPERVISOR,)),
    ("store:holds_tile", tuple(Role.values)),
)


def _reverse(route: str) -> str:
    try:
        return reverse(route)
    except NoReverseMatch:  # the part is not there yet
        return ""


@access.staff()
def home(request: HttpRequest) -> HttpResponse:
    """Today at a glance: one tile per part of the store this person works with."""
    tiles = [url for route, roles in TILES if request.user.has_role(*roles) and (url := _reverse(route))]
    return render(request, "store/home.html", {"tiles": tiles, "now": timezone.now()})


@access.public
def status(request: HttpRequest) -> HttpResponse:
    """The header's status fragment: link to the cloud, broker, what waits."""
    if not request.user.is_authenticated and request.device is None:
        return HttpResponse("")
    return render(request, "store/_status.html", {"link": link_queries.status(now=timezone.now())})

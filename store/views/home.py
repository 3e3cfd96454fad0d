"""The first page, the status in the header, and the language of the whole."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from store import access
from store.models import Staff
from store.queries import broker as broker_queries
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


@access.staff()
def home(request: HttpRequest) -> HttpResponse:
    """Today at a glance: one tile per part of the store this person works with."""
    tiles = [reverse(route) for route, roles in TILES if request.user.has_role(*roles)]
    return render(request, "store/home.html", {"tiles": tiles, "now": timezone.now()})


@access.public
def status(request: HttpRequest) -> HttpResponse:
    """The header's status fragment: link to the cloud, broker, what waits."""
    if not request.user.is_authenticated and request.device is None:
        return HttpResponse("")
    return render(request, "store/_status.html", _status())


def _status() -> dict[str, Any]:
    return {"link": link_queries.status(now=timezone.now()), "broker": broker_queries.state()}

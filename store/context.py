"""What every page of the shell needs: the store, the way around, the demo's flag."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from store.models import Site, Staff

Role = Staff.Role


@dataclass(frozen=True)
class Place:
    """One entry of the navigation: roles that see it, and the pages below which it is active."""

    label: str | Promise
    route: str
    icon: str
    roles: tuple[str, ...]
    also: tuple[str, ...] = ()

    @property
    def urls(self) -> list[str]:
        """Its own address, then the others below which it is active."""
        return [reverse(route) for route in (self.route, *self.also)]


PLACES = (
    Place(_("Today"), "store:home", "home", tuple(Role.values)),
    Place(_("Till"), "pos:till", "till", (Role.CASHIER, Role.SUPERVISOR)),
    Place(_("Orders"), "fulfillment:board", "basket", (Role.PICKER, Role.CASHIER, Role.SUPERVISOR)),
    Place(_("Screens"), "signage:wall", "screen", (Role.SUPERVISOR,)),
    Place(_("Freezers"), "telemetry:sensors", "snowflake", (Role.PICKER, Role.SUPERVISOR, Role.TECHNICIAN)),
    Place(_("Cameras"), "vision:cameras", "camera", (Role.SUPERVISOR, Role.TECHNICIAN)),
    Place(_("Catalogue"), "store:catalogue", "tag", (Role.CASHIER, Role.PICKER, Role.SUPERVISOR)),
    Place(_("Reports"), "pos:receipts", "chart", (Role.SUPERVISOR,)),
    Place(_("Set-up"), "store:setup", "settings", (Role.TECHNICIAN,), ("store:quarantine", "store:holds")),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html; reads nothing before a template asks for it."""
    return {
        "site": SimpleLazyObject(lambda: Site.objects.select_related("tax_profile").first()),
        "nav": SimpleLazyObject(lambda: _navigation(request)),
        "demo": settings.DEMO,
        "device": getattr(request, "device", None),
        "request_id": getattr(request, "request_id", ""),
    }


def _navigation(request: HttpRequest) -> list[dict[str, Any]]:
    user = request.user
    if not user.is_authenticated:
        return []
    places = [place for place in PLACES if user.role == Role.MANAGER or user.role in place.roles]
    here = _here(request.path, [url for place in places for url in place.urls])
    return [
        {"label": place.label, "url": place.urls[0], "icon": place.icon, "active": here in place.urls}
        for place in places
    ]


def _here(path: str, urls: Sequence[str]) -> str:
    """The address a page belongs to: the longest that its path starts with; the first page only itself."""
    found = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
    return max(found, key=len, default="")

"""Proofs of play: a list, totals, and a CSV file."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from signage.models import Display
from signage.queries import plays as play_queries
from store import access
from store.models import Site, Staff

SUPERVISOR = Staff.Role.SUPERVISOR
PAGE = 50


def _asked(request: HttpRequest) -> tuple[date, ZoneInfo, str]:
    zone = ZoneInfo(Site.objects.current().timezone)
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        day = timezone.now().astimezone(zone).date()
    return day, zone, request.GET.get("screen", "")


@access.staff(SUPERVISOR)
@require_GET
def plays(request: HttpRequest) -> HttpResponse:
    """What was shown on a day."""
    day, zone, screen = _asked(request)
    found = play_queries.of_day(day, zone, display=screen)
    context = {
        "day": day,
        "zone": zone.key,
        "screen": screen,
        "displays": Display.objects.select_related("device"),
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "totals": play_queries.totals(found),
    }
    return render(request, "signage/plays.html", context)


@access.staff(SUPERVISOR)
@require_GET
def plays_csv(request: HttpRequest) -> HttpResponse:
    """The plays of a day as a CSV file."""
    day, zone, screen = _asked(request)
    lines = play_queries.as_csv(play_queries.of_day(day, zone, display=screen))
    response = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="plays-{day.isoformat()}.csv"'
    return response

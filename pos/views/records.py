"""Receipts to look at and print, and the day on the home page."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from pos.models import Receipt
from pos.queries import receipts
from store import access
from store.models import Staff

PAGE_SIZE = 25


@access.staff(Staff.Role.SUPERVISOR)
@require_GET
def receipt_list(request: HttpRequest) -> HttpResponse:
    """All receipts, searchable."""
    words = request.GET.get("q", "")[:80]
    page = Paginator(receipts.search(words), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "pos/receipts.html", {"page": page, "words": words})


@access.device_or_staff("TILL", "SUPERVISOR")
@require_GET
def receipt(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One receipt, ready to print on 80 mm."""
    try:
        paper = receipts.paper(uid)
    except Receipt.DoesNotExist as error:
        raise Http404 from error
    return render(request, "pos/receipt.html", {"paper": paper})


@access.staff()
@require_GET
def tile(request: HttpRequest) -> HttpResponse:
    """Sales today for the home page."""
    today = receipts.day(now=timezone.now())
    return render(request, "pos/_tile.html", {"day": today, "bars": _bars(today)})


def _bars(day: receipts.Day) -> list[dict[str, int]]:
    """Bars of the hours from 6 to 22 on a canvas of 160 by 40, standing on a line; no sales, no bar."""
    hours = list(enumerate(day.hours))[6:22]
    peak = day.peak_minor or 1
    bars = []
    for place, (hour, amount) in enumerate(hours):
        height = max(2, round(38 * amount / peak)) if amount > 0 else 0
        bars.append({"x": place * 10, "y": 39 - height, "height": height, "hour": hour, "amount": amount})
    return bars

"""The camera pages and the fragments other pages fetch."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import timedelta
from typing import cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from store import access
from store.errors import AisleError
from store.models import Site, Staff
from vision import charts, plan, queries
from vision.domain.queueing import limit
from vision.models import QueueAlert, Scope
from vision.services import queues

Role = Staff.Role
LONGEST_EXPORT_DAYS = 92


class BadRangeError(AisleError):
    """The number of days asked for makes no sense."""

    code = "bad_range"
    message = _("Choose between 1 and 92 days.")
    status = 400


class _Line:
    """A file that gives back what csv writes into it."""

    def write(self, value: str) -> str:
        return value


@access.staff(Role.SUPERVISOR, Role.TECHNICIAN)
@require_GET
def cameras(request: HttpRequest) -> HttpResponse:
    """Show what the cameras count."""
    return render(request, "vision/cameras.html", {"by": _by(request)})


@access.staff(Role.SUPERVISOR, Role.TECHNICIAN)
@require_GET
def live(request: HttpRequest) -> HttpResponse:
    """Show the present: figures, camera tiles, floor plan."""
    now, site = timezone.now(), Site.objects.current()
    seen = queries.cameras(now)
    context = {
        "overview": queries.overview(now=now, zone=site.timezone),
        "cameras": seen,
        "plan": plan.draw(seen, queries.heat(now=now)),
    }
    return render(request, "vision/_live.html", context)


@access.staff(Role.SUPERVISOR, Role.TECHNICIAN)
@require_GET
def footfall(request: HttpRequest) -> HttpResponse:
    """Show who came in, by hour or minute, beside yesterday."""
    data = queries.footfall(now=timezone.now(), zone=Site.objects.current().timezone, by=_by(request))
    return render(request, "vision/_footfall.html", {"by": data.by, "chart": charts.footfall_chart(data)})


@access.staff(Role.SUPERVISOR, Role.TECHNICIAN)
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """Show the queue of today and how long people stayed in each zone."""
    now, zone = timezone.now(), Site.objects.current().timezone
    queue = Scope.objects.filter(kind=Scope.Kind.QUEUE).first()
    overview = queries.overview(now=now, zone=zone)
    bearable = limit(queue.queue_rule, overview.open_tills) if queue else 0
    context = {
        "chart": charts.queue_chart(queries.queue_peaks(now=now, zone=zone), bearable),
        "bearable": bearable,
        "open_tills": overview.open_tills,
        "dwell": queries.dwell(now=now, zone=zone),
        "past": queries.recent_alerts(),
    }
    return render(request, "vision/_waiting.html", context)


@access.staff(Role.SUPERVISOR, Role.TECHNICIAN, Role.CASHIER)
@require_GET
def alerts(request: HttpRequest) -> HttpResponse:
    """Show the calls for another till, standing and past."""
    return render(request, "vision/_alerts.html", {"alerts": queries.open_alerts()})


@access.staff(Role.CASHIER, Role.SUPERVISOR, Role.TECHNICIAN)
@require_POST
def acknowledge(request: HttpRequest, alert: UUID) -> HttpResponse:
    """Take a call: somebody opens another till."""
    try:
        queues.acknowledge(alert_id=alert, now=timezone.now(), staff=cast("Staff", request.user))
    except QueueAlert.DoesNotExist as error:
        raise Http404 from error
    return render(request, "vision/_alerts.html", {"alerts": queries.open_alerts()})


@access.staff(Role.SUPERVISOR, Role.TECHNICIAN)
@require_GET
def tile(request: HttpRequest) -> HttpResponse:
    """Show the card of the home page."""
    now = timezone.now()
    context = {
        "overview": queries.overview(now=now, zone=Site.objects.current().timezone),
        "alerts": queries.open_alerts(),
    }
    return render(request, "vision/_tile.html", context)


@access.staff(Role.SUPERVISOR)  # type: ignore[arg-type]  # a stream is no HttpResponse, but answers like one
@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """Give the minutes of the last `days` days as CSV."""
    text = request.GET.get("days", "7")
    days = int(text) if text.isascii() and text.isdigit() and len(text) <= len("92") else 0
    if not 1 <= days <= LONGEST_EXPORT_DAYS:
        raise BadRangeError(field="days")
    now = timezone.now()
    day = queries.day_of(now, Site.objects.current().timezone, back=days - 1)
    rows = queries.export_rows(starts_at=day.starts_at, ends_at=now + timedelta(minutes=1))
    response = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="aisle-counts-{day.starts_at:%Y-%m-%d}.csv"'
    return response


def _lines(rows: Iterator[tuple[object, ...]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield writer.writerow(["minute_utc", "camera", "scope", "metric", "value", "coverage_s"])
    for bucket, *rest in rows:
        yield writer.writerow([f"{bucket:%Y-%m-%dT%H:%MZ}", *rest])


@access.public
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """Tell visitors what the cameras do and do not do, from the running configuration."""
    scopes = Scope.objects.select_related("camera")
    return render(request, "vision/privacy.html", {"scopes": scopes})


def _by(request: HttpRequest) -> str:
    return "minute" if request.GET.get("by") == "minute" else "hour"

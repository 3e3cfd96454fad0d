"""Sensor pages: tiles, one sensor, alarms, limits, readings kept aside."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from store import access
from telemetry.forms import AcknowledgeForm, LimitsForm
from telemetry.models import Sensor, SetAside
from telemetry.queries import alarm_log, history, overview
from telemetry.services import alarms as alarm_service
from telemetry.services import sensors as sensor_service

WATCHERS = ("PICKER", "SUPERVISOR", "TECHNICIAN")
DEFAULT_RANGE = "1h"
PER_PAGE = 50


@access.staff(*WATCHERS)
@require_GET
def sensors(request: HttpRequest) -> HttpResponse:
    """All sensors as tiles, worst first, with what needs somebody above them."""
    cards = overview.sensor_cards(now=timezone.now())
    context = {
        "cards": cards,
        "summary": overview.summarize(cards),
        "alarms": alarm_log.open_alarms(),
        "form": AcknowledgeForm(),
    }
    return render(request, "telemetry/sensors.html", context)


@access.staff(*WATCHERS)
@require_GET
def tile(request: HttpRequest) -> HttpResponse:
    """The card on the home page."""
    return render(request, "telemetry/_tile.html", {"summary": overview.summary(now=timezone.now())})


@access.staff()
@require_GET
def badge(request: HttpRequest) -> HttpResponse:
    """A small badge: how the refrigeration stands."""
    return render(request, "telemetry/_badge.html", {"summary": overview.summary(now=timezone.now())})


@access.staff(*WATCHERS)
@require_GET
def sensor(request: HttpRequest, pk: int) -> HttpResponse:
    """One sensor: present value, chart, alarms and limits."""
    found = get_object_or_404(Sensor.objects.for_pages(), pk=pk)
    return render(request, "telemetry/sensor.html", _sensor_context(request, found))


@access.staff(*WATCHERS)
@require_GET
def course(request: HttpRequest, pk: int) -> JsonResponse:
    """The numbers of the chart, for its module."""
    found = get_object_or_404(Sensor, pk=pk)
    span = _range(request)
    points = history.course(sensor=found, span=span, now=timezone.now())
    return JsonResponse(history.chart(sensor=found, points=points, span=span))


@access.staff(*WATCHERS)
@require_GET
def alarms(request: HttpRequest) -> HttpResponse:
    """Open alarms and the log of past ones."""
    context = {"alarms": alarm_log.open_alarms(), "episodes": alarm_log.episodes(), "form": AcknowledgeForm()}
    return render(request, "telemetry/alarms.html", context)


@access.staff(*WATCHERS)
@require_POST
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that somebody has seen an alarm and what was done."""
    form = AcknowledgeForm(request.POST)
    comment = form.cleaned_data["comment"] if form.is_valid() else ""
    alarm_service.acknowledge(alarm_id=pk, staff=request.user, comment=comment)
    if request.htmx:
        # The piece goes on fetching the page it stands on, not the address of this answer.
        log_path = reverse("telemetry:alarms")
        page_path = request.htmx.current_url_abs_path or log_path
        context = {
            "alarms": alarm_log.open_alarms(),
            "form": AcknowledgeForm(),
            "page_path": page_path,
            "show_none": page_path.startswith(log_path),
        }
        return render(request, "telemetry/_open_alarms.html", context)
    return redirect("telemetry:alarms")


@access.staff("TECHNICIAN")
@require_http_methods(["GET", "POST"])
def limits(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a sensor's limits."""
    found = get_object_or_404(Sensor.objects.select_related("device", "fixture"), pk=pk)
    before = {name: getattr(found, name) for name in LimitsForm.base_fields}
    form = LimitsForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        changed = {name: (before[name], form.cleaned_data[name]) for name in form.changed_data}
        sensor_service.change_limits(sensor=found, changed=changed, staff=request.user)
        return redirect("telemetry:sensor", pk=pk)
    return render(request, "telemetry/limits.html", {"form": form, "sensor": found}, status=_status(form))


@access.staff(*WATCHERS)
@require_GET
def set_aside(request: HttpRequest) -> HttpResponse:
    """Readings that were not believed, the newest first."""
    rows = SetAside.objects.select_related("sensor").order_by("-received_at", "-pk")
    chosen = request.GET.get("sensor", "")
    if chosen.isdecimal() and len(chosen) < 10:  # noqa: PLR2004 - fits the key
        rows = rows.filter(sensor_id=int(chosen))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "telemetry/set_aside.html", {"page": page})


def _sensor_context(request: HttpRequest, found: Sensor) -> dict[str, Any]:
    now = timezone.now()
    span = _range(request)
    points = history.course(sensor=found, span=span, now=now)
    return {
        "sensor": found,
        "card": overview.sensor_cards(now=now, ids=[found.pk])[0],
        "span": span,
        "ranges": list(history.RANGES),
        "chart": history.chart(sensor=found, points=points, span=span),
        "facts": history.facts(points),
        "alarms": alarm_log.open_alarms(sensor_id=found.pk),
        "episodes": alarm_log.episodes(sensor_id=found.pk, limit=10),
        "form": AcknowledgeForm(),
        "may_edit": request.user.has_role("TECHNICIAN"),
    }


def _range(request: HttpRequest) -> str:
    span = request.GET.get("range", DEFAULT_RANGE)
    return span if span in history.RANGES else DEFAULT_RANGE


def _status(form: LimitsForm) -> int:
    return 422 if form.is_bound else 200

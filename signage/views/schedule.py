"""The week of a screen, and the rules that make it."""

from __future__ import annotations

import copy
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from signage.forms import WEEKDAYS, RuleForm, TargetForm
from signage.models import AudienceFact, Display, ScheduleRule, TargetRule
from signage.queries import effect as effect_queries
from signage.queries import why as why_queries
from signage.services import editing
from store import access
from store.models import Site, Staff

SUPERVISOR = Staff.Role.SUPERVISOR


def _monday(request: HttpRequest, zone: ZoneInfo) -> date:
    today = timezone.now().astimezone(zone).date()
    try:
        given = date.fromisoformat(request.GET.get("week", ""))
    except ValueError:
        given = today
    return given - timedelta(days=given.weekday())


@access.staff(SUPERVISOR)
@require_GET
def schedule(request: HttpRequest) -> HttpResponse:
    """The week grid of one screen and all rules."""
    zone = ZoneInfo(Site.objects.current().timezone)
    displays = list(Display.objects.select_related("device", "group"))
    chosen = next((each for each in displays if each.device.code == request.GET.get("screen")), None)
    chosen = chosen or (displays[0] if displays else None)
    monday = _monday(request, zone)
    midnight = datetime(monday.year, monday.month, monday.day, tzinfo=zone)
    now = timezone.now().astimezone(zone)
    context = {
        "displays": displays,
        "display": chosen,
        "days": why_queries.week(chosen, monday=midnight) if chosen else [],
        "monday": monday,
        "before": monday - timedelta(days=7),
        "after": monday + timedelta(days=7),
        "today": now.date(),
        "minute": now.hour * 60 + now.minute,
        "zone": zone.key,
        "hours": range(0, 24, 2),
        "weekdays": WEEKDAYS,
        "rules": ScheduleRule.objects.select_related("playlist", "group", "display__device"),
        "targets": TargetRule.objects.select_related("playlist", "group", "display__device"),
    }
    page = "signage/schedule.html#week" if request.htmx else "signage/schedule.html"
    return render(request, page, context)


def _initial(query: QueryDict) -> dict[str, object]:
    """Values of a new rule that were drawn in the grid."""
    initial: dict[str, object] = {
        name: query[name] for name in ("from_time", "until_time", "scope") if name in query
    }
    if "from_time" in initial:
        initial["daypart"] = ScheduleRule.Daypart.CUSTOM
    if query.get("day", "").isdigit():
        initial["weekdays"] = [int(query["day"])]
    return initial


@access.staff(SUPERVISOR)
@require_http_methods(["GET", "POST"])
def rule_edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add or change a schedule rule."""
    rule = get_object_or_404(ScheduleRule, pk=pk) if pk else None
    was = copy.copy(rule)
    form = RuleForm(request.POST or None, instance=rule, initial=None if rule else _initial(request.GET))
    if request.method == "POST" and form.is_valid():
        editing.save_rule(rule=form.instance, was=was, actor=request.user.username, now=timezone.now())
        messages.success(request, _("%(name)s is saved. The screens know.") % {"name": form.instance.name})
        return redirect("signage:schedule")
    context = {
        "form": form,
        "rule": was,
        "effects": _effects(form.instance) if rule and not form.errors else None,
    }
    return render(request, "signage/rule.html", context, status=422 if form.errors else 200)


@access.staff(SUPERVISOR)
@require_POST
def rule_effect(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """What the rule in the form would hide; nothing is saved."""
    rule = get_object_or_404(ScheduleRule, pk=pk) if pk else None
    form = RuleForm(request.POST, instance=rule)
    effects = _effects(form.instance) if form.is_valid() else None
    return render(request, "signage/rule.html#effect", {"form": form, "effects": effects})


def _effects(rule: ScheduleRule) -> effect_queries.RuleEffect:
    return effect_queries.effect_of(rule, now=timezone.now())


@access.staff(SUPERVISOR)
@require_POST
def rule_switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a rule in force or out of it."""
    rule = get_object_or_404(ScheduleRule, pk=pk)
    active = request.POST.get("active") == "1"
    editing.switch_rule(rule=rule, active=active, actor=request.user.username, now=timezone.now())
    text = _("%(name)s is in force.") if active else _("%(name)s is switched off.")
    messages.success(request, text % {"name": rule.name})
    return redirect("signage:schedule")


@access.staff(SUPERVISOR)
@require_POST
def rule_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a schedule rule."""
    rule = get_object_or_404(ScheduleRule, pk=pk)
    editing.delete_rule(rule=rule, actor=request.user.username, now=timezone.now())
    messages.success(request, _("%(name)s is deleted.") % {"name": rule.name})
    return redirect("signage:schedule")


@access.staff(SUPERVISOR)
@require_http_methods(["GET", "POST"])
def target_edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add or change an audience rule."""
    rule = get_object_or_404(TargetRule, pk=pk) if pk else None
    was = copy.copy(rule)
    form = TargetForm(request.POST or None, instance=rule)
    if request.method == "POST" and form.is_valid():
        editing.save_rule(rule=form.instance, was=was, actor=request.user.username, now=timezone.now())
        messages.success(request, _("%(name)s is saved. The screens know.") % {"name": form.instance.name})
        return redirect("signage:schedule")
    decisions = was.decisions.all()[:20] if was else []
    context = {"form": form, "rule": was, "facts": AudienceFact.objects.all(), "decisions": decisions}
    return render(request, "signage/target.html", context, status=422 if form.errors else 200)


@access.staff(SUPERVISOR)
@require_POST
def target_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete an audience rule."""
    rule = get_object_or_404(TargetRule, pk=pk)
    editing.delete_rule(rule=rule, actor=request.user.username, now=timezone.now())
    messages.success(request, _("%(name)s is deleted.") % {"name": rule.name})
    return redirect("signage:schedule")

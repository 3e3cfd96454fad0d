"""Set-up: staff, quarantine, holds and the audit trail."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from store import access
from store.forms import StaffForm
from store.models import AuditEntry, Device, OutboxEvent, ProductHold, QuarantinedMessage, Staff
from store.queries import link as link_queries
from store.services import audit, quarantine
from store.services import staff as staff_service

Role = Staff.Role
PER_PAGE = 50


@access.staff(Role.TECHNICIAN)
def setup(request: HttpRequest) -> HttpResponse:
    """The technician's page: what is enrolled, what waits, what was put aside."""
    context = {
        "link": link_queries.status(now=timezone.now()),
        "device_count": Device.objects.trusted().count(),
        "staff_count": Staff.objects.filter(is_active=True).count(),
        "quarantined": QuarantinedMessage.objects.filter(resolved_at__isnull=True).count(),
        "holds": ProductHold.objects.active().count(),
    }
    return render(request, "store/setup.html", context)


@access.staff(Role.MANAGER)
def staff_list(request: HttpRequest) -> HttpResponse:
    return render(request, "store/staff.html", {"people": Staff.objects.all()})


@access.staff(Role.MANAGER)
@require_http_methods(["GET", "POST"])
def staff_edit(request: HttpRequest, username: str | None = None) -> HttpResponse:
    """Add a person, or change one."""
    person = get_object_or_404(Staff, username=username) if username else None
    form = StaffForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        saved = form.save(commit=False)
        if form.cleaned_data["password"]:
            saved.set_password(form.cleaned_data["password"])
        elif person is None:
            saved.set_unusable_password()
        saved.save()
        if form.cleaned_data["pin"]:
            staff_service.set_pin(staff=saved, pin=form.cleaned_data["pin"], actor=request.user.username)
        audit.record(actor=request.user.username, action="staff.saved", target=f"staff {saved.username}")
        messages.success(request, _("%(name)s is saved.") % {"name": saved.display_name})
        return redirect("store:staff")
    status = 422 if form.errors else 200
    return render(request, "store/staff_edit.html", {"form": form, "person": person}, status=status)


@access.staff(Role.TECHNICIAN, Role.SUPERVISOR)
def quarantine_list(request: HttpRequest) -> HttpResponse:
    """Messages nobody could use, newest first."""
    waiting = QuarantinedMessage.objects.filter(resolved_at__isnull=True)
    page = Paginator(waiting, PER_PAGE).get_page(request.GET.get("page"))
    rows = [{"message": m, "text": bytes(m.payload[:2000]).decode("utf-8", "replace")} for m in page]
    return render(request, "store/quarantine.html", {"page": page, "rows": rows})


@access.staff(Role.TECHNICIAN, Role.SUPERVISOR)
@require_POST
def quarantine_resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one message as dealt with."""
    message = get_object_or_404(QuarantinedMessage, pk=pk)
    quarantine.resolve(message=message)
    audit.record(
        actor=request.user.username, action="quarantine.resolved", target=f"{message.channel} {message.pk}"
    )
    return redirect("store:quarantine")


@access.staff()
def holds(request: HttpRequest) -> HttpResponse:
    """Products that must not be sold, picked or advertised now."""
    active = (
        ProductHold.objects.active()
        .select_related("product", "fixture")
        .order_by("-raised_at", "product__name")
    )
    return render(
        request, "store/holds.html", {"page": Paginator(active, PER_PAGE).get_page(request.GET.get("page"))}
    )


@access.staff()
def holds_tile(request: HttpRequest) -> HttpResponse:
    """Card for the first page: how many products are held, and by what."""
    active = ProductHold.objects.active().select_related("fixture")
    reasons = sorted({hold.reason for hold in active})
    return render(request, "store/_holds_tile.html", {"count": len(active), "reasons": reasons[:3]})


@access.staff(Role.TECHNICIAN)
def link(request: HttpRequest) -> HttpResponse:
    """The link to the cloud: what waits, what failed, by lane."""
    waiting = OutboxEvent.objects.filter(sent_at__isnull=True).exclude(lane="local").order_by("id")
    context = {
        "link": link_queries.status(now=timezone.now()),
        "page": Paginator(waiting, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "store/link.html", context)


@access.staff(Role.MANAGER)
def audit_list(request: HttpRequest) -> HttpResponse:
    """Privileged acts, newest first."""
    page = Paginator(AuditEntry.objects.all(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "store/audit.html", {"page": page})

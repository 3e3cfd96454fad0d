"""Devices: list, add, code for enrolment, revoke; and the page on which a browser becomes one."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from store import access
from store.forms import DeviceForm, EnrolForm
from store.models import Device, EnrolmentCode, Staff
from store.services import audit, devices, throttle

TECHNICIAN = Staff.Role.TECHNICIAN
COOKIE_AGE = 5 * 365 * 86_400


@access.staff(TECHNICIAN)
@require_http_methods(["GET", "POST"])
def device_list(request: HttpRequest) -> HttpResponse:
    """All devices by kind, and the form that adds one."""
    form = DeviceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        device = form.save()
        audit.record(actor=request.user.username, action="device.added", target=f"device {device.code}")
        return redirect("store:devices")
    codes = EnrolmentCode.objects.filter(claimed_at__isnull=True, expires_at__gt=timezone.now())
    open_codes = {code.device_id: code for code in codes}
    rows = [{"device": device, "code": open_codes.get(device.pk)} for device in Device.objects.all()]
    status = 422 if form.errors else 200
    return render(request, "store/devices.html", {"rows": rows, "form": form}, status=status)


@access.staff(TECHNICIAN)
@require_POST
def device_code(request: HttpRequest, code: str) -> HttpResponse:
    """Make an enrolment code for a device, shown in its row for 15 minutes."""
    device = get_object_or_404(Device, code=code)
    devices.issue_code(kind=device.kind, device=device)
    return redirect("store:devices")


@access.staff(TECHNICIAN)
@require_POST
def device_revoke(request: HttpRequest, code: str) -> HttpResponse:
    """Take a device's credential away."""
    device = get_object_or_404(Device, code=code)
    devices.revoke(device=device, actor=request.user.username)
    messages.success(request, _("%(name)s can no longer connect.") % {"name": device.name})
    return redirect("store:devices")


def keep_token(response: HttpResponse, token: str) -> HttpResponse:
    """Put a device's token into this browser's cookie."""
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        token,
        max_age=COOKIE_AGE,
        httponly=True,
        secure=settings.HTTPS,
        samesite="Lax",
    )
    return response


HOME_BY_KIND = {Device.Kind.TILL: "pos:till", Device.Kind.PICKER: "fulfillment:pick"}


@access.public
@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Type the code a technician gave: this browser becomes that device."""
    form = EnrolForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with throttle.attempt(scope="enrol", subject=request.META.get("REMOTE_ADDR", "")) as attempt:
            code = EnrolmentCode.objects.filter(
                code=form.cleaned_data["code"].upper(), device__isnull=False
            ).first()
            if code is not None and not attempt.blocked:
                attempt.succeeded()
        if attempt.blocked or code is None:
            form.add_error("code", attempt.message or devices.CodeRejectedError.message)
        else:
            return _enrolled(request, form, code)
    return render(request, "store/enrol.html", {"form": form}, status=422 if form.errors else 200)


def _enrolled(request: HttpRequest, form: EnrolForm, code: EnrolmentCode) -> HttpResponse:
    try:
        enrolled = devices.claim_code(code=code.code, device=code.device, actor="enrolment")
    except devices.CodeRejectedError as error:
        form.add_error("code", error.message)
        return render(request, "store/enrol.html", {"form": form}, status=422)
    return keep_token(redirect(HOME_BY_KIND.get(enrolled.device.kind, "store:home")), enrolled.token)


@access.public
@require_POST
def demo_use(request: HttpRequest, code: str) -> HttpResponse:
    """Demo only: this browser becomes the device, without a code."""
    if not settings.DEMO:
        return redirect("store:enrol")
    device = get_object_or_404(Device, code=code, kind__in=HOME_BY_KIND)
    enrolled = devices.enrol(device=device, actor="demo")
    return keep_token(redirect(HOME_BY_KIND[Device.Kind(device.kind)]), enrolled.token)

"""Who may call a view: every view carries exactly one of these marks (checked by a test)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from store.errors import AisleError, NotAllowedError
from store.models import Device, Staff
from store.queries.devices import find_device, known_device, token_hash

__all__ = ["find_device", "known_device", "token_hash"]

View = Callable[..., HttpResponse]


class NotADeviceError(AisleError):
    code = "not_a_device"
    message = _("This browser is not set up for this. Enrol it first.")
    status = 403


def _mark(view: View, access: str) -> View:
    if hasattr(view, "access"):
        raise TypeError(f"{view.__qualname__} has two access marks")
    view.access = access  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    """Anybody may call this view."""
    return _mark(view, "public")


def staff(*roles: str) -> Callable[[View], View]:
    """Only people who signed in, with one of the roles when some are named (managers always)."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            refusal = _refuse_staff(request, roles)
            return refusal or view(request, *args, **kwargs)

        return _mark(checked, f"staff:{','.join(roles)}")

    return decorate


def device(*kinds: str) -> Callable[[View], View]:
    """Only an enrolled device of one of the kinds."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.device is None or request.device.kind not in kinds:  # type: ignore[attr-defined]
                raise NotADeviceError
            return view(request, *args, **kwargs)

        return _mark(checked, f"device:{','.join(kinds)}")

    return decorate


def device_or_staff(*kinds_and_roles: str) -> Callable[[View], View]:
    """An enrolled device of one of the kinds, or a person with one of the roles."""
    kinds = tuple(name for name in kinds_and_roles if name in Device.Kind.values)
    roles = tuple(name for name in kinds_and_roles if name in Staff.Role.values)

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.device is not None and request.device.kind in kinds:  # type: ignore[attr-defined]
                return view(request, *args, **kwargs)
            refusal = _refuse_staff(request, roles)
            return refusal or view(request, *args, **kwargs)

        return _mark(checked, f"device_or_staff:{','.join(kinds_and_roles)}")

    return decorate


def _refuse_staff(request: HttpRequest, roles: tuple[str, ...]) -> HttpResponse | None:
    user = request.user
    if not user.is_authenticated:
        if getattr(request, "htmx", False):
            response = HttpResponse(status=204)
            response["HX-Redirect"] = redirect(settings.LOGIN_URL).url
            return response
        return redirect_to_login(request.get_full_path())
    if roles and not user.has_role(*roles):
        raise NotAllowedError
    return None


class DeviceAuthentication(BaseAuthentication):
    """`Authorization: Device <token>`; the authenticated party is the Device."""

    keyword = b"device"

    def authenticate(self, request: Request) -> tuple[Device, None] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != self.keyword:
            return None
        found = known_device(parts[1].decode("latin-1")) if len(parts) == 2 else None  # noqa: PLR2004 - keyword and token
        if found is None:
            raise AuthenticationFailed(_("Unknown or revoked device."))
        return found, None

    def authenticate_header(self, request: Request) -> str:
        return "Device"


class Allows(BasePermission):
    """API permission: `allowed = ("TILL", "MANAGER")` on the view lists device kinds and roles."""

    def has_permission(self, request: Request, view: Any) -> bool:
        allowed: tuple[str, ...] = view.allowed
        party = request.user
        if isinstance(party, Device):
            return party.kind in allowed
        return isinstance(party, Staff) and party.has_role(*allowed)

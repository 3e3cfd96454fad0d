"""How the player proves who it is."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from signage.cookies import COOKIE_NAME
from store.access import DeviceAuthentication, find_device
from store.models import Device

# A page of another origin cannot send this header without asking first, and is refused then.
PLAYER_HEADER = "X-Aisle-Player"


class PlayerAuthentication(DeviceAuthentication):
    """`Authorization: Device <token>`, or the screen's cookie together with the player's header."""

    def authenticate(self, request: Request) -> tuple[Device, None] | None:
        by_header = super().authenticate(request)
        if by_header is not None:
            return by_header
        token = request.COOKIES.get(COOKIE_NAME, "")
        if not token or PLAYER_HEADER not in request.headers:
            return None
        found = find_device(token)
        if found is None:
            raise AuthenticationFailed(_("Unknown or revoked device."))
        return found, None


class StaffPreview(SessionAuthentication):
    """A signed-in person who names the screen to look at (`?display=`)."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        return super().authenticate(request) if "display" in request.query_params else None

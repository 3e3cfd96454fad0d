"""How the API answers errors."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions as rest
from rest_framework.response import Response
from rest_framework.views import exception_handler

from store.errors import AisleError


def api_exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Render every API error in one shape: code, message, retry, field, request_id."""
    request_id = getattr(context["request"], "request_id", "")
    if isinstance(error, AisleError):
        return Response(error.as_json(request_id), status=error.status)
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, rest.ValidationError):
        body = {"code": "invalid", "message": str(_("Some fields are not right.")), "fields": response.data}
    else:
        code = {Http404: "not_found", PermissionDenied: "not_allowed"}.get(type(error))
        detail = response.data.get("detail", "") if isinstance(response.data, dict) else ""
        body = {"code": code or getattr(error, "default_code", "error"), "message": str(detail)}
    response.data = body | {"retry": response.status_code in {429, 503}, "request_id": request_id}
    return response


class DeviceScheme(OpenApiAuthenticationExtension):
    """How the schema names a device's token."""

    target_class = "store.access.DeviceAuthentication"
    name = "deviceToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Device <token>`, given at enrolment.",
        }

"""Errors people and clients are told about: a code, a sentence, and whether trying again helps."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions as rest
from rest_framework.response import Response
from rest_framework.views import exception_handler


class AisleError(Exception):
    """Root of every error that is shown. Subclasses set `code`, `message`, `status`, `retry`."""

    code = "error"
    message: str | Promise = _("That did not work.")
    status = 400
    retry = False

    def __init__(self, message: str | Promise | None = None, *, field: str | None = None, **data: Any) -> None:
        if message is not None:
            self.message = message
        self.field = field
        self.data = data
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message)

    def as_json(self, request_id: str = "") -> dict[str, Any]:
        """The error as an API answer."""
        body: dict[str, Any] = {"code": self.code, "message": str(self.message), "retry": self.retry}
        if self.field:
            body["field"] = self.field
        if self.data:
            body["data"] = self.data
        if request_id:
            body["request_id"] = request_id
        return body


class NotAllowedError(AisleError):
    code = "not_allowed"
    message = _("You may not do this.")
    status = 403


class ConflictError(AisleError):
    code = "conflict"
    message = _("Somebody else changed this at the same time.")
    status = 409
    retry = True


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
        code = {Http404: "not_found", PermissionDenied: "not_allowed"}.get(type(error), None)
        detail = response.data.get("detail", "") if isinstance(response.data, dict) else ""
        body = {"code": code or getattr(error, "default_code", "error"), "message": str(detail)}
    response.data = body | {"retry": response.status_code in {429, 503}, "request_id": request_id}
    return response

"""Errors people and clients are told about: a code, a sentence, and whether trying again helps."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class AisleError(Exception):
    """Root of every error that is shown. Subclasses set `code`, `message`, `status`, `retry`."""

    code = "error"
    message: str | Promise = _("That did not work.")
    status = 400
    retry = False

    def __init__(
        self, message: str | Promise | None = None, *, field: str | None = None, **data: Any
    ) -> None:
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

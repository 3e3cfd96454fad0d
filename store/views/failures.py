"""Pages for what went wrong, in the product's own words."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from store import access
from store.errors import AisleError


def _page(request: HttpRequest, code: str, message: str, status: int) -> HttpResponse:
    error = AisleError(message)
    error.code = code
    context = {"error": error, "request_id": getattr(request, "request_id", "")}
    return render(request, "errors/error.html", context, status=status)


@access.public
def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is missing or old."""
    return _page(
        request, "form_expired", _("This page was open for too long. Load it again and repeat."), 403
    )


@access.public
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, "not_found", _("There is nothing at this address."), 404)


@access.public
def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, "not_allowed", _("You may not do this."), 403)


@access.public
def server_error(request: HttpRequest) -> HttpResponse:
    return _page(
        request, "server_error", _("Something broke on our side. Your work up to here is kept."), 500
    )

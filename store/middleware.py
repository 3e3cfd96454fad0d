"""Request id, device, and one place that renders errors."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from store import ids, metrics
from store.errors import AisleError
from store.queries.devices import known_device

log = structlog.get_logger(__name__)

Handler = Callable[[HttpRequest], HttpResponse]
QUIET_PATHS = ("/static/", "/healthz", "/readyz", "/metrics")


def request_context(get_response: Handler) -> Handler:
    """Give each request an id, bind it to the log, measure it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.request_id = ids.uuid7().hex  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.request_id)  # type: ignore[attr-defined]
        started = time.perf_counter()
        response = get_response(request)
        elapsed = time.perf_counter() - started
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        if not request.path.startswith(QUIET_PATHS):
            match = request.resolver_match
            metrics.observe_request(match.view_name if match else "unknown", response.status_code, elapsed)
            log.info(
                "request",
                method=request.method,
                path=request.path,
                status=response.status_code,
                ms=round(elapsed * 1000, 1),
            )
        return response

    return middleware


def device(get_response: Handler) -> Handler:
    """Set `request.device` from the device's cookie; None for a browser that is no device."""

    def middleware(request: HttpRequest) -> HttpResponse:
        token = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
        request.device = known_device(token)  # type: ignore[attr-defined]
        return get_response(request)

    return middleware


class errors:  # noqa: N801 - Django names it like the functions beside it
    """Render an AisleError where the person looks: a toast for htmx, JSON for the API, else a page."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, AisleError):
            return None
        request_id: str = request.request_id  # type: ignore[attr-defined]
        log.info("refused", code=error.code, path=request.path)
        wants_json = request.path.startswith("/api/") or request.accepts("text/html") is False
        if wants_json:
            return JsonResponse(error.as_json(request_id), status=error.status)
        context = {"error": error, "request_id": request_id}
        if getattr(request, "htmx", False):
            response = render(request, "errors/_toast.html", context, status=error.status)
            response["HX-Retarget"] = "#toasts"
            response["HX-Reswap"] = "beforeend"
            return response
        return render(request, "errors/error.html", context, status=error.status)

"""Addresses of the whole product."""

from __future__ import annotations

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

from store import access, design
from store.api import DeviceScheme as _  # noqa: F401 - names the token in the schema
from store.views import catalogue, devices, health, home, session, setup

base = [
    path("", home.home, name="home"),
    path("status/", home.status, name="status"),
    path("sign-in/", session.sign_in, name="sign_in"),
    path("sign-out/", session.sign_out, name="sign_out"),
    path("language/", session.set_language, name="set_language"),
    path("design/", design.design, name="design"),
    path("catalogue/", include(catalogue.urlpatterns)),
    path("enrol/", devices.enrol, name="enrol"),
    path("enrol/demo/<slug:code>/", devices.demo_use, name="demo_use"),
    path("setup/", setup.setup, name="setup"),
    path("setup/devices/", devices.device_list, name="devices"),
    path("setup/devices/<slug:code>/code/", devices.device_code, name="device_code"),
    path("setup/devices/<slug:code>/revoke/", devices.device_revoke, name="device_revoke"),
    path("setup/staff/", setup.staff_list, name="staff"),
    path("setup/staff/new/", setup.staff_edit, name="staff_new"),
    path("setup/staff/<slug:username>/", setup.staff_edit, name="staff_edit"),
    path("setup/link/", setup.link, name="link"),
    path("setup/audit/", setup.audit_list, name="audit"),
    path("quarantine/", setup.quarantine_list, name="quarantine"),
    path("quarantine/<int:pk>/resolve/", setup.quarantine_resolve, name="quarantine_resolve"),
    path("holds/", setup.holds, name="holds"),
    path("holds/tile/", setup.holds_tile, name="holds_tile"),
]

PAGES = {
    "pos": "till/",
    "fulfillment": "orders/",
    "signage": "screens/",
    "telemetry": "sensors/",
    "vision": "cameras/",
}


def _app_pages() -> list[URLPattern | URLResolver]:
    return [path(prefix, include(f"{name}.urls")) for name, prefix in PAGES.items()]


def _app_apis() -> list[URLPattern | URLResolver]:
    """Each app's api_urls, where it has an API."""
    return [
        path(f"api/v1/{name}/", include((f"{name}.api_urls", f"{name}-api")))
        for name in PAGES
        if find_spec(f"{name}.api_urls")
    ]


urlpatterns = [
    path("", include((base, "store"))),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("api/schema/", access.public(SpectacularAPIView.as_view()), name="schema"),
    *([path("player/", include("signage.player_urls"))] if find_spec("signage.player_urls") else []),
    *_app_pages(),
    *_app_apis(),
    path("admin/", admin.site.urls),
]

handler404 = "store.views.failures.not_found"
handler403 = "store.views.failures.not_allowed"
handler500 = "store.views.failures.server_error"

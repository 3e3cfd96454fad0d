"""Addresses of the camera pages."""

from django.urls import path

from vision import views

app_name = "vision"
urlpatterns = [
    path("", views.cameras, name="cameras"),
    path("live/", views.live, name="live"),
    path("footfall/", views.footfall, name="footfall"),
    path("waiting/", views.waiting, name="waiting"),
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/<uuid:alert>/acknowledge/", views.acknowledge, name="acknowledge"),
    path("counts.csv", views.export, name="export"),
    path("tile/", views.tile, name="tile"),
    path("privacy/", views.privacy, name="privacy"),
]

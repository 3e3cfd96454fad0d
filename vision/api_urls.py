"""Addresses of the API: /api/v1/vision/."""

from django.urls import path

from vision import api

urlpatterns = [
    path("footfall/", api.FootfallView.as_view(), name="footfall"),
    path("cameras/", api.CamerasView.as_view(), name="cameras"),
    path("alerts/", api.AlertsView.as_view(), name="alerts"),
    path("alerts/<uuid:alert>/acknowledge/", api.AcknowledgeView.as_view(), name="acknowledge"),
]

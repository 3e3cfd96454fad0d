"""Addresses of the API: /api/v1/telemetry/."""

from django.urls import path

from telemetry import api

urlpatterns = [
    path("sensors/", api.SensorsView.as_view(), name="sensors"),
    path("sensors/<int:pk>/course/", api.CourseView.as_view(), name="course"),
    path("alarms/", api.AlarmsView.as_view(), name="alarms"),
    path("alarms/<int:pk>/acknowledge/", api.AcknowledgeView.as_view(), name="acknowledge"),
]

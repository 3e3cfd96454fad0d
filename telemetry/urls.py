"""Addresses of the sensor pages, below /sensors/."""

from __future__ import annotations

from django.urls import path

from telemetry import views

app_name = "telemetry"
urlpatterns = [
    path("", views.sensors, name="sensors"),
    path("tile/", views.tile, name="tile"),
    path("badge/", views.badge, name="badge"),
    path("alarms/", views.alarms, name="alarms"),
    path("alarms/<int:pk>/acknowledge/", views.acknowledge, name="acknowledge"),
    path("kept-aside/", views.set_aside, name="set_aside"),
    path("<int:pk>/", views.sensor, name="sensor"),
    path("<int:pk>/course/", views.course, name="course"),
    path("<int:pk>/limits/", views.limits, name="limits"),
]

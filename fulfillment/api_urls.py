"""Addresses under /api/v1/fulfillment/."""

from __future__ import annotations

from django.urls import path

from fulfillment import api

urlpatterns = [
    path("orders/", api.OrderList.as_view(), name="orders"),
    path("orders/<int:pk>/", api.OrderDetail.as_view(), name="order"),
    path("intake/", api.Intake.as_view(), name="intake"),
    path("picks/", api.Picks.as_view(), name="picks"),
]

"""Addresses under /orders/."""

from __future__ import annotations

from django.urls import path

from fulfillment.views import board, desk, picking

app_name = "fulfillment"

urlpatterns = [
    path("", board.board, name="board"),
    path("tile/", board.tile, name="tile"),
    path("pick/", picking.start, name="pick"),
    path("pick/claim/", picking.claim, name="claim"),
    path("pick/<int:order_id>/", picking.pick, name="pick_order"),
    path("pick/<int:order_id>/scan/", picking.scan, name="scan"),
    path("pick/<int:order_id>/short/", picking.short, name="short"),
    path("pick/<int:order_id>/give-back/", picking.give_back, name="give_back"),
    path("stage/<int:order_id>/", picking.stage, name="stage"),
    path("stage/<int:order_id>/place/", picking.place, name="place"),
    path("collect/", desk.desk, name="desk"),
    path("collect/<int:order_id>/", desk.handover, name="handover"),
    path("collect/<int:order_id>/hand-over/", desk.hand_over, name="hand_over"),
    path("<int:order_id>/", board.order, name="order"),
    path("<int:order_id>/restow/", board.restow, name="restow"),
]

"""Addresses of the till."""

from __future__ import annotations

from django.urls import path

from pos.views import records, sale, till

app_name = "pos"
urlpatterns = [
    path("", till.till, name="till"),
    path("sign-in/", till.sign_in, name="sign_in"),
    path("sign-out/", till.sign_out, name="sign_out"),
    path("open/", till.open_till, name="open"),
    path("close/", till.close_till, name="close"),
    path("latest/", till.latest, name="latest"),
    path("alert/", till.alert, name="alert"),
    path("command/", sale.command, name="command"),
    path("order/", sale.order, name="order"),
    path("cancel/", sale.cancel, name="cancel"),
    path("products/", sale.products, name="products"),
    path("pay/", sale.pay, name="pay"),
    path("receipts/", records.receipt_list, name="receipts"),
    path("receipts/<uuid:uid>/", records.receipt, name="receipt"),
    path("tile/", records.tile, name="tile"),
]

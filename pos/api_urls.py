"""The till's API."""

from __future__ import annotations

from django.urls import path

from pos import api

urlpatterns = [
    path("till/", api.TillView.as_view(), name="till"),
    path("sign-in/", api.SignInView.as_view(), name="sign_in"),
    path("shifts/", api.ShiftView.as_view(), name="shifts"),
    path("cart/", api.CartView.as_view(), name="cart"),
    path("cart/commands/", api.CommandView.as_view(), name="commands"),
    path("carts/<uuid:cart>/complete/", api.CompleteView.as_view(), name="complete"),
    path("receipts/", api.ReceiptListView.as_view(), name="receipts"),
    path("receipts/<uuid:uid>/", api.ReceiptView.as_view(), name="receipt"),
]

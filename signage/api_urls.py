"""Addresses of the player's API, below /api/v1/signage/."""

from django.urls import path

from signage import api
from store import access

urlpatterns = [
    path("pairings/", access.public(api.PairingView.as_view()), name="pairings"),
    path("pairings/collect/", access.public(api.CollectView.as_view()), name="collect"),
    path("manifest/", api.ManifestView.as_view(), name="manifest"),
    path("plays/", api.PlaysView.as_view(), name="plays"),
    path("heartbeat/", api.HeartbeatView.as_view(), name="heartbeat"),
]

"""Addresses of the player, below /player/."""

from django.urls import path

from signage.views import player

app_name = "player"
urlpatterns = [
    path("", player.player, name="player"),
    path("worker.js", player.worker, name="worker"),
]

"""Addresses of the screens, below /screens/."""

from django.urls import path

from signage.views import player

app_name = "signage"
urlpatterns = [
    path("media/<str:sha256>", player.content, name="media"),
    path("", player.player, name="wall"),
]

"""Addresses of the screens, below /screens/."""

from django.urls import path, register_converter

from signage.views import player, playlists, plays, schedule, wall


class Direction:
    """`up` or `down`."""

    regex = "up|down"

    def to_python(self, value: str) -> str:
        """The word itself."""
        return value

    def to_url(self, value: str) -> str:
        """The word itself."""
        return value


register_converter(Direction, "direction")

app_name = "signage"
urlpatterns = [
    path("", wall.wall, name="wall"),
    path("tile/", wall.tile, name="tile"),
    path("pair/", wall.pair, name="pair"),
    path("media/<str:sha256>", player.content, name="media"),
    path("playlists/", playlists.playlists, name="playlists"),
    path("playlists/<int:pk>/", playlists.playlist, name="playlist"),
    path("playlists/<int:pk>/add/", playlists.item_add, name="item_add"),
    path("playlists/<int:pk>/message/", playlists.message_add, name="message_add"),
    path("playlists/<int:pk>/products/", playlists.product_search, name="product_search"),
    path("playlists/<int:pk>/delete/", playlists.playlist_delete, name="playlist_delete"),
    path("items/<int:pk>/<direction:direction>/", playlists.item_move, name="item_move"),
    path("items/<int:pk>/remove/", playlists.item_remove, name="item_remove"),
    path("items/<int:pk>/duration/", playlists.item_duration, name="item_duration"),
    path("schedule/", schedule.schedule, name="schedule"),
    path("rules/new/", schedule.rule_edit, name="rule_new"),
    path("rules/effect/", schedule.rule_effect, name="rule_effect_new"),
    path("rules/<int:pk>/", schedule.rule_edit, name="rule"),
    path("rules/<int:pk>/effect/", schedule.rule_effect, name="rule_effect"),
    path("rules/<int:pk>/switch/", schedule.rule_switch, name="rule_switch"),
    path("rules/<int:pk>/delete/", schedule.rule_delete, name="rule_delete"),
    path("audience/new/", schedule.target_edit, name="target_new"),
    path("audience/<int:pk>/", schedule.target_edit, name="target"),
    path("audience/<int:pk>/delete/", schedule.target_delete, name="target_delete"),
    path("plays/", plays.plays, name="plays"),
    path("plays.csv", plays.plays_csv, name="plays_csv"),
    path("screen/<slug:code>/", wall.screen, name="screen"),
    path("screen/<slug:code>/why/", wall.why, name="why"),
    path("screen/<slug:code>/open/", wall.open_here, name="open_here"),
    path("screen/<slug:code>/revoke/", wall.revoke, name="revoke"),
]

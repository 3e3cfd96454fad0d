"""The managers' pages and their refusals."""

import csv
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from signage.models import Display, PlaylistItem, ScheduleRule
from signage.queries import wall as wall_queries
from signage.services import pairing, plays
from store.models import AuditEntry
from tests.factories.signage import (
    DisplayFactory,
    MediaFactory,
    PlaylistFactory,
    RuleFactory,
    TargetFactory,
    play,
)
from tests.factories.store import ProductFactory, StaffFactory

PAGES = [
    "/screens/",
    "/screens/tile/",
    "/screens/pair/",
    "/screens/schedule/",
    "/screens/rules/new/",
    "/screens/audience/new/",
    "/screens/playlists/",
    "/screens/plays/",
    "/screens/plays.csv",
    "/screens/screen/display-1/",
    "/screens/screen/display-1/why/",
]
RULE = {
    "name": "Lunch",
    "scope": "all",
    "weekdays": ["1", "2"],
    "daypart": "LUNCH",
    "ladder": "NORMAL",
    "priority": "0",
    "is_active": "on",
}


@pytest.mark.parametrize("path", PAGES)
def test_pages_answer_a_supervisor_and_nobody_else(client, display, path):
    assert client.get(path).status_code == 302
    client.force_login(StaffFactory(role="CASHIER"))
    assert client.get(path).status_code == 403
    client.force_login(StaffFactory(role="SUPERVISOR"))
    assert client.get(path).status_code == 200


def test_wall_needs_a_constant_number_of_queries(display):
    now = timezone.now()
    assert len(wall_queries.wall(now=now)) == 1  # the site is remembered from here on
    counts = []
    for _ in range(2):
        for _ in range(5):
            DisplayFactory()
            RuleFactory()
            TargetFactory()
        with CaptureQueriesContext(connection) as queries:
            wall_queries.wall(now=now)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def test_pair_page_pairs_and_refuses_a_wrong_code(supervisor, display):
    offer = pairing.open_offer(now=timezone.now())
    wrong = supervisor.post("/screens/pair/", {"code": "AAAAAA", "display": "display-1"})
    assert wrong.status_code == 422
    assert "not known or has expired" in wrong.content.decode()
    right = supervisor.post("/screens/pair/", {"code": offer.code.lower(), "display": "display-1"})
    assert right.status_code == 302
    assert pairing.collect(secret=offer.secret, now=timezone.now()).device.code == "display-1"


def test_pair_page_blocks_guessing(supervisor, display):
    offer = pairing.open_offer(now=timezone.now())
    for _ in range(5):
        supervisor.post("/screens/pair/", {"code": "AAAAAA", "display": "display-1"})
    blocked = supervisor.post("/screens/pair/", {"code": offer.code, "display": "display-1"})
    assert blocked.status_code == 422
    assert pairing.collect(secret=offer.secret, now=timezone.now()) is None


def test_pair_page_makes_a_new_screen_only_with_a_right_code(supervisor, display):
    supervisor.post("/screens/pair/", {"code": "AAAAAA", "display": "new", "name": "Counter"})
    assert Display.objects.count() == 1
    offer = pairing.open_offer(now=timezone.now())
    supervisor.post("/screens/pair/", {"code": offer.code, "display": "new", "name": "Counter"})
    assert Display.objects.get(device__name="Counter").device.code == "display-2"


def test_rule_form_saves_and_is_audited(supervisor, display):
    playlist = PlaylistFactory()
    answer = supervisor.post("/screens/rules/new/", RULE | {"playlist": playlist.pk})
    assert answer.status_code == 302
    rule = ScheduleRule.objects.get()
    assert (rule.weekdays, rule.daypart, rule.display, rule.group) == ([1, 2], "LUNCH", None, None)
    assert AuditEntry.objects.get(action="signage.rule.added").actor == "sam"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"weekdays": []}, "weekdays"),
        ({"daypart": "CUSTOM"}, "from_time"),
        ({"daypart": "CUSTOM", "from_time": "25:00", "until_time": "10:00"}, "from_time"),
        ({"first_on": "2026-12-24", "last_on": "2026-12-01"}, "last_on"),
        ({"priority": "101"}, "priority"),
        ({"scope": "display:999"}, "scope"),
        ({"ladder": "KING"}, "ladder"),
        ({"playlist": "999"}, "playlist"),
        ({"name": ""}, "name"),
    ],
)
def test_rule_form_refuses(supervisor, display, change, field):
    answer = supervisor.post("/screens/rules/new/", RULE | {"playlist": PlaylistFactory().pk} | change)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert ScheduleRule.objects.count() == 0


def test_rule_effect_says_what_it_hides_and_saves_nothing(supervisor, display):
    RuleFactory(name="Offers", daypart="LUNCH")
    form = RULE | {"playlist": PlaylistFactory().pk, "priority": "5", "weekdays": list("1234567")}
    answer = supervisor.post("/screens/rules/effect/", form, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert "Hides all of it" in text
    assert "Offers: 21 h 0 min become 0 s" in text
    assert ScheduleRule.objects.count() == 1


def test_rule_is_switched_off_and_on(supervisor, display):
    rule = RuleFactory()
    supervisor.post(f"/screens/rules/{rule.pk}/switch/", {"active": "0"})
    rule.refresh_from_db()
    assert rule.is_active is False
    supervisor.get(f"/screens/rules/{rule.pk}/switch/")
    rule.refresh_from_db()
    assert rule.is_active is False


def test_week_names_the_winner_and_the_beaten(supervisor, display):
    RuleFactory(name="Offers")
    RuleFactory(name="Sale", daypart="LUNCH", priority=3)
    answer = supervisor.get("/screens/schedule/?week=2026-11-25&screen=display-1")
    monday = answer.context["days"][0]
    assert [(block.name, block.from_text, block.until_text, block.beaten) for block in monday.blocks] == [
        ("Offers", "00:00", "11:00", ()),
        ("Sale", "11:00", "14:00", ("Offers",)),
        ("Offers", "14:00", "24:00", ()),
    ]


def test_week_of_the_clock_change_has_no_hole(supervisor, display):
    RuleFactory(name="Night", daypart="CUSTOM", from_time="01:30", until_time="02:30")
    answer = supervisor.get("/screens/schedule/?week=2026-03-29")
    sunday = answer.context["days"][6]
    assert [(block.name, block.from_text) for block in sunday.blocks][:2] == [
        ("", "00:00"),
        ("Night", "01:30"),
    ]


def test_playlist_items_move_and_keep_gapless_positions(supervisor, display):
    playlist = PlaylistFactory(items=3)
    first, second, third = playlist.items.order_by("position")
    answer = supervisor.post(f"/screens/items/{third.pk}/up/", headers={"HX-Request": "true"})
    assert f'data-focus="item-{third.pk}-up"' in answer.content.decode()
    assert list(playlist.items.order_by("position")) == [first, third, second]
    supervisor.post(f"/screens/items/{first.pk}/up/")
    supervisor.post(f"/screens/items/{third.pk}/remove/")
    assert list(playlist.items.values_list("pk", "position")) == [(first.pk, 0), (second.pk, 1)]


def test_playlist_takes_media_products_and_messages(supervisor, display):
    playlist, product = PlaylistFactory(items=0), ProductFactory()
    supervisor.post(f"/screens/playlists/{playlist.pk}/add/", {"product": product.pk})
    supervisor.post(f"/screens/playlists/{playlist.pk}/add/", {"media": MediaFactory().pk})
    supervisor.post(f"/screens/playlists/{playlist.pk}/message/", {"headline": "<b>Hi</b>", "tone": "red"})
    kinds = [item.media.template for item in playlist.items.select_related("media")]
    assert kinds == ["PRICE", "MESSAGE", "MESSAGE"]
    assert "&lt;b&gt;Hi" in supervisor.get(f"/screens/playlists/{playlist.pk}/").content.decode()


@pytest.mark.parametrize("seconds", ["0", "1.9", "3601", "NaN", "-5", "", "x"])
def test_playlist_refuses_a_senseless_duration(supervisor, display, seconds):
    item = PlaylistFactory().items.get()
    answer = supervisor.post(f"/screens/items/{item.pk}/duration/", {"seconds": seconds})
    assert answer.status_code == 422
    item.refresh_from_db()
    assert item.duration_ms == 10_000


def test_playlist_in_use_is_not_deleted(supervisor, display):
    answer = supervisor.post(f"/screens/playlists/{display.default_playlist_id}/delete/")
    assert answer.status_code == 409
    assert PlaylistItem.objects.count() == 1


def test_why_travels_in_time(supervisor, display):
    RuleFactory(name="Lunch", daypart="LUNCH")
    path = "/screens/screen/display-1/why/"
    noon = supervisor.get(f"{path}?at=2026-11-27T12:30", headers={"HX-Request": "true"})
    night = supervisor.get(f"{path}?at=2026-11-27T03:30", headers={"HX-Request": "true"})
    assert "because of the rule “Lunch”" in noon.content.decode()
    assert "because nothing is scheduled" in night.content.decode()


def test_plays_as_csv_are_complete_and_safe(supervisor, display):
    now = timezone.now()
    records = [play(seq, started_at=now - timedelta(seconds=seq), seconds=1) for seq in (1, 2)]
    records[0]["title"] = "=HYPERLINK(1)"
    plays.record_plays(display=display, raw=records, now=now)
    answer = supervisor.get("/screens/plays.csv")
    rows = list(csv.DictReader(answer.content.decode().splitlines()))
    assert {row["id"] for row in rows} == {record["id"] for record in records}
    assert {row["title"] for row in rows} == {"'=HYPERLINK(1)", "Oat biscuits"}


def test_open_here_makes_this_browser_the_screen(supervisor, display):
    answer = supervisor.post("/screens/screen/display-1/open/")
    assert answer["Location"] == "/player/"
    assert answer.cookies["aisle_display"].value
    assert supervisor.get("/screens/screen/display-1/open/").status_code == 405


def test_player_page_is_there_for_everybody(client):
    assert client.get("/player/").status_code == 200
    worker = client.get("/player/worker.js")
    assert worker["Content-Type"] == "text/javascript; charset=utf-8"
    assert "/static/signage/js/player.js" in worker.content.decode()


def test_tile_counts_the_screens(supervisor, display):
    assert "No screen is paired yet" not in supervisor.get("/screens/tile/").content.decode()
    Display.objects.update(reported_at=timezone.now())
    assert "Everything plays as scheduled" in supervisor.get("/screens/tile/").content.decode()

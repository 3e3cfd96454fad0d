"""The player's API: pairing, manifest, refusals."""

from datetime import timedelta

import pytest
from django.utils import timezone

from signage.models import PairingOffer
from signage.services import library, pairing
from store.models import AuditEntry, EnrolmentCode, OutboxEvent
from store.services import holds, prices
from store.services.devices import CodeRejectedError
from tests.factories.signage import (
    DisplayFactory,
    MediaFactory,
    PlaylistFactory,
    RuleFactory,
    TargetFactory,
    authorization,
)
from tests.factories.store import DeviceFactory, ProductFactory

MANIFEST = "/api/v1/signage/manifest/"
PAIRINGS = "/api/v1/signage/pairings/"
COLLECT = "/api/v1/signage/pairings/collect/"


def collect(client, secret):
    return client.post(COLLECT, {"secret": secret}, content_type="application/json")


def test_pairing_gives_the_credential_once_to_the_screen_that_asked(client, display):
    offer = client.post(PAIRINGS).json()
    assert collect(client, offer["secret"]).json() == {"paired": False}
    pairing.pair(code=offer["code"].lower(), display=display, actor="sam", now=timezone.now())
    answer = collect(client, offer["secret"])
    assert answer.json() == {"paired": True, "display": "display-1"}
    cookie = answer.cookies["aisle_display"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")
    manifest = client.get(MANIFEST, headers={"X-Aisle-Player": "1"})
    assert manifest.status_code == 200
    assert manifest.json()["display"]["code"] == "display-1"
    assert collect(client, offer["secret"]).status_code == 410
    assert AuditEntry.objects.filter(action="device.enrolled").count() == 2
    assert OutboxEvent.objects.filter(type="signage.display.paired.v1").count() == 1


def test_pairing_stores_no_secret(client, display):
    offer = client.post(PAIRINGS).json()
    assert not PairingOffer.objects.filter(secret_hash=offer["secret"]).exists()


def test_cookie_without_the_players_header_is_refused(client, display):
    client.cookies["aisle_display"] = "token-display-1"
    assert client.get(MANIFEST).status_code == 401


def test_collect_refuses_a_foreign_secret_and_an_expired_code(client, display):
    offer = client.post(PAIRINGS).json()
    assert collect(client, "x" * 40).status_code == 410
    EnrolmentCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert collect(client, offer["secret"]).status_code == 410
    with pytest.raises(CodeRejectedError):
        pairing.pair(code=offer["code"], display=display, actor="sam", now=timezone.now())


def test_pairing_is_limited(client, monkeypatch):
    monkeypatch.setattr(pairing, "MAX_OPEN_OFFERS", 1)
    assert client.post(PAIRINGS).status_code == 201
    answer = client.post(PAIRINGS)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_offers")
    assert PairingOffer.objects.count() == 1


@pytest.mark.parametrize("path", [MANIFEST, "/api/v1/signage/plays/", "/api/v1/signage/heartbeat/"])
def test_api_refuses_an_unpaired_browser(client, display, path):
    answer = client.get(path) if path == MANIFEST else client.post(path, {}, content_type="application/json")
    assert answer.status_code == 401


def test_api_refuses_a_revoked_screen_at_once(client, display):
    assert client.get(MANIFEST, headers=authorization(display)).status_code == 200
    pairing.revoke(display=display, actor="sam", now=timezone.now())
    assert client.get(MANIFEST, headers=authorization(display)).status_code == 401


def test_api_refuses_a_till(client, display):
    till = DeviceFactory(token_hash=display.device.token_hash[::-1])
    from store.access import token_hash

    till.token_hash = token_hash("till-token")
    till.save()
    assert client.get(MANIFEST, headers={"Authorization": "Device till-token"}).status_code == 403


def test_manifest_is_not_sent_again_while_nothing_changed(client, display):
    first = client.get(MANIFEST, headers=authorization(display))
    again = client.get(MANIFEST, headers=authorization(display) | {"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    RuleFactory()
    changed = client.get(MANIFEST, headers=authorization(display) | {"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed.json()["version"] != first.json()["version"]


def test_manifest_carries_rules_of_its_scope_only(client, display):
    other = DisplayFactory()
    everywhere, here = RuleFactory(), RuleFactory(display=display)
    RuleFactory(display=other)
    RuleFactory(is_active=False)
    body = client.get(MANIFEST, headers=authorization(display)).json()
    assert [rule["id"] for rule in body["rules"]] == [everywhere.pk, here.pk]


def test_manifest_leaves_out_rules_whose_playlist_is_empty(client, display):
    RuleFactory(playlist=PlaylistFactory(items=0))
    body = client.get(MANIFEST, headers=authorization(display)).json()
    assert body["rules"] == []


def price_item(playlist, product):
    price = library.add_template(template="PRICE", title="Price", data={}, now=timezone.now())
    return playlist.items.create(position=99, media=price, product=product)


def test_manifest_shows_the_tills_price_and_its_version(client, display):
    product = ProductFactory(price_minor=219)
    price_item(display.default_playlist, product)
    card = client.get(MANIFEST, headers=authorization(display)).json()["cards"][str(product.pk)]
    assert (card["price_minor"], card["price_version"], card["price_until"]) == (219, 1, None)
    now = timezone.now()
    prices.change_price(
        product=product, price_minor=199, starts_at=now + timedelta(hours=1), actor="sam", now=now
    )
    card = client.get(MANIFEST, headers=authorization(display)).json()["cards"][str(product.pk)]
    assert (card["price_minor"], card["price_version"]) == (219, 1)
    assert card["price_until"] == (now + timedelta(hours=1)).isoformat()


def test_manifest_does_not_advertise_a_held_product(client, display):
    product = ProductFactory()
    price_item(display.default_playlist, product)
    assert len(default_items(client, display)) == 2
    holds.place_hold(product=product, reason="Freezer 1 is in alarm", source="test", source_id="1")
    assert len(default_items(client, display)) == 1
    holds.clear_holds(source="test", source_id="1")
    assert len(default_items(client, display)) == 2


def default_items(client, display):
    body = client.get(MANIFEST, headers=authorization(display)).json()
    return body["playlists"][str(body["default"])]["items"]


def test_manifest_needs_a_constant_number_of_queries(client, display, django_assert_num_queries):
    for _ in range(3):
        playlist = PlaylistFactory(items=2)
        price_item(playlist, ProductFactory())
        RuleFactory(playlist=playlist)
        TargetFactory(playlist=playlist)
    client.get(MANIFEST, headers=authorization(display))
    # Screen, two kinds of rules, items, holds, product cards, ends of prices; the device is still known.
    with django_assert_num_queries(7):
        client.get(MANIFEST, headers=authorization(display))


def test_preview_is_for_people_who_may(client, supervisor, display):
    answer = supervisor.get(f"{MANIFEST}?display=display-1")
    assert answer.json()["display"]["code"] == "display-1"
    assert supervisor.get(f"{MANIFEST}?display=display-99").status_code == 404


def test_picture_is_served_by_its_digest_and_runs_nothing(client, display, supervisor):
    media = library.add_picture(
        content=b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        title="Drawing",
        content_type="image/svg+xml",
        now=timezone.now(),
    )
    answer = supervisor.get(f"/screens/media/{media.sha256}")
    assert answer["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert "immutable" in answer["Cache-Control"]
    client.logout()
    assert client.get(f"/screens/media/{media.sha256}").status_code == 404
    client.cookies["aisle_display"] = "token-display-1"
    assert client.get(f"/screens/media/{media.sha256}").status_code == 200
    assert client.get("/screens/media/..%2f..%2fsecrets.json").status_code == 404
    assert client.get(f"/screens/media/{MediaFactory().sha256}").status_code == 404


def test_library_refuses_what_is_no_picture():
    with pytest.raises(library.PictureRefusedError):
        library.add_picture(content=b"<html>", title="Page", content_type="text/html", now=timezone.now())


def test_heartbeat_is_kept_and_tells_the_time(client, display):
    body = {
        "version": "abc",
        "playlist": "Offers",
        "title": "Oat biscuits",
        "media": "a" * 64,
        "storage": "WORKER",
        "clock_offset_ms": -120,
        "waiting_plays": 3,
    }
    path = "/api/v1/signage/heartbeat/"
    answer = client.post(path, body, content_type="application/json", headers=authorization(display))
    assert answer.status_code == 200
    assert "now" in answer.json()
    display.refresh_from_db()
    assert (display.reported_title, display.waiting_plays) == ("Oat biscuits", 3)
    wrong = client.post(
        path, body | {"waiting_plays": 2**31}, content_type="application/json", headers=authorization(display)
    )
    assert wrong.status_code == 400

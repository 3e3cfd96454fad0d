"""Proofs of play count exactly once."""

import random
from datetime import timedelta

import pytest
from django.db.models import Sum
from django.utils import timezone

from signage import invariants
from signage.models import Play, PlayCount
from signage.services import plays
from store.models import OutboxEvent, QuarantinedMessage
from tests.factories.signage import NOW, DisplayFactory, authorization, play
from tests.factories.store import ProductFactory

PLAYS = "/api/v1/signage/plays/"


def send(client, display, records):
    return client.post(
        PLAYS, {"plays": records}, content_type="application/json", headers=authorization(display)
    )


def test_plays_sent_twice_and_out_of_order_count_once(client, display):
    rng = random.Random(7)
    records = [play(seq, started_at=NOW + timedelta(seconds=10 * seq), seconds=10) for seq in range(1, 101)]
    for _ in range(12):
        batch = rng.sample(records, rng.randint(1, 40))
        batch += rng.sample(batch, min(3, len(batch)))
        answer = plays.record_plays(display=display, raw=batch, now=NOW + timedelta(hours=1))
        assert set(answer.acknowledged) == {record["id"] for record in batch}
    plays.record_plays(display=display, raw=records, now=NOW + timedelta(hours=1))
    assert Play.objects.count() == 100
    total = PlayCount.objects.aggregate(plays=Sum("plays"), shown=Sum("shown_ms"))
    assert total == {"plays": 100, "shown": 1_000_000}
    assert invariants.check() == []
    told = OutboxEvent.objects.filter(type="signage.plays.recorded.v1")
    assert sum(event.payload["plays"] for event in told) == 100


def test_plays_are_acknowledged_by_id(client, display):
    record = play(started_at=timezone.now() - timedelta(minutes=1))
    first, again = send(client, display, [record]), send(client, display, [record])
    assert first.json() == again.json() == {"acknowledged": [record["id"]], "refused": {}}
    assert Play.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"seq": -1},
        {"seq": 2**60},
        {"seq": True},
        {"started_at": "yesterday"},
        {"started_at": "2026-11-23T12:00:00"},
        {"ended_at": "2026-11-23T11:59:59+00:00"},
        {"ended_at": "2026-11-25T12:00:00+00:00"},
        {"cause": "bribe"},
        {"title": "NUL \x00"},
        {"product": "7"},
    ],
)
def test_a_malformed_play_is_put_aside_and_its_batch_taken(display, wrong):
    good, bad = play(1), play(2) | wrong
    receipt = plays.record_plays(display=display, raw=[bad, good], now=NOW + timedelta(hours=3))
    assert receipt.acknowledged == [good["id"]]
    assert set(receipt.refused) == {bad["id"]}
    assert Play.objects.count() == 1
    assert QuarantinedMessage.objects.get().topic == f"plays/{display.device.code}"


def test_a_play_of_the_future_is_refused(display):
    receipt = plays.record_plays(display=display, raw=[play(), "rubbish", None], now=NOW - timedelta(days=1))
    assert (receipt.acknowledged, receipt.new) == ([], 0)
    assert Play.objects.count() == 0


def test_a_batch_is_limited(client, display):
    answer = send(client, display, [play(seq) for seq in range(201)])
    assert answer.status_code == 400
    assert Play.objects.count() == 0


def test_a_play_names_its_product_and_price(display):
    product = ProductFactory()
    records = [play(1, product=product.pk, price_version=1), play(2, product=10**9)]
    plays.record_plays(display=display, raw=records, now=NOW + timedelta(minutes=1))
    assert set(Play.objects.values_list("product", "price_version")) == {(product.pk, 1), (None, None)}


def test_a_screen_cannot_take_another_screens_play(display):
    other, record = DisplayFactory(), play()
    plays.record_plays(display=display, raw=[record], now=NOW + timedelta(minutes=1))
    plays.record_plays(display=other, raw=[record], now=NOW + timedelta(minutes=1))
    assert Play.objects.get().display == display


def test_invariants_find_a_counter_that_was_touched(display):
    plays.record_plays(display=display, raw=[play()], now=NOW + timedelta(minutes=1))
    PlayCount.objects.update(plays=2)
    assert [violation.invariant for violation in invariants.check()] == ["12"]

"""Between broker and database nothing is lost: acknowledged only after the commit."""

import pytest
from django.core.cache import cache
from django.db import DataError, OperationalError

from store.models import QuarantinedMessage
from tests.factories.vision import Edge, make_store
from vision import bootstep
from vision.bootstep import Arrived, Batches
from vision.models import VisionEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def edge():
    cache.clear()
    make_store()
    return Edge()


@pytest.fixture
def now():
    from django.utils import timezone

    return timezone.now()


class Broker:
    """Hands messages out and keeps the list of acknowledgements."""

    def __init__(self):
        self.acknowledged = []
        self.batches = Batches(lambda message: self.acknowledged.append(message.mid))

    def send(self, *raws):
        for number, raw in enumerate(raws, start=1):
            self.batches.put(Arrived(raw, number, 1, 1))


def test_a_batch_closes_at_two_hundred(edge, now):
    broker = Broker()
    broker.send(*[edge.crossed(at=now)] * 250)
    assert (len(broker.batches.collect()), len(broker.batches.collect()), broker.batches.collect()) == (
        200,
        50,
        [],
    )


def test_messages_are_acknowledged_after_they_are_stored(edge, now, monkeypatch):
    broker = Broker()
    seen_at_store = []
    real = bootstep.store
    monkeypatch.setattr(bootstep, "close_old_connections", lambda: None)
    monkeypatch.setattr(
        bootstep, "store", lambda batch: (seen_at_store.append(list(broker.acknowledged)), real(batch))
    )
    broker.send(edge.crossed(at=now), edge.crossed(at=now))
    broker.batches._store_until_done(broker.batches.collect())
    assert seen_at_store == [[]]
    assert broker.acknowledged == [1, 2]
    assert VisionEvent.objects.count() == 2


def test_without_a_database_nothing_is_acknowledged_and_the_batch_is_tried_again(edge, now, monkeypatch):
    broker, failures = Broker(), [OperationalError("gone"), OperationalError("still gone")]
    real = bootstep.store
    seen = []

    def sometimes(batch):
        seen.append(list(broker.acknowledged))
        if failures:
            raise failures.pop()
        real(batch)

    monkeypatch.setattr(bootstep, "close_old_connections", lambda: None)
    monkeypatch.setattr(bootstep, "FIRST_WAIT_S", 0.01)
    monkeypatch.setattr(bootstep, "store", sometimes)
    broker.send(edge.crossed(at=now))
    broker.batches._store_until_done(broker.batches.collect())
    assert seen == [[], [], []]
    assert broker.acknowledged == [1]
    assert VisionEvent.objects.count() == 1


def test_a_consumer_stopped_before_it_could_store_acknowledges_nothing(edge, now, monkeypatch):
    broker = Broker()

    def away(batch):
        broker.batches.stop()
        raise OperationalError("gone")

    monkeypatch.setattr(bootstep, "close_old_connections", lambda: None)
    monkeypatch.setattr(bootstep, "FIRST_WAIT_S", 0.01)
    monkeypatch.setattr(bootstep, "store", away)
    broker.send(edge.crossed(at=now))
    broker.batches._store_until_done(broker.batches.collect())
    assert broker.acknowledged == []


def test_the_one_message_the_database_refuses_is_found_and_put_aside(edge, now, monkeypatch):
    raws = [edge.crossed(at=now) for _ in range(9)]
    real = bootstep.store_batch

    def refuses_the_fifth(*, messages, now):
        if raws[4] in messages:
            raise DataError("value out of range")
        return real(messages=messages, now=now)

    monkeypatch.setattr(bootstep, "store_batch", refuses_the_fifth)
    bootstep.store([Arrived(raw, number, 1, 1) for number, raw in enumerate(raws)])
    assert VisionEvent.objects.count() == 8
    assert QuarantinedMessage.objects.get().reason.startswith("refused_by_database")


def test_an_acknowledgement_never_goes_to_another_connection(edge, now, settings):
    settings.MQTT_URL = "mqtt://127.0.0.1:1"
    step = bootstep.ConsumerStep()
    acknowledged = []
    step._client.ack = lambda mid, qos: acknowledged.append(mid)
    step._connection = 2
    step._acknowledge(Arrived(edge.crossed(at=now), 7, 1, 1))
    step._acknowledge(Arrived(edge.crossed(at=now), 8, 1, 2))
    assert acknowledged == [8]

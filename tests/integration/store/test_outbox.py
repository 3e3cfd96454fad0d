"""The outbox: facts with their change, in order, applied once."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from store import outbox, verify
from store.events.base import Event, event
from store.models import OutboxEvent, OutboxStream, ReceiverMark

pytestmark = pytest.mark.django_db(transaction=True)


@event("test.thing.happened.v1", lane="sales")
@dataclass(frozen=True, kw_only=True)
class ThingHappened(Event):
    thing: str
    amount: Decimal

    @property
    def stream(self) -> str:
        return f"thing/{self.thing}"


@event("test.nobody.listens.v1", lane="local")
@dataclass(frozen=True, kw_only=True)
class NobodyListens(Event):
    thing: str

    @property
    def stream(self) -> str:
        return f"quiet/{self.thing}"


seen: list[tuple[str, Decimal]] = []
failures: list[Exception] = []


@outbox.receiver(ThingHappened, name="test.receiver")
def remember(fact: ThingHappened, *, event_id) -> None:
    if failures:
        raise failures.pop()
    seen.append((fact.thing, fact.amount))


@pytest.fixture(autouse=True)
def fresh():
    seen.clear()
    failures.clear()


def fact(thing: str, amount: str) -> ThingHappened:
    return ThingHappened(thing=thing, amount=Decimal(amount))


def test_publish_outside_a_transaction_is_refused():
    with pytest.raises(RuntimeError, match="transaction"):
        outbox.publish(fact("a", "1"))
    assert OutboxEvent.objects.count() == 0


def test_publish_disappears_with_its_transaction():
    def publish_and_fail():
        with transaction.atomic():
            outbox.publish(fact("a", "1"))
            raise IntegrityError

    with pytest.raises(IntegrityError):
        publish_and_fail()
    assert OutboxEvent.objects.count() == 0
    assert OutboxStream.objects.count() == 0


def test_publish_numbers_each_stream_without_gap():
    with transaction.atomic():
        outbox.publish(fact("a", "1"), fact("b", "1"), fact("a", "2"))
    with transaction.atomic():
        outbox.publish(fact("a", "3"))
    rows = OutboxEvent.objects.order_by("stream", "seq").values_list("stream", "seq", "payload__amount")
    assert list(rows) == [("thing/a", 1, "1"), ("thing/a", 2, "2"), ("thing/a", 3, "3"), ("thing/b", 1, "1")]


def test_publish_is_one_statement(django_assert_num_queries):
    with transaction.atomic(), django_assert_num_queries(1):
        outbox.publish(*[fact("a", str(n)) for n in range(50)])


def test_events_nobody_listens_to_are_delivered_at_once():
    with transaction.atomic():
        outbox.publish(NobodyListens(thing="x"))
    assert OutboxEvent.objects.get().delivered_at is not None


def test_delivery_keeps_the_order_of_a_stream_and_applies_once():
    with transaction.atomic():
        outbox.publish(fact("a", "1"), fact("b", "9"), fact("a", "2"))
    assert outbox.deliver_pending() == 3
    assert outbox.deliver_pending() == 0
    assert [amount for thing, amount in seen if thing == "a"] == [Decimal(1), Decimal(2)]
    OutboxEvent.objects.update(delivered_at=None)
    assert outbox.deliver_pending() == 3
    assert len(seen) == 3
    assert ReceiverMark.objects.count() == 3


def test_a_failing_receiver_holds_up_its_stream_only_and_keeps_the_event():
    failures.append(ValueError("not now"))
    with transaction.atomic():
        outbox.publish(fact("a", "1"), fact("a", "2"), fact("b", "9"))
    outbox.deliver_pending()
    assert ("b", Decimal(9)) in seen
    assert ("a", Decimal(2)) not in seen
    waiting = OutboxEvent.objects.get(stream="thing/a", seq=1)
    assert (waiting.delivery_attempts, waiting.delivery_error) == (1, "ValueError: not now")
    OutboxEvent.objects.update(deliver_at=waiting.occurred_at)
    assert outbox.deliver_pending() == 2
    assert [amount for thing, amount in seen if thing == "a"] == [Decimal(1), Decimal(2)]


def test_encode_and_decode_give_the_same_event():
    original = fact("a", "1.50")
    assert outbox.decode(original.type, {"thing": "a", "amount": "1.50"}) == original


def test_prune_takes_the_old_beginning_of_a_stream_that_everybody_has():
    with transaction.atomic():
        outbox.publish(
            fact("a", "1"), fact("a", "2"), fact("a", "3"), fact("b", "1"), NobodyListens(thing="x")
        )
    outbox.deliver_pending()
    now = timezone.now()
    OutboxEvent.objects.filter(stream="thing/a", seq=1).update(sent_at=now)
    assert outbox.prune(before=now - timedelta(days=1)) == 0
    assert outbox.prune(before=now) == 2
    left = OutboxEvent.objects.order_by("stream", "seq").values_list("stream", "seq")
    assert list(left) == [("thing/a", 2), ("thing/a", 3), ("thing/b", 1)]
    assert ReceiverMark.objects.count() == 3
    assert verify._outbox() == []
    OutboxEvent.objects.filter(stream="thing/a").update(sent_at=now)
    assert outbox.prune(before=now) == 2
    with transaction.atomic():
        outbox.publish(fact("a", "4"))
    assert OutboxEvent.objects.get(stream="thing/a").seq == 4
    assert verify._outbox() == []


def test_a_missing_event_is_noticed():
    with transaction.atomic():
        outbox.publish(fact("a", "1"), fact("a", "2"), fact("a", "3"))
    OutboxEvent.objects.get(stream="thing/a", seq=2).delete()
    assert [violation.invariant for violation in verify._outbox()] == ["6"]

"""The relay's lanes: order, entry errors inside a 200, link failures that cost nothing, one leader; and the intake loop."""

import json
import random
import threading
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import OperationalError, connection, transaction

from fulfillment.models import Order
from store import outbox
from store.adapters.cloud.loopback import LoopbackQueue, LoopbackSink
from store.adapters.cloud.port import EntryResult, LinkDownError, QueueMessage
from store.events.fulfillment import CancelRefused
from store.link import inbox, lanes, report
from store.link.intake import IntakeLoop
from store.link.relay import Leadership, Relay
from store.link.state import IN, OUT, Endpoint
from store.models import LinkState, LoopbackMessage, OutboxEvent, QuarantinedMessage
from store.queries import link as link_queries
from tests.factories import fulfillment as make

pytestmark = pytest.mark.django_db


def publish(order_id, reason="r"):
    with transaction.atomic():
        outbox.publish(
            CancelRefused(
                source=make.SHOP,
                order_id=order_id,
                number=order_id,
                version=1,
                reason=reason,
                refused_at=make.NOW,
            )
        )


class Far:
    """A far side that answers as told: a list of answers per call, then all well."""

    max_entries = 10
    max_bytes = 1024 * 1024

    def __init__(self, *script):
        self.script = list(script)
        self.calls = []

    def put_events(self, entries):
        answer = self.script.pop(0) if self.script else None
        if isinstance(answer, Exception):
            raise answer
        details = [json.loads(entry.detail) for entry in entries]
        bad = answer or {}
        results = [bad.get(one["data"]["reason"], EntryResult(is_sent=True)) for one in details]
        self.calls.append([(one["subject"], int(one["sequence"])) for one in details])
        self.arrived = getattr(self, "arrived", []) + [
            (one["subject"], int(one["sequence"]))
            for one, result in zip(details, results, strict=True)
            if result.is_sent
        ]
        return results


@pytest.fixture
def endpoint(floor):
    return Endpoint(OUT, rng=random.Random(1))


def send(far, endpoint, **more):
    return lanes.send_pending(lane="orders", sink=far, endpoint=endpoint, rng=random.Random(1), **more)


def test_never_two_events_of_one_stream_in_one_call(endpoint):
    for _ in range(3):
        for order in "abc":
            publish(order)
    far = Far()
    assert send(far, endpoint).sent == 9
    for call in far.calls:
        assert len({stream for stream, _ in call}) == len(call) <= 10
    for order in "abc":
        numbers = [seq for stream, seq in far.arrived if stream == f"order/{make.SHOP}/{order}"]
        assert numbers == [1, 2, 3]


def test_refused_entry_holds_its_stream_and_no_other(endpoint):
    publish("a", "bad")
    publish("a", "later")
    publish("b", "fine")
    far = Far({"bad": EntryResult(is_sent=False, code="InternalFailure", message="try again")})
    result = send(far, endpoint)
    assert (result.sent, result.refused) == (1, 1)
    row = OutboxEvent.objects.get(payload__reason="bad")
    assert (row.attempts, row.dead_at, row.last_error) == (1, None, "InternalFailure: try again")
    assert send(far, endpoint, now=row.available_at - timedelta(milliseconds=1)).sent == 0
    assert send(far, endpoint, now=row.available_at).sent == 2
    assert [seq for stream, seq in far.arrived if stream.endswith("/a")] == [1, 2]


def test_entry_that_can_never_go_is_dead_with_its_reason_and_lets_the_next_pass(endpoint):
    publish("a", "bad")
    publish("a", "later")
    far = Far({"bad": EntryResult(is_sent=False, code="MalformedDetail", message="no")})
    send(far, endpoint)
    send(far, endpoint)
    dead = OutboxEvent.objects.get(dead_at__isnull=False)
    assert (dead.payload["reason"], dead.last_error) == ("bad", "MalformedDetail: no")
    assert OutboxEvent.objects.get(payload__reason="later").sent_at is not None


def test_entry_refused_too_often_is_dead(endpoint):
    publish("a", "bad")
    no = {"bad": EntryResult(is_sent=False, code="InternalFailure", message="")}
    far = Far(*[no] * 20)
    moment = make.NOW + timedelta(days=1)
    for _ in range(lanes.MAX_ATTEMPTS + 3):
        moment += timedelta(seconds=301)
        send(far, endpoint, now=moment)
    row = OutboxEvent.objects.get()
    assert row.attempts == lanes.MAX_ATTEMPTS
    assert row.dead_at is not None


def test_link_failure_costs_no_attempt_and_opens_the_breaker(endpoint):
    for order in "abcd":
        publish(order)
    far = Far(LinkDownError("connect timeout"))
    assert send(far, endpoint).is_down
    state = LinkState.objects.get(endpoint=OUT)
    assert (state.state, state.failures, state.last_error) == ("OPEN", 1, "connect timeout")
    assert list(OutboxEvent.objects.values_list("attempts", "sent_at")) == [(0, None)] * 4
    assert link_queries.status(now=state.since + timedelta(minutes=14)).away_minutes == 14
    assert link_queries.status(now=state.since).waiting == 4


def test_offline_since_is_the_first_failure_and_survives_a_restart(floor):
    publish("a")
    with time_machine.travel(make.NOW, tick=False) as clock:
        first = Endpoint(OUT, rng=random.Random(1))
        send(Far(LinkDownError("x")), first)
        clock.shift(timedelta(minutes=14))
        again = Endpoint(OUT, rng=random.Random(1))
        send(Far(LinkDownError("y")), again)
        state = LinkState.objects.get(endpoint=OUT)
        assert (state.since, state.failures) == (make.NOW, 2)
        clock.shift(timedelta(minutes=1))
        assert send(Far(), again).sent == 1
        state.refresh_from_db()
        assert (state.state, state.failures) == ("CLOSED", 0)
        assert link_queries.status(now=make.NOW + timedelta(minutes=20)).state == "online"


def test_lane_report_counts_what_waits(floor):
    publish("a")
    publish("b")
    found = report.lanes(now=make.NOW + timedelta(days=365))
    assert [(one.lane, one.waiting, one.dead) for one in found] == [("orders", 2, 0)]
    assert found[0].oldest_seconds > 0


def test_event_leaves_as_a_cloudevent(floor):
    publish("a")
    row = OutboxEvent.objects.get()
    entry = lanes.as_entry(row, site="s1")
    detail = json.loads(entry.detail)
    assert (entry.source, entry.detail_type) == ("aisle.s1", "fulfillment.cancel_refused.v1")
    assert detail["specversion"] == "1.0"
    assert UUID(detail["id"]) == row.event_id
    assert (detail["source"], detail["subject"], detail["sequence"]) == (
        "/store/s1",
        f"order/{make.SHOP}/a",
        "1",
    )


class Shelf:
    """A queue whose messages stay until they are deleted; `deaf` refuses to delete."""

    def __init__(self, *bodies, deaf=0):
        self.messages = [
            QueueMessage(message_id=str(n), receipt=str(n), body=body, receives=1)
            for n, body in enumerate(bodies)
        ]
        self.deaf = deaf

    def receive(self, *, wait_seconds, limit=10):
        return list(self.messages[:limit])

    def delete(self, message):
        if self.deaf:
            self.deaf -= 1
            raise LinkDownError("gone")
        self.messages = [one for one in self.messages if one.message_id != message.message_id]


def loop(queue):
    return IntakeLoop(queue, Endpoint(IN, rng=random.Random(1)), wait_seconds=0)


def test_message_is_deleted_after_the_commit_and_found_in_the_inbox_when_not(floor):
    queue = Shelf(make.body(lines=[make.wire_line(make.stocked(5))]), deaf=1)
    intake = loop(queue)
    assert intake.step() == 0
    assert (Order.objects.count(), len(queue.messages)) == (1, 1)
    with time_machine.travel(datetime.now(tz=make.NOW.tzinfo) + timedelta(minutes=1)):
        assert intake.step() == 1
    assert (Order.objects.count(), len(queue.messages)) == (1, 0)


def test_malformed_message_does_not_stop_the_next(floor):
    queue = Shelf("{", make.body(lines=[make.wire_line(make.stocked(5))]))
    assert loop(queue).step() == 2
    assert QuarantinedMessage.objects.count() == 1
    assert Order.objects.count() == 1


def test_message_stays_while_the_database_is_away(floor, monkeypatch):
    queue = Shelf(make.body(lines=[make.wire_line(make.stocked(5))]))

    def away(**_):
        raise OperationalError("server closed the connection")

    with monkeypatch.context() as patch:
        patch.setattr(inbox, "take_in", away)
        with pytest.raises(OperationalError):
            loop(queue).step()
    assert len(queue.messages) == 1
    assert loop(queue).step() == 1
    assert Order.objects.count() == 1


def test_message_that_breaks_the_program_is_put_aside_after_five_tries(floor, monkeypatch):
    def broken(**_):
        raise ZeroDivisionError("a mistake of ours")

    monkeypatch.setattr(inbox, "take_in", broken)
    queue = Shelf("{}")
    assert loop(queue).step() == 0
    queue.messages = [QueueMessage(message_id="0", receipt="0", body="{}", receives=5)]
    assert loop(queue).step() == 1
    assert "ZeroDivisionError: a mistake of ours" in QuarantinedMessage.objects.get().reason


@pytest.mark.django_db(transaction=True)
def test_one_leader_per_lane_and_the_next_takes_over():
    first, second = Leadership(["orders"]), Leadership(["orders"])
    try:
        first.wait(0)
        second.wait(0)
        assert (first.holds("orders"), second.holds("orders")) == (True, False)
        first.close()
        tries = 0
        while not second.holds("orders") and tries < 50:
            second.wait(0.1)
            tries += 1
        assert second.holds("orders")
    finally:
        first.close()
        second.close()


@pytest.mark.django_db(transaction=True)
def test_running_relay_sends_soon_after_the_commit_in_order():
    make.floor()
    relay = Relay(sink=LoopbackSink(queue="t-out"), only=("delivery", "orders"))
    thread = threading.Thread(target=relay.run)
    thread.start()
    try:
        for number in range(30):
            publish(str(number % 3))
        queue, found = LoopbackQueue(queue="t-out"), []
        while len(found) < 30:
            got = queue.receive(wait_seconds=5)
            assert got, f"only {len(found)} of 30 arrived"
            found += got
    finally:
        relay.stop()
        thread.join(10)
        connection.close()
    streams = {}
    for message in found:
        detail = json.loads(message.body)["detail"]
        streams.setdefault(detail["subject"], []).append(int(detail["sequence"]))
    assert all(numbers == list(range(1, 11)) for numbers in streams.values())
    assert LoopbackMessage.objects.count() == 30
    assert not OutboxEvent.objects.filter(sent_at__isnull=True).exists()

"""The publisher against a client on paper: order, confirmation, loss of the link, last will."""

import json
from datetime import UTC, datetime
from itertools import pairwise
from types import SimpleNamespace

import pytest

from vision.domain.envelope import parse
from vision.edge import publisher as module
from vision.edge.engine import Message
from vision.edge.publisher import Address, Publisher
from vision.edge.spool import Spool

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class PaperClient:
    """Remembers what was published; the test plays the broker."""

    made: list["PaperClient"]

    def __init__(self, *_args, **_options):
        self.sent, self.will, self.mid = [], None, 0
        PaperClient.made.append(self)

    def will_set(self, topic, payload, qos, retain):
        self.will = (topic, json.loads(payload), qos, retain)

    def publish(self, topic, payload, qos, retain=False):
        self.mid += 1
        self.sent.append((self.mid, topic, payload, qos, retain))
        return SimpleNamespace(mid=self.mid, wait_for_publish=lambda timeout: None)

    def accept(self):
        self.on_connect(self, None, None, SimpleNamespace(is_failure=False), None)

    def confirm(self, *mids):
        for mid in mids:
            self.on_publish(self, None, mid, None, None)

    def cut(self):
        self.on_disconnect(self, None, None, None, None)

    def of(self, channel):
        return [
            (mid, json.loads(payload)) for mid, topic, payload, *_ in self.sent if f"/{channel}/" in topic
        ]

    def max_inflight_messages_set(self, _most): ...
    def connect_async(self, *_args, **_options): ...
    def loop_start(self): ...
    def loop_stop(self): ...
    def disconnect(self): ...


@pytest.fixture
def link(monkeypatch):
    PaperClient.made = []
    monkeypatch.setattr(module.mqtt, "Client", PaperClient)
    return Publisher(Address("mqtt://127.0.0.1:1883", "s1", "edge-1"), Spool(":memory:"))


def crossed(number):
    return Message(
        "event",
        "camera-entrance",
        "door",
        {"kind": "line_crossed", "direction": "in", "count": number},
        durable=True,
    )


def connect(link, clock=0.0):
    link.pump(NOON, clock)
    client = PaperClient.made[-1]
    client.accept()
    link.pump(NOON, clock)
    return client


def counts(client):
    return [body["body"]["count"] for _mid, body in client.of("event")]


def test_what_was_counted_without_a_link_is_sent_in_order(link):
    for number in range(3):
        link.tell(crossed(number), NOON)
    client = connect(link)
    assert counts(client) == [0, 1, 2]


def test_only_what_was_confirmed_is_forgotten(link):
    for number in range(3):
        link.tell(crossed(number), NOON)
    client = connect(link)
    mids = [mid for mid, _body in client.of("event")]
    client.confirm(mids[1])
    client.cut()
    link.pump(NOON, 1.0)
    again = connect(link, clock=3.0)
    assert counts(again) == [0, 2]


def test_a_message_sent_twice_is_the_same_message(link):
    link.tell(crossed(1), NOON)
    first = connect(link)
    first.cut()
    link.pump(NOON, 1.0)
    second = connect(link, clock=3.0)
    assert [body for _mid, body in first.of("event")] == [body for _mid, body in second.of("event")]


def test_perishable_news_is_not_kept(link):
    link.tell(Message("detections", "camera-entrance", "-", {"count": 0, "points": []}), NOON)
    assert connect(link).of("detections") == []


def test_the_last_will_belongs_to_its_connection(link):
    first = connect(link)
    first.cut()
    link.pump(NOON, 1.0)
    second = connect(link, clock=3.0)
    (_, online), (_, again) = first.of("state")[0], second.of("state")[0]
    assert online["body"]["state"] == again["body"]["state"] == "online"
    assert first.will[1]["body"] == {**online["body"], "state": "offline"}
    assert second.will[1]["body"]["session"] == again["body"]["session"] != online["body"]["session"]
    assert (first.will[2], first.will[3]) == (1, True)


def test_tries_come_slower_until_one_succeeds(link):
    waits, clock = [], 0.0
    for _ in range(8):
        before = len(PaperClient.made)
        while len(PaperClient.made) == before:
            clock += 0.5
            link.pump(NOON, clock)
        waits.append(clock)
        PaperClient.made[-1].cut()
        link.pump(NOON, clock)
    gaps = [round(later - earlier) for earlier, later in pairwise(waits)]
    assert gaps == [1, 2, 4, 8, 16, 30, 30]


def test_no_more_than_a_hundred_are_on_the_way(link):
    for number in range(150):
        link.tell(crossed(number), NOON)
    client = connect(link)
    assert len(client.of("event")) == 100
    client.confirm(*[mid for mid, _body in client.of("event")][:30])
    link.pump(NOON, 1.0)
    link.pump(NOON, 1.0)
    assert len(client.of("event")) == 130


def test_everything_written_passes_the_check_of_the_store(link):
    link.tell(crossed(1), NOON)
    client = connect(link)
    link.tell(link.heartbeat(NOON), NOON)
    for _mid, topic, payload, *_ in client.sent:
        assert parse(topic, payload, NOON).device == "edge-1"
    parse(client.will[0], json.dumps(client.will[1]).encode(), NOON)


def test_a_missing_certificate_is_tried_again(monkeypatch, tmp_path):
    link = Publisher(
        Address(
            "mqtts://127.0.0.1:8883",
            "s1",
            "edge-1",
            tmp_path / "no.pem",
            tmp_path / "no.pem",
            tmp_path / "no.key",
        ),
        Spool(":memory:"),
    )
    link.pump(NOON, 0.0)
    assert not link.connected
    link.pump(NOON, 5.0)
    assert not link.connected

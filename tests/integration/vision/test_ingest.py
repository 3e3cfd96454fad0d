import random
from collections import Counter
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from store.models import Device, OutboxEvent, QuarantinedMessage
from tests.factories.vision import NOON, Edge, make_store
from vision import invariants
from vision.domain import ulid
from vision.models import Camera, DetectionSample, EdgeBox, HeatCell, MinuteCount, Scope, VisionEvent
from vision.services.ingest import Raw, store_batch
from vision.services.states import sweep

pytestmark = pytest.mark.django_db


@pytest.fixture
def edge():
    cache.clear()
    make_store()
    return Edge()


def store(*messages, now=NOON):
    return store_batch(messages=messages, now=now)


def counts():
    return sorted(MinuteCount.objects.values_list("scope__code", "metric", "bucket", "value", "seq"))


def test_a_minute_is_stored_with_its_coverage(edge):
    store(edge.minute(7, 2, coverage=42.5))
    assert counts() == [("door", "in", NOON, 7.0, 1), ("door", "out", NOON, 2.0, 1)]
    assert set(MinuteCount.objects.values_list("coverage_s", flat=True)) == {42.5}


def test_a_later_report_of_a_minute_replaces_the_earlier(edge):
    early, late = edge.minute(1), edge.minute(5)
    store(early)
    store(late)
    assert counts()[0] == ("door", "in", NOON, 5.0, 2)


def test_an_earlier_report_changes_nothing(edge):
    early, late = edge.minute(1), edge.minute(5)
    store(late)
    store(early)
    assert counts()[0] == ("door", "in", NOON, 5.0, 2)


def test_both_reports_in_one_batch_keep_the_later(edge):
    early, late = edge.minute(1), edge.minute(5)
    store(late, early)
    assert counts()[0] == ("door", "in", NOON, 5.0, 2)


@pytest.mark.parametrize("seed", range(5))
def test_duplicates_and_disorder_end_in_the_same_records(edge, seed):
    messages = [edge.minute(n, bucket=NOON + timedelta(minutes=n % 7)) for n in range(30)]
    messages += [edge.crossed(at=NOON + timedelta(seconds=n)) for n in range(40)]
    messages += [edge.detections([[0.5, 0.5]], at=NOON + timedelta(seconds=n)) for n in range(20)]
    last = {n % 7: float(n) for n in range(30)}
    shuffled = messages * 3
    random.Random(seed).shuffle(shuffled)
    for start in range(0, len(shuffled), 25):
        store(*shuffled[start : start + 25], now=NOON + timedelta(minutes=10))
    assert {bucket.minute: value for _, metric, bucket, value, _ in counts() if metric == "in"} == last
    assert VisionEvent.objects.count() == 40
    assert DetectionSample.objects.count() == 20
    assert HeatCell.objects.get().hits == 20
    assert QuarantinedMessage.objects.count() == 0
    assert invariants.check() == []


def test_an_unobserved_minute_has_no_row(edge):
    store(edge.minute(3), edge.minute(4, bucket=NOON + timedelta(minutes=2)))
    assert not MinuteCount.objects.filter(bucket=NOON + timedelta(minutes=1)).exists()


def test_the_number_of_statements_does_not_grow_with_the_batch(edge):
    def statements(size):
        messages = [edge.crossed() for _ in range(size)] + [edge.minute(1) for _ in range(size)]
        messages += [edge.detections([[0.1, 0.1], [0.9, 0.9]]) for _ in range(size)]
        messages += [edge.queue(n) for n in range(size)] + [edge.camera() for _ in range(size)]
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            store(*messages)
        return len(captured)

    store(edge.queue(0), edge.camera())
    small, large = statements(2), statements(40)
    assert large <= small
    assert large <= 32


def reasons():
    found = Counter()
    for row in QuarantinedMessage.objects.all():
        found[row.reason.split(":")[0]] += row.count
    return dict(found)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"{broken", "bad_json"),
        (b"", "bad_json"),
        (b"[]", "bad_json"),
        (b"\x00\xff", "bad_json"),
        (b"{}", "bad_version"),
    ],
)
def test_broken_messages_are_put_aside_and_stop_nothing(edge, payload, reason):
    broken = Raw("store/s1/edge/edge-1/event/camera-entrance/door", payload, NOON)
    result = store(broken, edge.crossed(), broken)
    assert (result.records, result.aside) == (1, 2)
    assert reasons() == {reason: 2}
    assert VisionEvent.objects.count() == 1


def test_strangers_are_put_aside_with_their_reason(edge):
    Device.objects.create(kind="EDGE", code="edge-9", name="Old box", enrolled_at=NOON, revoked_at=NOON)
    Device.objects.create(kind="EDGE", code="edge-2", name="Other box", enrolled_at=NOON)
    door = ("event", "camera-entrance", "door", {"kind": "line_crossed", "direction": "in"})
    store(
        Edge(device="edge-7").say(*door),
        Edge(device="edge-9").say(*door),
        Edge(device="edge-2").say(*door),
        Edge(site="s2").say(*door),
        edge.say("event", "camera-9", "door", door[3]),
        edge.say("event", "camera-entrance", "window", door[3]),
        edge.say(
            "minute",
            "camera-entrance",
            "promo",
            {"bucket": NOON.isoformat(), "coverage_s": 1, "metrics": {"in": 1}},
        ),
    )
    assert reasons() == {
        "unknown_device": 1,
        "revoked_device": 1,
        "unknown_camera": 2,
        "unknown_site": 1,
        "unknown_scope": 1,
        "wrong_scope": 1,
    }
    assert QuarantinedMessage.objects.count() == 7
    assert not VisionEvent.objects.exists()
    assert not MinuteCount.objects.exists()


def test_a_message_about_a_person_is_refused_and_nothing_of_it_is_counted(edge):
    store(
        edge.say("event", "camera-entrance", "door", {"kind": "line_crossed", "direction": "in", "age": 31})
    )
    assert reasons() == {"unknown_field": 1}
    assert not VisionEvent.objects.exists()


def facts(name):
    return [event.payload for event in OutboxEvent.objects.filter(type=name).order_by("id")]


def test_a_count_is_announced_when_it_changes_and_again_before_it_runs_out(edge):
    store(edge.queue(2))
    store(edge.queue(2, at=NOON + timedelta(seconds=5)), now=NOON + timedelta(seconds=5))
    store(edge.queue(3, at=NOON + timedelta(seconds=6)), now=NOON + timedelta(seconds=6))
    store(edge.queue(3, at=NOON + timedelta(seconds=26)), now=NOON + timedelta(seconds=26))
    assert [fact["length"] for fact in facts("vision.queue_length.changed.v1")] == [2, 3, 3]


def test_an_audience_is_announced_for_signage(edge):
    store(edge.queue(4, scope="promo", camera="camera-entrance"))
    (fact,) = facts("vision.audience.changed.v1")
    assert (fact["camera"], fact["zone"], fact["count"]) == ("camera-entrance", "promo", 4)


def test_an_older_count_changes_nothing(edge):
    newer, older = edge.queue(5, at=NOON + timedelta(seconds=2)), edge.queue(1, at=NOON)
    store(newer, now=NOON + timedelta(seconds=2))
    store(older, now=NOON + timedelta(seconds=3))
    assert Scope.objects.get(code="queue").count == 5


def test_a_retained_count_that_ran_out_is_unknown_and_announces_nothing(edge):
    now = NOON + timedelta(hours=1)
    store(edge.queue(5), now=now)
    assert Scope.objects.get(code="queue").count_now(now) is None
    assert facts("vision.queue_length.changed.v1") == []


def test_a_box_whose_clock_was_set_back_is_heard_once_the_old_count_ran_out(edge):
    store(edge.queue(5, at=NOON + timedelta(minutes=4)), now=NOON)
    now = NOON + timedelta(minutes=6)
    store(edge.queue(1, at=NOON + timedelta(minutes=3), lives=240), now=now)
    assert Scope.objects.get(code="queue").count_now(now) == 1


def test_camera_states_are_facts_only_when_they_change(edge):
    store(edge.camera("up"))
    store(edge.camera("up", at=NOON + timedelta(seconds=10)), now=NOON + timedelta(seconds=10))
    store(
        edge.camera("down", at=NOON + timedelta(seconds=20), reason="no picture"),
        now=NOON + timedelta(seconds=20),
    )
    assert [fact["state"] for fact in facts("vision.camera_state.changed.v1")] == ["UP", "DOWN"]


def test_a_silent_camera_becomes_unknown(edge):
    store(edge.camera("up"))
    sweep(now=NOON + timedelta(seconds=29))
    assert Camera.objects.get(code="camera-tills").state == "UP"
    sweep(now=NOON + timedelta(seconds=31))
    sweep(now=NOON + timedelta(seconds=33))
    assert Camera.objects.get(code="camera-tills").state == "UNKNOWN"
    assert [fact["state"] for fact in facts("vision.camera_state.changed.v1")] == ["UP", "UNKNOWN"]


def test_a_last_will_counts_only_for_its_own_connection(edge):
    first, second = ulid.encode(1, 1), ulid.encode(2, 1)
    store(edge.box("online", first))
    assert EdgeBox.objects.get().is_online
    store(edge.box("online", second))
    store(edge.box("offline", first))
    assert EdgeBox.objects.get().is_online
    store(edge.box("offline", second))
    assert not EdgeBox.objects.get().is_online


def test_a_silent_box_goes_offline(edge):
    store(edge.box("online", ulid.encode(1, 1)))
    sweep(now=NOON + timedelta(seconds=31))
    assert not EdgeBox.objects.get().is_online


def test_what_was_counted_during_an_outage_arrives_later_in_its_own_minutes(edge):
    late = [edge.minute(n, bucket=NOON + timedelta(minutes=n)) for n in range(1440)]
    now = NOON + timedelta(days=1)
    for start in range(0, len(late), 200):
        messages = [Raw(raw.topic, raw.payload, now) for raw in late[start : start + 200]]
        assert store(*messages, now=now).aside == 0
    assert MinuteCount.objects.filter(metric="in").count() == 1440

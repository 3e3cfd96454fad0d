import json
from datetime import UTC, datetime, timedelta

from vision.domain.envelope import build, parse
from vision.domain.geometry import Point
from vision.domain.ulid import encode
from vision.edge.engine import Engine
from vision.edge.layout import ENTRANCE, TILLS

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
STEP = timedelta(seconds=0.2)


def run(engine, path, *, start=NOON, track=1):
    """Let one person walk a path, one place per picture; returns all messages."""
    messages = []
    for number, place in enumerate(path):
        seen = [] if place is None else [(track, Point(*place))]
        messages += engine.step(seen, start + number * STEP)
    return messages


def bodies(messages, kind, scope):
    return [message.body for message in messages if message.type == kind and message.scope == scope]


def up_the_middle(steps=20):
    return [(0.5, 0.9 - 0.8 * number / steps) for number in range(steps + 1)]


def test_somebody_walking_in_is_counted_once():
    engine = Engine(ENTRANCE, fps=5)
    messages = run(engine, up_the_middle() + [None] * 40)
    assert [body["direction"] for body in bodies(messages, "event", "door")] == ["in"]
    assert bodies(messages, "minute", "door")[-1]["metrics"] == {"in": 1, "out": 0}


def test_a_glimpse_is_nobody():
    engine = Engine(ENTRANCE, fps=5)
    messages = run(engine, [(0.5, 0.9), (0.5, 0.1)] + [None] * 20)
    assert bodies(messages, "event", "door") == []


def test_a_minute_is_closed_when_the_next_begins_and_covers_what_was_seen():
    engine = Engine(ENTRANCE, fps=5)
    messages = run(engine, [None] * 305)
    closed = [body for body in bodies(messages, "minute", "door") if body["bucket"] == NOON.isoformat()][-1]
    assert 59.5 <= closed["coverage_s"] <= 60


def test_time_without_pictures_is_not_covered():
    engine = Engine(ENTRANCE, fps=5)
    run(engine, [None] * 50)
    messages = run(engine, [None] * 50, start=NOON + timedelta(seconds=40))
    last = bodies(messages, "minute", "door")[-1]
    assert last["coverage_s"] < 21


def test_a_restarted_box_goes_on_with_its_minute():
    first = Engine(ENTRANCE, fps=5)
    run(first, up_the_middle() + [None] * 20)
    second = Engine(ENTRANCE, fps=5)
    second.resume(first.snapshot())
    messages = run(second, up_the_middle() + [None] * 70, start=NOON + timedelta(seconds=20), track=2)
    assert bodies(messages, "minute", "door")[-1]["metrics"]["in"] == 2


def test_a_box_restarted_in_another_minute_reports_the_old_one():
    first = Engine(ENTRANCE, fps=5)
    run(first, up_the_middle() + [None] * 20)
    second = Engine(ENTRANCE, fps=5)
    second.resume(first.snapshot())
    messages = run(second, [None], start=NOON + timedelta(minutes=7))
    report = bodies(messages, "minute", "door")[0]
    assert (report["bucket"], report["metrics"]["in"]) == (NOON.isoformat(), 1)


def test_a_zone_says_its_count_when_it_changes_and_regularly():
    engine = Engine(TILLS, fps=5)
    messages = run(engine, [None] * 5 + [(0.5, 0.5)] * 60)
    assert [body["count"] for body in bodies(messages, "state", "queue")] == [0, 1, 1]


def test_everything_said_passes_the_check_of_the_store():
    engine = Engine(ENTRANCE, fps=5)
    messages = [*run(engine, up_the_middle() + [None] * 300), engine.down(NOON, "no picture")]
    for seq, message in enumerate(messages, start=1):
        channel = message.type
        topic = f"store/s1/edge/edge-1/{channel}/{message.camera}/{message.scope}"
        payload = build(
            ulid=encode(seq, seq), kind=message.type, device="edge-1", seq=seq, at=NOON,
            camera=message.camera, scope=message.scope, body=message.body,
        )  # fmt: skip
        assert parse(topic, payload, NOON + timedelta(minutes=2)).seq == seq
    assert {message.type for message in messages} == {"event", "minute", "state", "detections"}


def test_nothing_said_carries_a_number_of_a_person():
    track = 987_654_321_012
    engine = Engine(ENTRANCE, fps=5)
    messages = run(engine, up_the_middle() + [None] * 100, track=track)
    assert str(track) not in json.dumps([message.body for message in messages])
    assert str(track) not in engine.snapshot()


def test_a_track_is_forgotten_soon_after_it_ended():
    engine = Engine(ENTRANCE, fps=5)
    run(engine, up_the_middle())
    run(engine, [None] * 15, start=NOON + timedelta(seconds=5))
    assert engine._tracks == {}
    assert all(not counter._walks for counter in engine._lines.values())

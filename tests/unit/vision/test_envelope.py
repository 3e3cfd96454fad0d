import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.domain.envelope import (
    CameraState,
    Detections,
    DeviceState,
    EnvelopeError,
    Happening,
    Heartbeat,
    Minute,
    ZoneState,
    build,
    parse,
)
from vision.domain.ulid import encode

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ULID = encode(1, 1)
SOON = (NOON + timedelta(seconds=30)).isoformat()


def topic(channel="event", camera="camera-entrance", scope="door"):
    return f"store/s1/edge/edge-1/{channel}/{camera}/{scope}"


def payload(kind="event", body=None, camera="camera-entrance", scope="door", **changes):
    data = {
        "v": 1,
        "id": ULID,
        "type": kind,
        "device": "edge-1",
        "seq": 7,
        "at": NOON.isoformat(),
        "camera": camera,
        "scope": scope,
        "body": {"kind": "line_crossed", "direction": "in"} if body is None else body,
    }
    data.update(changes)
    return json.dumps(data).encode()


def code_of(*arguments):
    with pytest.raises(EnvelopeError) as caught:
        parse(*arguments, NOON)
    return caught.value.code


@pytest.mark.parametrize(
    ("place", "body", "expected"),
    [
        (
            ("event", "event", "c", "s"),
            {"kind": "zone_left", "count": 2, "dwell_s": 3.5},
            Happening("zone_left", None, 2, 3.5),
        ),
        (
            ("detections", "detections", "c", "-"),
            {"count": 1, "points": [[0.5, 1]]},
            Detections(1, ((0.5, 1.0),)),
        ),
        (
            ("minute", "minute", "c", "s"),
            {"bucket": NOON.isoformat(), "coverage_s": 58.5, "metrics": {"out": 1, "in": 2}},
            Minute(NOON, 58.5, {"in": 2.0, "out": 1.0}),
        ),
        (
            ("state", "state", "c", "-"),
            {"state": "up", "fps": 10, "reason": "", "expires_at": SOON},
            CameraState("up", 10.0, "", NOON + timedelta(seconds=30)),
        ),
        (
            ("state", "state", "c", "queue"),
            {"count": 4, "expires_at": SOON},
            ZoneState(4, NOON + timedelta(seconds=30)),
        ),
        (
            ("state", "state", "-", "-"),
            {"state": "offline", "session": ULID, "version": "1"},
            DeviceState("offline", ULID, "1"),
        ),
        (("hb", "heartbeat", "-", "-"), {"session": ULID, "waiting": 0}, Heartbeat(ULID, 0)),
    ],
)
def test_every_type_is_read(place, body, expected):
    channel, kind, camera, scope = place
    message = payload(kind, body, camera, scope)
    assert parse(topic(channel, camera, scope), message, NOON).body == expected


def test_built_is_read_again():
    message = build(
        ulid=ULID,
        kind="event",
        device="edge-1",
        seq=9,
        at=NOON,
        camera="camera-entrance",
        scope="door",
        body={"kind": "line_crossed", "direction": "out"},
    )
    envelope = parse(topic(), message, NOON)
    assert (envelope.seq, envelope.at, envelope.body) == (
        9,
        NOON,
        Happening("line_crossed", "out", None, None),
    )


@pytest.mark.parametrize(
    "bad",
    ["", "store/s1/edge/edge-1/event/c", "store/s1/edge//event/c/s", "shop/s1/edge/e/event/c/s", topic("x")],
)
def test_other_topics_are_refused(bad):
    assert code_of(bad, payload()) == "bad_topic"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"{", "bad_json"),
        (b"", "bad_json"),
        (b"\xff\xfe", "bad_json"),
        (b"[1]", "bad_json"),
        (b"[" * 20_000, "bad_json"),
        (b"x" * 40_000, "too_large"),
        (payload(v=2), "bad_version"),
        (payload(v=True), "bad_version"),
        (payload(id="abc"), "bad_value"),
        (payload(seq=-1), "bad_value"),
        (payload(seq=True), "bad_value"),
        (payload(seq=1.5), "bad_value"),
        (payload(seq=2**60), "bad_value"),
        (payload(device="edge-2"), "wrong_topic"),
        (payload(camera="camera-tills"), "wrong_topic"),
        (payload(type="minute"), "wrong_topic"),
        (payload(body=[]), "bad_value"),
        (payload(face="x"), "unknown_field"),
        (payload(at="yesterday"), "bad_time"),
        (payload(at=5), "bad_time"),
        (payload(at="2026-03-02T12:00:00"), "bad_time"),
        (payload(at=(NOON + timedelta(minutes=6)).isoformat()), "bad_time"),
        (payload(at=(NOON - timedelta(days=32)).isoformat()), "bad_time"),
        (payload(at="1970-01-01T00:00:00Z"), "bad_time"),
        (payload(body={}), "missing_field"),
        (payload(body={"kind": "line_crossed"}), "missing_field"),
        (payload(body={"kind": "danced"}), "bad_value"),
        (payload(body={"kind": "zone_left", "age": 30}), "unknown_field"),
        (payload(body={"kind": "zone_left", "embedding": [1]}), "unknown_field"),
        (payload(body={"kind": "zone_left", "dwell_s": float("nan")}), "bad_value"),
        (payload(body={"kind": "zone_left", "dwell_s": float("inf")}), "bad_value"),
        (payload(body={"kind": "zone_left", "dwell_s": -1}), "bad_value"),
        (payload(body={"kind": "zone_left", "dwell_s": "3"}), "bad_value"),
        (payload(body={"kind": "zone_left", "count": 10_001}), "bad_value"),
    ],
)
def test_bad_messages_are_refused_with_their_reason(message, code):
    assert code_of(topic(), message) == code


def test_an_envelope_without_a_field_is_refused():
    data = json.loads(payload())
    for name in data.keys() - {"v"}:
        assert (
            code_of(topic(), json.dumps({k: v for k, v in data.items() if k != name}).encode())
            == "missing_field"
        )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"bucket": NOON.isoformat(), "coverage_s": 61, "metrics": {"in": 1}}, "bad_value"),
        ({"bucket": NOON.isoformat(), "coverage_s": 60, "metrics": {}}, "bad_value"),
        ({"bucket": NOON.isoformat(), "coverage_s": 60, "metrics": {"gender": 1}}, "unknown_field"),
        ({"bucket": NOON.isoformat(), "coverage_s": 60, "metrics": {"in": None}}, "bad_value"),
        ({"bucket": NOON.replace(second=1).isoformat(), "coverage_s": 60, "metrics": {"in": 1}}, "bad_time"),
    ],
)
def test_bad_minutes_are_refused(body, code):
    assert code_of(topic("minute"), payload("minute", body)) == code


@pytest.mark.parametrize(
    "points", [None, [[0.5]], [[0.5, 2]], [["a", 0]], [0.5], [[0.5, 0.5]] * 301, [[0.5, 0.5, "id-7"]]]
)
def test_bad_points_are_refused(points):
    assert code_of(topic("detections"), payload("detections", {"count": 1, "points": points})) == "bad_value"


def test_an_absurd_expiry_is_refused():
    body = {"count": 1, "expires_at": (NOON + timedelta(days=1)).isoformat()}
    assert code_of(topic("state"), payload("state", body)) == "bad_time"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_check(message):
    assert code_of(topic(), message)


@given(
    st.sampled_from(["event", "minute", "detections", "state", "heartbeat"]),
    st.sampled_from(["v", "id", "device", "seq", "at", "camera", "scope", "body"]),
    JSON,
)
def test_no_value_breaks_the_check(kind, field, value):
    channel = "hb" if kind == "heartbeat" else kind
    message = payload(kind, **({"body": value} if field == "body" else {field: value}))
    with suppress(EnvelopeError):
        parse(topic(channel), message, NOON)

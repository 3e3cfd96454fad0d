"""What devices send, and what nobody can use."""

from __future__ import annotations

import contextlib
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.adapters.decode import Measurement, Presence, UnusableMessageError, decode

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TOPIC = "store/s1/sensors/sensor-freezer-1/temperature"


def measurement(payload: bytes) -> Measurement:
    decoded = decode(TOPIC, payload, NOW)
    assert isinstance(decoded, Measurement)
    return decoded


@pytest.mark.parametrize(
    ("payload", "value", "at", "flags"),
    [
        (b'{"value": -18.5}', -18.5, NOW, 0),
        (b'{"value": -18, "at": "2026-11-23T11:00:00Z"}', -18.0, datetime(2026, 11, 23, 11, tzinfo=UTC), 0),
        (b'{"value": 3, "at": "2026-11-23T12:00:00+01:00"}', 3.0, datetime(2026, 11, 23, 11, tzinfo=UTC), 0),
        (b'{"value": 3, "at": "2026-11-23T11:00:00"}', 3.0, datetime(2026, 11, 23, 11, tzinfo=UTC), 0),
        (b'{"value": 3, "at": 1795431600000}', 3.0, datetime(2026, 11, 23, 11, tzinfo=UTC), 0),
        (b'{"value": 3, "door": true}', 3.0, NOW, 1),
        (b'{"value": 3, "door": true, "defrost": true, "seq": 7}', 3.0, NOW, 3),
    ],
)
def test_decode_reads_plain_json(payload: bytes, value: float, at: datetime, flags: int) -> None:
    decoded = measurement(payload)
    assert (decoded.device, decoded.channel) == ("sensor-freezer-1", "temperature")
    assert (decoded.value, decoded.at, decoded.flags) == (value, at, flags)


@pytest.mark.parametrize(
    "payload", [b'{"value": NaN}', b'{"value": null}', b'{"value": NaN, "at": 1795431600000}']
)
def test_decode_hands_a_missing_number_on_to_validation(payload: bytes) -> None:
    assert math.isnan(measurement(payload).value)


def test_decode_hands_infinity_on_to_validation() -> None:
    assert measurement(b'{"value": -Infinity}').value == -math.inf


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"-18.5",
        b"[]",
        b"null",
        b"{}",
        b'{"value": "cold"}',
        b'{"value": true}',
        b'{"value": 1, "at": "yesterday"}',
        b'{"value": 1, "at": 99999999999999999}',
        b'{"value": NaN, "at": 99999999999999999}',
        b'{"value": NaN',
        b"\xff\xfe",
        b'{"value": 1, "pad": "' + b"x" * 70_000 + b'"}',
    ],
)
def test_decode_refuses_what_it_cannot_read_and_says_why(payload: bytes) -> None:
    with pytest.raises(UnusableMessageError) as refused:
        decode(TOPIC, payload, NOW)
    assert str(refused.value)


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "a",
        "store/s1/sensors/x",
        "store/s1/sensors/x/y/z",
        "store/s1/edge/x/y",
        "store//sensors/x/y",
        "store/s1/sensors//y",
    ],
)
def test_decode_refuses_topics_of_another_shape(topic: str) -> None:
    with pytest.raises(UnusableMessageError, match="topic"):
        decode(topic, b'{"value": 1}', NOW)


def test_decode_reads_presence_and_ignores_our_own_commands() -> None:
    base = "store/s1/sensors/sensor-freezer-1"
    assert decode(f"{base}/state", b'{"state": "offline"}', NOW) == Presence(
        "sensor-freezer-1", online=False, received_at=NOW
    )
    assert decode(f"{base}/command", b'{"do": "warm"}', NOW) is None
    with pytest.raises(UnusableMessageError):
        decode(f"{base}/state", b'{"state": "asleep"}', NOW)


@given(st.binary(max_size=200))
def test_decode_survives_any_bytes(payload: bytes) -> None:
    with contextlib.suppress(UnusableMessageError):
        decode(TOPIC, payload, NOW)

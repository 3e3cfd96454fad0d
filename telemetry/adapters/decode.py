"""What devices send, turned into measurements: by topic and shape. No Django.

Topics: `store/<site>/sensors/<device>/<channel>` with
`{"value": -18.4, "at": "2026-11-23T16:00:00.250Z", "door": false, "defrost": false}`; `at` may also be
milliseconds since 1970, or be missing (then the time of receipt counts). The channel `state` carries
`{"state": "online"}` or, as last will, `{"state": "offline"}`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

STATE_CHANNEL = "state"
COMMAND_CHANNEL = "command"
DOOR, DEFROST = 1, 2
MAX_PAYLOAD = 65_536
_TOPIC_PARTS = 5


class UnusableMessageError(Exception):
    """Nobody can use this message; the text says why."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value of one channel of one device. `value` may be NaN: validation decides."""

    device: str
    channel: str
    value: float
    at: datetime
    received_at: datetime
    flags: int
    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Presence:
    """A device said that it is there, or the broker said for it that it is gone."""

    device: str
    online: bool
    received_at: datetime


class _Plain(msgspec.Struct):
    value: float | None
    at: datetime | int | None = None
    door: bool = False
    defrost: bool = False


class _State(msgspec.Struct):
    state: str


_plain = msgspec.json.Decoder(_Plain)
_state = msgspec.json.Decoder(_State)
_topics: dict[str, tuple[str, str]] = {}
_MAX_TOPICS = 10_000


def decode(topic: str, payload: bytes, received_at: datetime) -> Measurement | Presence | None:
    """Decode one message; None for our own commands to devices. Raises UnusableMessageError."""
    device, channel = _split(topic)
    if channel == COMMAND_CHANNEL:
        return None
    if len(payload) > MAX_PAYLOAD:
        raise UnusableMessageError(f"longer than {MAX_PAYLOAD} bytes")
    if channel == STATE_CHANNEL:
        return Presence(device, _decode_state(payload), received_at)
    message = _decode_plain(payload)
    value = float("nan") if message.value is None else message.value
    flags = (DOOR if message.door else 0) | (DEFROST if message.defrost else 0)
    at = received_at if message.at is None else _time(message.at)
    return Measurement(device, channel, value, at, received_at, flags, topic, payload)


def _split(topic: str) -> tuple[str, str]:
    known = _topics.get(topic)
    if known is not None:
        return known
    parts = topic.split("/")
    if len(parts) != _TOPIC_PARTS or parts[0] != "store" or parts[2] != "sensors" or not all(parts):
        raise UnusableMessageError("topic is not store/<site>/sensors/<device>/<channel>")
    if len(_topics) >= _MAX_TOPICS:
        _topics.clear()
    _topics[topic] = parts[3], parts[4]
    return parts[3], parts[4]


def _decode_state(payload: bytes) -> bool:
    try:
        state = _state.decode(payload).state
    except msgspec.DecodeError as error:
        raise UnusableMessageError(str(error)) from error
    if state not in ("online", "offline"):
        raise UnusableMessageError("state is neither online nor offline")
    return state == "online"


def _decode_plain(payload: bytes) -> _Plain:
    try:
        return _plain.decode(payload)
    except msgspec.ValidationError as error:
        raise UnusableMessageError(str(error)) from error
    except msgspec.DecodeError as error:
        return _decode_not_a_number(payload, error)


def _decode_not_a_number(payload: bytes, reason: msgspec.DecodeError) -> _Plain:
    # Many libraries write NaN and Infinity, which JSON does not have: such a reading is known and bad.
    if b"NaN" not in payload and b"Infinity" not in payload:
        raise UnusableMessageError(str(reason)) from reason
    try:
        loaded = json.loads(payload)
        return msgspec.convert(loaded, _Plain)
    except (ValueError, RecursionError) as error:
        raise UnusableMessageError(str(reason)) from error


def _time(at: datetime | int) -> datetime:
    if isinstance(at, datetime):
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    try:
        return datetime.fromtimestamp(at / 1000, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise UnusableMessageError("the time is out of range") from error

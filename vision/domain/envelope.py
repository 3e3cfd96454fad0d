"""The JSON envelope of an edge box: one shape for every message, and the check of all of it.

Only the fields written here are let in. A message with any other field is refused, so nothing about a
person (a picture, a face, an age, a lasting id) can reach the store by way of an innocent extension; a
new field needs a new version `v`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from vision.domain.minutes import METRICS
from vision.domain.ulid import is_ulid

VERSION = 1
MAX_BYTES = 32 * 1024
MAX_COUNT = 10_000
MAX_POINTS = 300
MAX_SEQ = 2**53
OLDEST = timedelta(days=31)
AHEAD = timedelta(minutes=5)
NONE = "-"
TOPIC_PARTS = 7
LONGEST_TEXT = 200
PAIR = 2

KINDS = frozenset(
    {
        "line_crossed",
        "zone_entered",
        "zone_left",
        "dwell_ended",
        "queue_alert_raised",
        "queue_alert_cleared",
        "shelf_gap_opened",
        "shelf_gap_closed",
        "camera_up",
        "camera_down",
    }
)
CHANNELS = {
    "state": "state",
    "event": "event",
    "minute": "minute",
    "detections": "detections",
    "hb": "heartbeat",
}


class EnvelopeError(ValueError):
    """A message that cannot be taken; `code` says why in one word, `detail` for the technician."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Topic:
    """`store/<site>/edge/<device>/<channel>/<camera>/<scope>`."""

    site: str
    device: str
    type: str
    camera: str
    scope: str


@dataclass(frozen=True, slots=True)
class Detections:
    """How many people are in the picture and where they stand (fractions of the picture, no ids)."""

    count: int
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Happening:
    """One counted event; which optional fields it has depends on its kind."""

    kind: str
    direction: str | None
    count: int | None
    dwell_s: float | None


@dataclass(frozen=True, slots=True)
class Minute:
    """A cumulative report of one minute of one scope."""

    bucket: datetime
    coverage_s: float
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class CameraState:
    """Whether a camera delivers pictures; runs out at `expires_at`."""

    state: str
    fps: float
    reason: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ZoneState:
    """People in a zone now; runs out at `expires_at`."""

    count: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class DeviceState:
    """An edge box came or went; `session` is the ULID of its connection."""

    state: str
    session: str
    version: str


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """An edge box lives; `waiting` messages are in its spool."""

    session: str
    waiting: int


Body = Detections | Happening | Minute | CameraState | ZoneState | DeviceState | Heartbeat


@dataclass(frozen=True, slots=True)
class Envelope:
    """A checked message. `seq` rises with every message of the device."""

    id: str
    type: str
    device: str
    seq: int
    at: datetime
    camera: str
    scope: str
    body: Body


def _refuse(code: str, detail: str) -> NoReturn:
    raise EnvelopeError(code, detail)


def parse_topic(topic: str) -> Topic:
    """Take a topic apart. Raises EnvelopeError `bad_topic`."""
    parts = topic.split("/")
    if len(parts) != TOPIC_PARTS or parts[0] != "store" or parts[2] != "edge" or "" in parts:
        _refuse("bad_topic", "expected store/<site>/edge/<device>/<channel>/<camera>/<scope>")
    if parts[4] not in CHANNELS:
        _refuse("bad_topic", f"unknown channel {parts[4]!r}"[:80])
    return Topic(site=parts[1], device=parts[3], type=CHANNELS[parts[4]], camera=parts[5], scope=parts[6])


def parse(topic: str, payload: bytes, received_at: datetime) -> Envelope:
    """Check a message completely and return it.

    Raises EnvelopeError with the code bad_topic, too_large, bad_json, bad_version, missing_field,
    unknown_field, bad_value, wrong_topic (envelope and topic disagree) or bad_time.
    """
    place = parse_topic(topic)
    data = _load(payload)
    if data.get("v") != VERSION or isinstance(data.get("v"), bool):
        _refuse("bad_version", f"v is {data.get('v')!r}, this store reads {VERSION}"[:80])
    _only(data, {"v", "id", "type", "device", "seq", "at", "camera", "scope", "body"})
    if not is_ulid(data["id"]):
        _refuse("bad_value", "id is not a ULID")
    told = Topic(place.site, data["device"], data["type"], data["camera"], data["scope"])
    if told != place:
        _refuse("wrong_topic", "device, type, camera and scope must be those of the topic")
    body = data["body"]
    if not isinstance(body, dict):
        _refuse("bad_value", "body is not an object")
    return Envelope(
        id=data["id"],
        type=place.type,
        device=place.device,
        seq=_integer(data, "seq", MAX_SEQ),
        at=_time(data, "at", received_at),
        camera=place.camera,
        scope=place.scope,
        body=_body(place, body, received_at),
    )


def build(
    *, ulid: str, kind: str, device: str, seq: int, at: datetime, camera: str, scope: str, body: object
) -> bytes:
    """Write an envelope as the edge sends it."""
    return json.dumps(
        {
            "v": VERSION,
            "id": ulid,
            "type": kind,
            "device": device,
            "seq": seq,
            "at": at.astimezone(UTC).isoformat(),
            "camera": camera,
            "scope": scope,
            "body": body,
        },
        separators=(",", ":"),
        allow_nan=False,
    ).encode()


def _load(payload: bytes) -> dict[str, Any]:
    if len(payload) > MAX_BYTES:
        _refuse("too_large", f"{len(payload)} bytes, at most {MAX_BYTES}")
    try:
        data = json.loads(payload, parse_constant=lambda name: _refuse("bad_value", f"{name} is no number"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise EnvelopeError("bad_json", str(error)[:120]) from error
    if not isinstance(data, dict):
        _refuse("bad_json", "not an object")
    return data


def _only(data: Mapping[str, Any], required: set[str], optional: frozenset[str] = frozenset()) -> None:
    missing = required - data.keys()
    if missing:
        _refuse("missing_field", ", ".join(sorted(missing)))
    unknown = data.keys() - required - optional
    if unknown:
        _refuse("unknown_field", ", ".join(sorted(unknown))[:120])


def _integer(data: Mapping[str, Any], name: str, most: int = MAX_COUNT) -> int:
    value = data[name]
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        _refuse("bad_value", f"{name} is not a whole number from 0 to {most}")
    return value


def _number(value: object, name: str, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        _refuse("bad_value", f"{name} is not a number")
    if not math.isfinite(value) or not 0 <= value <= most:
        _refuse("bad_value", f"{name} is not between 0 and {most:g}")
    return float(value)


def _text(data: Mapping[str, Any], name: str, allowed: frozenset[str] | None = None) -> str:
    value = data[name]
    if (
        not isinstance(value, str)
        or len(value) > LONGEST_TEXT
        or (allowed is not None and value not in allowed)
    ):
        _refuse("bad_value", f"{name} is not one of the known words" if allowed else f"{name} is no text")
    return value


def _session(data: Mapping[str, Any]) -> str:
    if not is_ulid(data["session"]):
        _refuse("bad_value", "session is not a ULID")
    return str(data["session"])


def _time(data: Mapping[str, Any], name: str, received_at: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(data[name])
    except (TypeError, ValueError) as error:
        raise EnvelopeError("bad_time", f"{name} is no ISO 8601 time") from error
    if moment.tzinfo is None:
        _refuse("bad_time", f"{name} has no offset from UTC")
    if not received_at - OLDEST <= moment <= received_at + AHEAD:
        _refuse("bad_time", f"{name} is more than {OLDEST.days} days old or in the future")
    return moment.astimezone(UTC)


def _body(place: Topic, body: dict[str, Any], received_at: datetime) -> Body:
    if place.type == "detections":
        return _detections(body)
    if place.type == "event":
        return _happening(body)
    if place.type == "minute":
        return _minute(body, received_at)
    if place.type == "heartbeat":
        _only(body, {"session", "waiting"})
        return Heartbeat(_session(body), _integer(body, "waiting", MAX_SEQ))
    return _state(place, body, received_at)


def _detections(body: dict[str, Any]) -> Detections:
    _only(body, {"count", "points"})
    points = body["points"]
    if not isinstance(points, list) or len(points) > MAX_POINTS:
        _refuse("bad_value", f"points is not a list of at most {MAX_POINTS}")
    places = []
    for point in points:
        if not isinstance(point, list) or len(point) != PAIR:
            _refuse("bad_value", "a point is not a pair")
        places.append((_number(point[0], "x", 1), _number(point[1], "y", 1)))
    return Detections(_integer(body, "count"), tuple(places))


def _happening(body: dict[str, Any]) -> Happening:
    _only(body, {"kind"}, frozenset({"direction", "count", "dwell_s"}))
    kind = _text(body, "kind", KINDS)
    direction = _text(body, "direction", frozenset({"in", "out"})) if "direction" in body else None
    if kind == "line_crossed" and direction is None:
        _refuse("missing_field", "direction")
    return Happening(
        kind=kind,
        direction=direction,
        count=_integer(body, "count") if "count" in body else None,
        dwell_s=_number(body["dwell_s"], "dwell_s", 86_400) if "dwell_s" in body else None,
    )


def _minute(body: dict[str, Any], received_at: datetime) -> Minute:
    _only(body, {"bucket", "coverage_s", "metrics"})
    bucket = _time(body, "bucket", received_at)
    if bucket.second or bucket.microsecond:
        _refuse("bad_time", "bucket is not the start of a minute")
    metrics = body["metrics"]
    if not isinstance(metrics, dict) or not metrics:
        _refuse("bad_value", "metrics is empty")
    unknown = metrics.keys() - METRICS
    if unknown:
        _refuse("unknown_field", ", ".join(sorted(unknown))[:120])
    values = {name: _number(value, name, 86_400) for name, value in sorted(metrics.items())}
    return Minute(bucket, _number(body["coverage_s"], "coverage_s", 60), values)


def _state(place: Topic, body: dict[str, Any], received_at: datetime) -> Body:
    if place.camera == NONE:
        _only(body, {"state", "session", "version"})
        state = _text(body, "state", frozenset({"online", "offline"}))
        return DeviceState(state, _session(body), _text(body, "version"))
    if place.scope == NONE:
        _only(body, {"state", "fps", "reason", "expires_at"})
        return CameraState(
            state=_text(body, "state", frozenset({"up", "down"})),
            fps=_number(body["fps"], "fps", 1000),
            reason=_text(body, "reason"),
            expires_at=_expiry(body, received_at),
        )
    _only(body, {"count", "expires_at"})
    return ZoneState(_integer(body, "count"), _expiry(body, received_at))


def _expiry(body: dict[str, Any], received_at: datetime) -> datetime:
    """An expiry may lie in the past: a retained state of a dead engine then reads as unknown."""
    return _time(body, "expires_at", received_at)

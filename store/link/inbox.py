"""The inbox: a message from outside has its effect once, however often it arrives.

Each part registers a Channel; `take_in` finds the one that knows the envelope, parses it with a pure
function, and applies
it in one transaction with the inbox row. What nobody can use goes to the quarantine with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import structlog
from django.db import connection, transaction
from django.utils import timezone

from store.services import quarantine

log = structlog.get_logger(__name__)

UNKNOWN = "inbox"


class UnusableError(Exception):
    """A channel cannot use an envelope; `reason` is shown on the quarantine page."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """A parsed message: (source, message_id) counts once; `command` is the channel's own."""

    source: str
    message_id: str
    type: str
    command: Any


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One kind of message: which envelopes are its own, how to read one, what to do."""

    name: str
    matches: Callable[[Mapping[str, Any]], bool]
    parse: Callable[[Mapping[str, Any]], Incoming]
    apply: Callable[[Any, datetime], object]


class Outcome(StrEnum):
    """What became of a message; it may be deleted from its queue after any of these."""

    APPLIED = "APPLIED"
    DUPLICATE = "DUPLICATE"
    QUARANTINED = "QUARANTINED"


@dataclass(frozen=True, kw_only=True)
class Intake:
    """The answer of `take_in`: `result` is what the channel's `apply` returned, `reason` why it was put
    aside."""

    outcome: Outcome
    result: object = None
    reason: str = ""


_channels: dict[str, Channel] = {}


def register(channel: Channel) -> None:
    """Make a channel known (in AppConfig.ready, through the app's receivers)."""
    _channels[channel.name] = channel


def take_in(*, body: str, now: datetime | None = None) -> Intake:
    """Take in one message; raises only what makes sense to try again (a database that is away)."""
    moment = now or timezone.now()
    topic = "?"
    name = UNKNOWN
    try:
        envelope = _decode(body)
        topic = f"{envelope.get('source', '?')} {envelope.get('detail-type', '?')}"
        channel = _find(envelope)
        name = channel.name
        incoming = channel.parse(envelope)
    except UnusableError as error:
        put_aside(body, channel=name, topic=topic, reason=error.reason, now=moment)
        return Intake(outcome=Outcome.QUARANTINED, reason=error.reason)
    return _apply(channel, incoming, envelope, moment)


def put_aside(body: str, *, channel: str = UNKNOWN, topic: str = "?", reason: str, now: datetime) -> None:
    """Keep a message nobody can use where people see it."""
    with transaction.atomic():
        quarantine.put_aside(channel=channel, topic=topic, payload=body.encode(), reason=reason, now=now)
    log.warning("inbox.put_aside", channel=channel, topic=topic, reason=reason)


def _decode(body: str) -> Mapping[str, Any]:
    try:
        envelope = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise UnusableError(f"not JSON: {error}"[:200]) from error
    if not isinstance(envelope, dict):
        raise UnusableError("not a JSON object")
    if "\\u0000" in body or "\x00" in body:
        raise UnusableError("contains a zero character")
    return envelope


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _find(envelope: Mapping[str, Any]) -> Channel:
    for channel in _channels.values():
        if channel.matches(envelope):
            return channel
    raise UnusableError(f"nobody knows detail-type {envelope.get('detail-type')!r}"[:200])


_INSERT = """
insert into store_inboxmessage (source, message_id, type, body, received_at, processed_at)
values (%s, %s, %s, %s, %s, %s) on conflict (source, message_id) do nothing
"""


def _apply(channel: Channel, incoming: Incoming, envelope: Mapping[str, Any], now: datetime) -> Intake:
    """One transaction: a rival with the same message waits at the insert, then finds its row."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            row = (incoming.source, incoming.message_id, incoming.type, json.dumps(envelope), now, now)
            cursor.execute(_INSERT, row)
            if cursor.rowcount == 0:
                return Intake(outcome=Outcome.DUPLICATE)
        result = channel.apply(incoming.command, now)
    return Intake(outcome=Outcome.APPLIED, result=result)

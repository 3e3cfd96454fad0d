"""The ports to the cloud: events out, messages in; small enough to be written three times and tested once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class LinkDownError(Exception):
    """The far side did not answer, or answered that nobody may try now: the way is at fault, not the
    message."""


@dataclass(frozen=True, kw_only=True)
class OutEntry:
    """One event on its way out; `detail` is JSON text, `time` aware."""

    source: str
    detail_type: str
    detail: str
    time: datetime


@dataclass(frozen=True, kw_only=True)
class EntryResult:
    """What became of one entry: AWS answers entry by entry inside a 200."""

    is_sent: bool
    code: str = ""
    message: str = ""

    @property
    def is_permanent(self) -> bool:
        """Sending the same again cannot help."""
        return self.code in {"EntryTooLarge", "MalformedDetail", "InvalidArgument"}


@dataclass(frozen=True, kw_only=True)
class QueueMessage:
    """One message from the queue; `receipt` deletes it, `receives` counts how often it was handed out."""

    message_id: str
    receipt: str
    body: str
    receives: int


class EventSink(Protocol):
    """Where events go: an EventBridge bus or its local stand-in."""

    max_entries: int
    max_bytes: int

    def put_events(self, entries: Sequence[OutEntry]) -> list[EntryResult]:
        """Send entries and say for each what became of it, in order; raises LinkDownError when nobody
        answered."""
        ...


class MessageQueue(Protocol):
    """Where messages come from: an SQS queue or its local stand-in."""

    def receive(self, *, wait_seconds: int, limit: int = 10) -> list[QueueMessage]:
        """Long poll for up to 10 messages, hidden from others for 120 s; raises LinkDownError."""
        ...

    def delete(self, message: QueueMessage) -> None:
        """Forget a message that has been committed; raises LinkDownError."""
        ...

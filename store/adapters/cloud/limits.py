"""Limits of AWS that neither botocore nor the emulators enforce, so that a test finds what production would.

Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html (10 entries; 1 MB per
request, size
of an entry as below), https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from store.adapters.cloud.port import EntryResult, OutEntry

PUT_EVENTS_ENTRIES = 10
PUT_EVENTS_BYTES = 1024 * 1024
SQS_BATCH = 10
SQS_WAIT_SECONDS = 20
SQS_VISIBILITY_SECONDS = 120
# EventBridge counts 14 bytes for the time of an entry, plus the UTF-8 length of its texts.
TIME_BYTES = 14


class LimitExceededError(ValueError):
    """The caller put more into one call than the far side takes: a mistake in our own code."""


def entry_size(entry: OutEntry) -> int:
    """Size of an entry as EventBridge counts it, in bytes."""
    texts = (entry.source, entry.detail_type, entry.detail)
    return TIME_BYTES + sum(len(text.encode()) for text in texts)


def check_call(entries: Sequence[OutEntry]) -> None:
    """Refuse an empty call, or one of more than 10 entries or 1 MB; raises LimitExceededError."""
    if not 1 <= len(entries) <= PUT_EVENTS_ENTRIES:
        raise LimitExceededError(f"PutEvents takes 1 to {PUT_EVENTS_ENTRIES} entries, not {len(entries)}")
    size = sum(entry_size(entry) for entry in entries)
    if len(entries) > 1 and size > PUT_EVENTS_BYTES:
        raise LimitExceededError(f"PutEvents takes {PUT_EVENTS_BYTES} bytes, not {size}")


def check_entry(entry: OutEntry) -> EntryResult | None:
    """Refuse one entry as EventBridge would: too large, detail no JSON object, empty names; None when it
    may go."""
    if entry_size(entry) > PUT_EVENTS_BYTES:
        return EntryResult(is_sent=False, code="EntryTooLarge", message="The entry is larger than 1 MB.")
    if not entry.source or not entry.detail_type:
        return EntryResult(
            is_sent=False, code="InvalidArgument", message="Source and DetailType must be given."
        )
    if entry.source.startswith("aws."):
        return EntryResult(
            is_sent=False, code="InvalidArgument", message="The source must not begin with aws."
        )
    try:
        is_object = isinstance(json.loads(entry.detail), dict)
    except ValueError:
        is_object = False
    if not is_object:
        return EntryResult(is_sent=False, code="MalformedDetail", message="Detail is not a JSON object.")
    return None


def split_refused(entries: Sequence[OutEntry]) -> tuple[list[OutEntry], dict[int, EntryResult]]:
    """Separate what may go from what is refused here; the dict is by position in `entries`."""
    refused = {index: result for index, entry in enumerate(entries) if (result := check_entry(entry))}
    return [entry for index, entry in enumerate(entries) if index not in refused], refused


def merge(count: int, refused: dict[int, EntryResult], answered: Sequence[EntryResult]) -> list[EntryResult]:
    """Put the far side's answers back between the ones refused here; raises ValueError if one is missing."""
    answers = iter(answered)
    results = [refused[index] if index in refused else next(answers, None) for index in range(count)]
    if any(result is None for result in results) or next(answers, None) is not None:
        raise ValueError("The far side answered for another number of entries.")
    return [result for result in results if result is not None]

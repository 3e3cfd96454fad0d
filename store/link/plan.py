"""Which waiting rows go into one call: never two of one stream, never more than the far side takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A row of the outbox as the planner sees it; `size` in bytes as the far side counts them."""

    id: int
    stream: str
    size: int


def batches(rows: Iterable[Waiting], *, max_entries: int, max_bytes: int) -> Iterator[list[Waiting]]:
    """Split rows (oldest first) into calls.

    A stream has at most one row per call and its rows keep their order over the calls: entries of one call
    may fail
    one by one, and a later row must never arrive before an earlier one. A row too large for any call
    stands alone.
    """
    left = list(rows)
    while left:
        call: list[Waiting] = []
        rest: list[Waiting] = []
        streams: set[str] = set()
        size = 0
        for row in left:
            fits = len(call) < max_entries and (not call or size + row.size <= max_bytes)
            if row.stream in streams or not fits:
                rest.append(row)
            else:
                call.append(row)
                size += row.size
            streams.add(row.stream)
        yield call
        left = rest

"""The spool: what was counted stays in a SQLite file until the broker confirmed it.

Only counts are kept: events and minutes. A newer report of the same running minute replaces the older one
that was not sent yet, so a day without a link costs one row per minute and scope. Sequence numbers rise
over restarts: a block of them is reserved on disk before the first is used.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

BLOCK = 1000


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that the broker has not confirmed."""

    row: int
    topic: str
    payload: bytes


class Spool:
    """Messages of one device in one SQLite file (`:memory:` for tests)."""

    def __init__(self, path: Path | str) -> None:
        self._db = sqlite3.connect(str(path), isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS waiting (row INTEGER PRIMARY KEY AUTOINCREMENT,"
            " slot TEXT UNIQUE, topic TEXT NOT NULL, payload BLOB NOT NULL)"
        )
        self._db.execute("CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        self._reserved = self._next = int(self.remembered("seq") or 0)

    def next_seq(self) -> int:
        """Return the next sequence number of the device."""
        if self._next >= self._reserved:
            self._reserved = self._next + BLOCK
            self.remember("seq", str(self._reserved))
        self._next += 1
        return self._next

    def put(self, topic: str, payload: bytes, slot: str | None = None) -> None:
        """Keep a message; one of the same slot that still waits is replaced."""
        self._db.execute(
            "INSERT OR REPLACE INTO waiting (slot, topic, payload) VALUES (?, ?, ?)", (slot, topic, payload)
        )

    def take(self, most: int, after: int = 0) -> list[Waiting]:
        """Return the oldest messages behind a row, without removing them."""
        rows = self._db.execute(
            "SELECT row, topic, payload FROM waiting WHERE row > ? ORDER BY row LIMIT ?", (after, most)
        )
        return [Waiting(row, topic, payload) for row, topic, payload in rows]

    def done(self, rows: Iterable[int]) -> None:
        """Forget messages the broker confirmed."""
        self._db.executemany("DELETE FROM waiting WHERE row = ?", [(row,) for row in rows])

    def depth(self) -> int:
        """Return how many messages wait."""
        (count,) = self._db.execute("SELECT count(*) FROM waiting").fetchone()
        return int(count)

    def remember(self, name: str, value: str) -> None:
        """Keep a small fact over restarts."""
        self._db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (name, value))

    def remembered(self, name: str) -> str | None:
        """Return a kept fact."""
        found = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if found is None else str(found[0])

    def close(self) -> None:
        """Close the file."""
        self._db.close()

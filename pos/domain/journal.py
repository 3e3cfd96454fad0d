"""The journal's chain: each record holds the hash of the one before it, and its own hash is signed.

A chain can be proved with nothing but its records and the public key; see `verify`.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pos.domain.cart import canonical

GENESIS = "0" * 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One record as it is stored and exported; `data` is plain JSON, `at` an ISO time in UTC."""

    terminal: str
    sequence: int
    kind: str
    at: str
    staff: str
    data: dict[str, Any]
    previous_hash: str
    hash: str = ""
    signature: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class BadRecord:
    """The first record of a chain that does not hold, and what is wrong with it."""

    terminal: str
    sequence: int
    problem: str


def record_hash(record: Record) -> str:
    """SHA-256 of everything in a record but its hash and signature."""
    content = {
        "terminal": record.terminal,
        "sequence": record.sequence,
        "kind": record.kind,
        "at": record.at,
        "staff": record.staff,
        "data": record.data,
        "previous_hash": record.previous_hash,
    }
    return hashlib.sha256(canonical(content)).hexdigest()


def verify(records: Iterable[Record], is_signed: Callable[[Record], bool]) -> BadRecord | None:
    """The first record of one terminal's chain, from sequence 1, that is missing, changed or not signed."""
    previous, expected = GENESIS, 1
    for record in records:
        problem = _problem(record, previous, expected)
        if problem is None and not is_signed(record):
            problem = "signature"
        if problem is not None:
            return BadRecord(terminal=record.terminal, sequence=record.sequence, problem=problem)
        previous, expected = record.hash, expected + 1
    return None


def _problem(record: Record, previous: str, expected: int) -> str | None:
    if record.sequence != expected:
        return "missing"
    if record.previous_hash != previous:
        return "previous_hash"
    if record.hash != record_hash(record):
        return "hash"
    return None

"""Writing the journal: the next record of a till's chain, signed, under the lock of its end."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from pos.adapters import signing
from pos.domain.journal import GENESIS, Record, record_hash

ENSURE = """
with head as (
    insert into pos_journalhead (device_id, last_sequence, last_hash) values (%(device)s, 0, %(genesis)s)
    on conflict (device_id) do nothing
)
insert into pos_numberseries (device_id, series, last_number, grand_total_minor) values (%(device)s, 'S',
0, 0)
on conflict (device_id, series) do nothing
"""

APPEND = """
with record as (
    insert into pos_journalrecord (device_id, sequence, kind, at, staff, data, previous_hash, hash, signature)
    values (%(device)s, %(sequence)s, %(kind)s, %(at)s, %(staff)s, %(data)s::jsonb, %(previous)s, %(hash)s,
    %(signature)s)
)
update pos_journalhead set last_sequence = %(sequence)s, last_hash = %(hash)s where device_id = %(device)s
"""


def make_record(
    *,
    terminal: str,
    sequence: int,
    previous_hash: str,
    kind: str,
    staff: str,
    data: dict[str, Any],
    at: datetime,
) -> Record:
    """The record after `sequence` with its hash and signature; nothing is written."""
    record = Record(
        terminal=terminal,
        sequence=sequence + 1,
        kind=kind,
        at=at.astimezone(UTC).isoformat(),
        staff=staff,
        data=data,
        previous_hash=previous_hash,
    )
    digest = record_hash(record)
    return replace(record, hash=digest, signature=signing.sign(digest))


def append(
    *, device_id: int, terminal: str, kind: str, staff: str, data: dict[str, Any], at: datetime
) -> Record:
    """Append one record to a till's journal, inside the caller's transaction: two statements."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select last_sequence, last_hash from pos_journalhead where device_id = %s for update",
            [device_id],
        )
        row = cursor.fetchone()
        if row is None:
            ensure(device_id=device_id)
            return append(device_id=device_id, terminal=terminal, kind=kind, staff=staff, data=data, at=at)
        record = make_record(
            terminal=terminal, sequence=row[0], previous_hash=row[1], kind=kind, staff=staff, data=data, at=at
        )
        given = parameters(record, device_id=device_id)
        cursor.execute(APPEND, given | {"data": json.dumps(given["data"])})
    return record


def parameters(record: Record, *, device_id: int) -> dict[str, Any]:
    """A record as parameters of the statement that writes it."""
    return {
        "device": device_id,
        "sequence": record.sequence,
        "kind": record.kind,
        "at": record.at,
        "staff": record.staff,
        "data": record.data,
        "previous": record.previous_hash,
        "hash": record.hash,
        "signature": record.signature,
    }


def ensure(*, device_id: int) -> None:
    """Make sure that a till has the end of a journal and a number series to lock: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(ENSURE, {"device": device_id, "genesis": GENESIS})

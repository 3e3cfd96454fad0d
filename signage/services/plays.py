"""Proofs of play arrive in batches, perhaps twice, perhaps out of order, and count once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from signage.models import Display
from store import outbox
from store.events.signage import PlaysRecorded
from store.services import quarantine

MAX_BATCH = 200
LONGEST_PLAY = timedelta(hours=24)
CLOCK_SLACK = timedelta(minutes=10)
_CAUSES = frozenset({"rule", "target", "default"})


class MalformedPlayError(ValueError):
    """A record that no screen of ours would write; the text says what is wrong."""


@dataclass(frozen=True, kw_only=True)
class PlayRecord:
    """One showing, as the screen wrote it down."""

    id: UUID
    seq: int
    playlist: str
    title: str
    media: str
    cause: str
    cause_id: int | None
    product: int | None
    price_version: int | None
    started_at: datetime
    ended_at: datetime
    complete: bool


@dataclass(frozen=True)
class Receipt:
    """What the server took: ids it holds now (new or known), and ids it refused with the reason."""

    acknowledged: list[str]
    refused: dict[str, str]
    new: int


def parse(raw: Any, *, now: datetime) -> PlayRecord:
    """Read one record. Raises MalformedPlayError."""
    try:
        record = PlayRecord(
            id=UUID(str(raw["id"])),
            seq=_count(raw["seq"]),
            playlist=str(raw["playlist"])[:60],
            title=str(raw["title"])[:140],
            media=str(raw["media"])[:64],
            cause=str(raw["cause"]),
            cause_id=_optional_count(raw.get("cause_id")),
            product=_optional_count(raw.get("product")),
            price_version=_optional_count(raw.get("price_version")),
            started_at=_instant(raw["started_at"]),
            ended_at=_instant(raw["ended_at"]),
            complete=raw["complete"] is True,
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise MalformedPlayError(f"{type(error).__name__}: {error}") from error
    _check(record, now)
    return record


def _check(record: PlayRecord, now: datetime) -> None:
    if record.cause not in _CAUSES:
        raise MalformedPlayError(f"unknown cause {record.cause!r}")
    if "\x00" in record.title + record.playlist + record.media:
        raise MalformedPlayError("NUL in a text")
    if not timedelta() <= record.ended_at - record.started_at <= LONGEST_PLAY:
        raise MalformedPlayError("the play ends before it starts or lasts longer than a day")
    if record.ended_at > now + CLOCK_SLACK:
        raise MalformedPlayError("the play lies in the future")


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise ValueError(f"not a count: {value!r}")
    return value


def _optional_count(value: Any) -> int | None:
    return None if value is None else _count(value)


def _instant(value: Any) -> datetime:
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError("an instant without offset")
    return moment


# One statement: rows that are new, and the counters from exactly those rows.
_RECORD = """
with given as (
    select * from jsonb_to_recordset(%(rows)s::jsonb) as r(id uuid, seq bigint, playlist text, title text,
        media text, cause text, cause_id bigint, product bigint, price_version int, started_at timestamptz,
        ended_at timestamptz, complete boolean)
), fresh as (
    insert into signage_play (id, display_id, seq, playlist, title, media, cause, cause_id, product_id,
        price_version, started_at, ended_at, complete, received_at)
    select distinct on (g.id) g.id, %(display)s, g.seq, g.playlist, g.title, g.media, g.cause, g.cause_id,
        p.id, g.price_version, g.started_at, g.ended_at, g.complete, %(now)s
    from given g left join store_product p on p.id = g.product order by g.id
    on conflict (id) do nothing
    returning media, started_at, ended_at
), counted as (
    insert into signage_playcount as c (display_id, media, day, plays, shown_ms)
    select %(display)s, media, (started_at at time zone 'UTC')::date, count(*),
        round(extract(epoch from sum(ended_at - started_at)) * 1000)
    from fresh group by 2, 3 order by 2, 3
    on conflict (display_id, media, day) do update
    set plays = c.plays + excluded.plays, shown_ms = c.shown_ms + excluded.shown_ms
)
select count(*), coalesce(round(extract(epoch from sum(ended_at - started_at)) * 1000), 0),
       min(started_at), max(ended_at) from fresh
"""


def record_plays(*, display: Display, raw: Sequence[Any], now: datetime) -> Receipt:
    """Take a batch; every id that is returned as acknowledged may be forgotten by the screen.

    A malformed record is put aside with its reason and refused alone; the others of its batch are taken.
    """
    records: dict[str, PlayRecord] = {}
    refused: dict[str, str] = {}
    for each in raw[:MAX_BATCH]:
        try:
            record = parse(each, now=now)
        except MalformedPlayError as error:
            refused[_name(each)] = str(error)[:200]
            payload = json.dumps(each, default=str).encode()[:4000]
            topic = f"plays/{display.device.code}"
            quarantine.put_aside(channel="http", topic=topic, payload=payload, reason=str(error))
        else:
            records[str(record.id)] = record
    new = _take(display, list(records.values()), now) if records else 0
    return Receipt(acknowledged=list(records), refused=refused, new=new)


@dataclass(frozen=True)
class Inserted:
    """What a batch added: plays that were new, their length, and the time they cover."""

    new: int
    shown_ms: int
    first_started_at: datetime | None
    last_ended_at: datetime | None


def insert_plays(*, display: Display, records: Sequence[PlayRecord], now: datetime) -> Inserted:
    """Write the records that are new and their counters: one statement, whatever their number."""
    rows = json.dumps([record.__dict__ for record in records], default=_encode)
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, {"rows": rows, "display": display.pk, "now": now})
        new, shown_ms, first, last = cursor.fetchone()
    return Inserted(int(new), int(shown_ms), first, last)


def _take(display: Display, records: Sequence[PlayRecord], now: datetime) -> int:
    with transaction.atomic():
        done = insert_plays(display=display, records=records, now=now)
        if done.first_started_at and done.last_ended_at:
            event = PlaysRecorded(
                display=display.device.code,
                plays=done.new,
                shown_ms=done.shown_ms,
                first_started_at=done.first_started_at,
                last_ended_at=done.last_ended_at,
            )
            outbox.publish(event, now=now)
    return done.new


def _encode(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _name(raw: Any) -> str:
    return str(raw.get("id", "?"))[:64] if isinstance(raw, dict) else "?"

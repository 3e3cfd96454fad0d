"""Proofs of play for people and their spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum

from signage.models import Play

COLUMNS = (
    "id",
    "display",
    "started_at",
    "ended_at",
    "seconds",
    "complete",
    "playlist",
    "title",
    "cause",
    "sku",
    "price_version",
)


@dataclass(frozen=True, kw_only=True)
class Total:
    """How often and how long something was shown."""

    title: str
    plays: int
    complete: int
    shown: timedelta


def of_day(day: date, zone: ZoneInfo, *, display: str = "") -> QuerySet[Play]:
    """Plays that began on a local day, newest first."""
    begin = datetime.combine(day, time(), tzinfo=zone)
    end = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
    found = Play.objects.filter(started_at__gte=begin, started_at__lt=end)
    if display:
        found = found.filter(display__device__code=display)
    return found.select_related("display__device", "product")


def totals(plays: QuerySet[Play]) -> list[Total]:
    """Plays by title, the most shown first: one query."""
    length = ExpressionWrapper(F("ended_at") - F("started_at"), output_field=DurationField())
    rows = (
        plays.order_by()
        .values("title")
        .annotate(plays=Count("id"), complete=Count("id", filter=Q(complete=True)), shown=Sum(length))
        .order_by("-shown", "title")
    )
    return [Total(**row) for row in rows]


def safe_cell(text: str) -> str:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def as_csv(plays: QuerySet[Play]) -> Iterator[str]:
    """The plays as CSV lines with a head; instants in UTC."""
    yield _line(COLUMNS)
    for play in plays.iterator(chunk_size=2000):
        yield _line(
            (
                str(play.id),
                play.display.device.code,
                play.started_at.isoformat(),
                play.ended_at.isoformat(),
                f"{(play.ended_at - play.started_at).total_seconds():.3f}",
                "1" if play.complete else "0",
                safe_cell(play.playlist),
                safe_cell(play.title),
                play.cause,
                safe_cell(play.product.sku) if play.product else "",
                str(play.price_version or ""),
            )
        )


def _line(cells: tuple[str, ...]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()

"""Receipts to look at: one, the latest, by search, and the day in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import QuerySet

from pos.models import Receipt, ReceiptLine, ReceiptTender
from store.models import Site


@dataclass(frozen=True, kw_only=True)
class TaxSum:
    """One tax of a receipt, in minor units."""

    code: str
    percent: str
    net_minor: int
    tax_minor: int
    gross_minor: int


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A receipt with everything that is printed on it."""

    receipt: Receipt
    lines: list[ReceiptLine]
    tenders: list[ReceiptTender]
    taxes: list[TaxSum]


def paper(uid: UUID) -> Paper:
    """One receipt: three queries. Raises Receipt.DoesNotExist."""
    receipt = Receipt.objects.select_related("device").get(uid=uid)
    lines = list(receipt.lines.all())
    sums: dict[tuple[str, Any], list[int]] = {}
    for line in lines:
        entry = sums.setdefault((line.tax_code, line.tax_percent), [0, 0])
        entry[0] += line.net_minor
        entry[1] += line.tax_minor
    taxes = [
        TaxSum(
            code=code, percent=f"{percent.normalize():f}", net_minor=net, tax_minor=tax, gross_minor=net + tax
        )
        for (code, percent), (net, tax) in sorted(sums.items())
    ]
    return Paper(receipt=receipt, lines=lines, tenders=list(receipt.tenders.all()), taxes=taxes)


def latest(device_id: int, *, limit: int = 12) -> list[Receipt]:
    """The last receipts of a till, newest first: one query."""
    return list(Receipt.objects.filter(device_id=device_id).order_by("-number")[:limit])


def search(words: str) -> QuerySet[Receipt]:
    """Receipts by number, till, cashier or an article's name, newest first."""
    found = Receipt.objects.select_related("device").order_by("-completed_at", "-id")
    text = words.strip()
    if not text:
        return found
    if text.isdecimal() and len(text) <= 9:  # noqa: PLR2004 - what fits a number of the database
        return found.filter(number=int(text))
    return (
        found.filter(id__in=ReceiptLine.objects.filter(name__icontains=text).values("receipt_id"))
        | found.filter(staff_name__icontains=text)
        | found.filter(device__name__icontains=text)
    )


@dataclass(frozen=True, kw_only=True)
class Day:
    """Sales of one day: totals and the amount of each hour."""

    receipts: int
    total_minor: int
    hours: tuple[int, ...]
    open_tills: int

    @property
    def average_minor(self) -> int:
        """What an average basket came to."""
        return round(self.total_minor / self.receipts) if self.receipts else 0

    @property
    def peak_minor(self) -> int:
        """The best hour."""
        return max(self.hours, default=0)


_DAY = """
select extract(hour from completed_at at time zone %(zone)s)::int, count(*), sum(total_minor)
from pos_receipt where completed_at >= %(start)s and completed_at < %(end)s group by 1
"""


def day(*, now: datetime) -> Day:
    """Sales of the store's current day by its own clock: two queries."""
    zone = ZoneInfo(Site.objects.current().timezone)
    start = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(_DAY, {"zone": zone.key, "start": start, "end": (start + timedelta(days=1))})
        rows = {hour: (count, total) for hour, count, total in cursor.fetchall()}
        cursor.execute("select count(*) from pos_shift where closed_at is null")
        open_tills = cursor.fetchone()[0]
    return Day(
        receipts=sum(count for count, _ in rows.values()),
        total_minor=int(sum(total for _, total in rows.values())),
        hours=tuple(int(rows[hour][1]) if hour in rows else 0 for hour in range(24)),
        open_tills=open_tills,
    )

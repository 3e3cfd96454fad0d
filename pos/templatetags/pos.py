"""How the till writes quantities, rates and times."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import segno
from django import template
from django.utils import formats
from django.utils.safestring import SafeString, mark_safe

from pos.models import Receipt, ReceiptLine
from pos.queries.screen import Row

register = template.Library()
WEIGHT_DIGITS = 3


def _quantity(quantity: Decimal, *, is_weighed: bool) -> str:
    if is_weighed:
        return formats.number_format(quantity, decimal_pos=WEIGHT_DIGITS) + "\N{NO-BREAK SPACE}kg"
    return formats.number_format(quantity, decimal_pos=0)


@register.filter
def quantity(row: Row) -> str:
    """A basket row's quantity: 3, or 0.250 kg."""
    return _quantity(row.quantity, is_weighed=row.is_weighed)


@register.filter
def line_quantity(line: ReceiptLine) -> str:
    """A receipt line's quantity: 3, or 0.250 kg."""
    return _quantity(line.quantity, is_weighed=line.unit == "kg")


@register.filter
def line_discount(line: ReceiptLine) -> int:
    """Everything that was taken off a line, in minor units."""
    return line.discount_minor + line.order_discount_minor


@register.filter
def rate(value: Decimal) -> str:
    """A tax rate without needless zeros."""
    return f"{value.normalize():f}"


@register.filter
def localtime_of(moment: datetime, zone: str) -> datetime:
    """A time by the store's own clock, without zone so that templates leave it as it is."""
    return moment.astimezone(ZoneInfo(zone or "UTC")).replace(tzinfo=None)


@register.filter
def receipt_qr(receipt: Receipt) -> SafeString:
    """A receipt's identity as a QR code of its own making, at least 25 mm wide in print."""
    code = segno.make(f"aisle:receipt:{receipt.uid}", error="m", micro=False)
    svg = code.svg_inline(scale=3, border=2, svgclass="paper__code", lineclass=None, omitsize=True)
    return mark_safe(svg)  # noqa: S308 - made by segno from a UUID

"""The rows of a receipt and the statements that write them, for one sale or for many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pos.domain.cart import Cart, Line, TenderKind, plain
from pos.domain.journal import Record
from pos.domain.totals import LineTotal, Totals
from pos.queries.tills import Person
from store.events.pos import SoldLine
from store.models import Site
from store.services.stock import Move

STOCK_SOURCE = "pos.receipt"

RECEIPT_COLUMNS = """
uid, device_id, series, number, shift_id, cart_id, staff_id, staff_name, business_date, completed_at,
currency,
currency_exponent, prices_include_tax, tax_rounding, pieces, full_minor, discount_minor, net_minor, tax_minor,
gross_minor, rounding_minor, total_minor, tendered_minor, change_minor, journal_sequence, journal_hash
"""
LINE_COLUMNS = """
number, product_id, sku, name, size_label, gtin14, department, unit, quantity, measured_by, lot,
unit_price_minor,
price_version, full_minor, discount_minor, order_discount_minor, tax_code, tax_percent, net_minor, tax_minor,
gross_minor
"""
TENDER_COLUMNS = "number, kind, amount_minor"


def _from(alias: str, columns: str) -> str:
    return ", ".join(f"{alias}.{column.strip()}" for column in columns.split(","))


MANY = f"""
with given as (
    select sale from jsonb_array_elements(%(sales)s::jsonb) as sale
), receipt as (
    insert into pos_receipt ({RECEIPT_COLUMNS})
    select {_from("r", RECEIPT_COLUMNS)} from given, jsonb_populate_record(null::pos_receipt,
    given.sale->'receipt') r
    returning id, uid
), lines as (
    insert into pos_receiptline (receipt_id, {LINE_COLUMNS})
    select receipt.id, {_from("l", LINE_COLUMNS)}
    from given join receipt on receipt.uid = (given.sale->'receipt'->>'uid')::uuid,
         jsonb_populate_recordset(null::pos_receiptline, given.sale->'lines') l
)
insert into pos_receipttender (receipt_id, {TENDER_COLUMNS})
select receipt.id, {_from("t", TENDER_COLUMNS)}
from given join receipt on receipt.uid = (given.sale->'receipt'->>'uid')::uuid,
     jsonb_populate_recordset(null::pos_receipttender, given.sale->'tenders') t
"""


@dataclass(frozen=True, kw_only=True)
class Write:
    """Everything a receipt is written from."""

    uid: UUID
    device_id: int
    person: Person
    site: Site
    series: str
    number: int
    shift_id: int
    shift_uid: UUID | None = None
    business_date: date
    completed_at: datetime
    cart: Cart
    totals: Totals
    record: Record

    @property
    def rows(self) -> list[tuple[Line, LineTotal]]:
        """The lines with what they cost."""
        return list(zip(self.cart.active_lines, self.totals.lines, strict=True))


def parameters(write: Write) -> dict[str, Any]:
    """What the database's `pos_write_sale` takes of the receipt itself."""
    totals = write.totals
    return {
        "receipt": receipt_row(write),
        "lines": line_rows(write),
        "tenders": tender_rows(write),
        "number": write.number,
        "series": write.series,
        "shift": write.shift_id,
        "net": totals.net_minor,
        "tax": totals.tax_minor,
        "rounding": totals.settlement.rounding_minor,
        "total": totals.total_minor,
        "cash": cash_minor(write.cart, totals),
    }


def cash_minor(cart: Cart, totals: Totals) -> int:
    """What the drawer gains: cash in, change out."""
    cash = sum(tender.amount_minor for tender in cart.tenders if tender.kind is TenderKind.CASH)
    return cash - totals.settlement.change_minor


def receipt_row(write: Write) -> dict[str, Any]:
    """One row of pos_receipt as plain data."""
    totals, settlement, site = write.totals, write.totals.settlement, write.site
    return {
        "uid": str(write.uid),
        "device_id": write.device_id,
        "series": write.series,
        "number": write.number,
        "shift_id": write.shift_id,
        "cart_id": write.cart.id,
        "staff_id": write.person.id,
        "staff_name": write.person.name,
        "business_date": write.business_date.isoformat(),
        "completed_at": write.completed_at.isoformat(),
        "currency": site.currency,
        "currency_exponent": site.currency_exponent,
        "prices_include_tax": site.tax_profile.prices_include_tax,
        "tax_rounding": site.tax_profile.rounding,
        "pieces": totals.pieces,
        "full_minor": totals.full_minor,
        "discount_minor": totals.discount_minor,
        "net_minor": totals.net_minor,
        "tax_minor": totals.tax_minor,
        "gross_minor": totals.gross_minor,
        "rounding_minor": settlement.rounding_minor,
        "total_minor": settlement.total_minor,
        "tendered_minor": settlement.tendered_minor,
        "change_minor": settlement.change_minor,
        "journal_sequence": write.record.sequence,
        "journal_hash": write.record.hash,
    }


def line_rows(write: Write) -> list[dict[str, Any]]:
    """Rows of pos_receiptline as plain data."""
    return [
        {
            "number": number,
            "product_id": line.item.product_id,
            "sku": line.item.sku,
            "name": line.item.name,
            "size_label": line.item.size_label,
            "gtin14": line.item.gtin14,
            "department": line.item.department,
            "unit": line.item.unit,
            "quantity": plain(line.quantity),
            "measured_by": line.measured_by,
            "lot": line.lot,
            "unit_price_minor": line.item.unit_price_minor,
            "price_version": line.item.price_version,
            "full_minor": total.full_minor,
            "discount_minor": total.discount_minor,
            "order_discount_minor": total.order_discount_minor,
            "tax_code": line.item.tax_code,
            "tax_percent": plain(sum((tax.rate for tax in line.item.taxes), Decimal())),
            "net_minor": total.net_minor,
            "tax_minor": total.tax_minor,
            "gross_minor": total.gross_minor,
        }
        for number, (line, total) in enumerate(write.rows, start=1)
    ]


def tender_rows(write: Write) -> list[dict[str, Any]]:
    """Rows of pos_receipttender as plain data."""
    return [
        {"number": number, "kind": tender.kind, "amount_minor": tender.amount_minor}
        for number, tender in enumerate(write.cart.tenders, start=1)
    ]


def moves(write: Write) -> list[Move]:
    """One stock movement for each line, named after receipt and line."""
    return [
        Move(
            product_id=line.item.product_id,
            quantity=-line.quantity,
            reason="SALE",
            source=STOCK_SOURCE,
            source_id=f"{write.uid}/{number}",
        )
        for number, (line, _) in enumerate(write.rows, start=1)
    ]


def journal_lines(cart: Cart, totals: Totals) -> list[dict[str, Any]]:
    """What the journal keeps of each line."""
    return [
        {"sku": line.item.sku, "quantity": plain(line.quantity), "gross_minor": total.gross_minor}
        for line, total in zip(cart.active_lines, totals.lines, strict=True)
    ]


def sold_lines(write: Write) -> tuple[SoldLine, ...]:
    """The lines as the rest of the store hears of them."""
    return tuple(
        SoldLine(
            line=number,
            product_id=line.item.product_id,
            sku=line.item.sku,
            department=line.item.department,
            quantity=line.quantity,
            net_minor=total.net_minor,
            tax_minor=total.tax_minor,
            gross_minor=total.gross_minor,
            discount_minor=total.discount_minor + total.order_discount_minor,
        )
        for number, (line, total) in enumerate(write.rows, start=1)
    )

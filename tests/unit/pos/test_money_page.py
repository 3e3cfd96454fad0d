"""The tables of docs/algorithms/money.md are true."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from pos.domain.cart import Discount, DiscountKind
from pos.domain.cash import CashProfile, settle
from pos.domain.money import Rounding, Tax, Taxable, Ties, allocate, percent_of, round_minor, tax_lines
from pos.domain.totals import discounted

PAGE = Path(__file__).resolve().parents[3] / "docs/algorithms/money.md"
TABLES = {"rounding", "included", "excluded", "receipt", "discounts", "steps", "cash"}


def tables() -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    rows: list[list[str]] = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        name = re.fullmatch(r"<!-- table: (\w+) -->", line)
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif name:
            found[name.group(1)] = rows[2:]
        else:
            rows = []
    return found


def rows(name: str) -> list[list[str]]:
    return tables()[name]


def minor(text: str) -> int:
    return int(Decimal(text) * 100)


def minors(text: str) -> tuple[int, ...]:
    return tuple(minor(part) for part in text.split())


def taxes(text: str, *, included: bool) -> tuple[Tax, ...]:
    return tuple(
        Tax(code=code, rate=Decimal(rate), included=included)
        for rate, code in zip(text.split(), "ABCDEF", strict=False)
    )


def test_page_has_the_known_tables() -> None:
    assert tables().keys() == TABLES
    assert all(tables().values())


@pytest.mark.parametrize(("exact", "away", "even"), rows("rounding"))
def test_rounding(exact: str, away: str, even: str) -> None:
    assert [round_minor(Decimal(exact)), round_minor(Decimal(exact), Ties.EVEN)] == [int(away), int(even)]


@pytest.mark.parametrize(("gross", "rates", "amounts", "net"), rows("included"))
def test_included(gross: str, rates: str, amounts: str, net: str) -> None:
    (line,) = tax_lines([Taxable(amount_minor=minor(gross), taxes=taxes(rates, included=True))])
    assert (line.taxes_minor, line.net_minor, line.gross_minor) == (minors(amounts), minor(net), minor(gross))


@pytest.mark.parametrize(("net", "rates", "amounts", "gross"), rows("excluded"))
def test_excluded(net: str, rates: str, amounts: str, gross: str) -> None:
    (line,) = tax_lines([Taxable(amount_minor=minor(net), taxes=taxes(rates, included=False))])
    assert (line.taxes_minor, line.net_minor, line.gross_minor) == (minors(amounts), minor(net), minor(gross))


@pytest.mark.parametrize(("rounding", "gross"), rows("receipt"))
def test_receipt(rounding: str, gross: str) -> None:
    first, second, third = Decimal(6), Decimal(6), Decimal(3)
    line = Taxable(
        amount_minor=1589,
        taxes=(
            Tax(code="A", rate=first, included=False, affects_next=True),
            Tax(code="B", rate=second, included=False, affects_next=True),
            Tax(code="C", rate=third, included=False, affected_by_previous=True),
        ),
    )
    assert sum(taxed.gross_minor for taxed in tax_lines([line, line], Rounding(rounding))) == minor(gross)


@pytest.mark.parametrize(("prices", "percent", "as_lines", "as_receipt", "parts"), rows("discounts"))
def test_discounts(prices: str, percent: str, as_lines: str, as_receipt: str, parts: str) -> None:
    amounts = minors(prices)
    assert sum(percent_of(amount, Decimal(percent)) for amount in amounts) == minor(as_lines)
    whole = percent_of(sum(amounts), Decimal(percent))
    assert whole == minor(as_receipt)
    assert allocate(whole, amounts) == minors(parts)


@pytest.mark.parametrize(("start", "steps", "left"), rows("steps"))
def test_steps(start: str, steps: str, left: str) -> None:
    amount, seen = minor(start), []
    for step in steps.split():
        kind = DiscountKind.PERCENT if step.endswith("%") else DiscountKind.AMOUNT
        value = Decimal(step.rstrip("%")) if step.endswith("%") else Decimal(-minor(step))
        amount = discounted(amount, (Discount(id="d", kind=kind, value=value),))
        seen.append(amount)
    assert tuple(seen) == minors(left)


@pytest.mark.parametrize(("due", "step", "exact", "cash", "rounding", "change", "total"), rows("cash"))
def test_cash(due: str, step: str, exact: str, cash: str, *, rounding: str, change: str, total: str) -> None:
    result = settle(minor(due), minor(exact), minor(cash), CashProfile(step_minor=minor(step)))
    assert (result.rounding_minor, result.change_minor, result.total_minor) == (
        minor(rounding),
        minor(change),
        minor(total),
    )
    assert result.is_settled

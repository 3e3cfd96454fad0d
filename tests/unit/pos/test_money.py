"""Rows of the till's money rules (spec 1.1 to 1.6)."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.money import (
    Rounding,
    Tax,
    Taxable,
    Taxed,
    TaxKind,
    TaxMismatchError,
    Ties,
    allocate,
    multiply,
    percent_of,
    round_minor,
    round_ratio,
    settle_parts,
    tax_lines,
)


def tax(rate: str, code: str = "A", **flags: object) -> Tax:
    return Tax(code=code, rate=Decimal(rate), **flags)  # type: ignore[arg-type]


SIX_SIX_THREE = (
    tax("6", "A", included=False, affects_next=True),
    tax("6", "B", included=False, affects_next=True),
    tax("3", "C", included=False, affected_by_previous=True),
)


@pytest.mark.parametrize(
    ("value", "away", "even"),
    [
        ("0.5", 1, 0),
        ("-0.5", -1, 0),
        ("1.5", 2, 2),
        ("2.5", 3, 2),
        ("-2.5", -3, -2),
        ("2.4999", 2, 2),
        ("7", 7, 7),
    ],
)
def test_round_minor_ties(value: str, away: int, even: int) -> None:
    assert round_minor(Decimal(value)) == away
    assert round_minor(Decimal(value), Ties.EVEN) == even


@pytest.mark.parametrize(
    ("price", "quantity", "expected"),
    [(299, "1.250", 374), (299, "0.005", 1), (100, "3", 300), (1, "0.499", 0), (-299, "1.250", -374)],
)
def test_multiply_rounds_price_of_weight(price: int, quantity: str, expected: int) -> None:
    assert multiply(price, Decimal(quantity)) == expected


@pytest.mark.parametrize(
    ("gross", "rates", "taxes", "net"),
    [
        (5250, ("12",), (563,), 4687),
        (2490000, ("14", "14"), (272344, 272344), 1945312),
        (119, ("19",), (19,), 100),
        (107, ("7",), (7,), 100),
        (1, ("19",), (0,), 1),
        (-5250, ("12",), (-563,), -4687),
    ],
)
def test_included_tax(gross: int, rates: tuple[str, ...], taxes: tuple[int, ...], net: int) -> None:
    line = Taxable(
        amount_minor=gross, taxes=tuple(tax(rate, code) for rate, code in zip(rates, "ABC", strict=False))
    )
    (result,) = tax_lines([line])
    assert result == Taxed(net_minor=net, taxes_minor=taxes, gross_minor=gross)


@pytest.mark.parametrize(
    ("net", "taxes", "expected"),
    [
        (1000, (tax("19", included=False),), (190,)),
        (1050, (tax("19", included=False),), (200,)),
        (1000, (tax("10", "A", included=False), tax("10", "B", included=False)), (100, 100)),
        (
            1000,
            (
                tax("10", "A", included=False, affects_next=True),
                tax("10", "B", included=False, affected_by_previous=True),
            ),
            (100, 110),
        ),
        (1000, (tax("25", "D", included=False, kind=TaxKind.FIXED),), (50,)),
        (800, (tax("20", "V", included=False, kind=TaxKind.DIVISION),), (200,)),
    ],
)
def test_excluded_tax_flags(net: int, taxes: tuple[Tax, ...], expected: tuple[int, ...]) -> None:
    (result,) = tax_lines([Taxable(amount_minor=net, taxes=taxes, quantity=Decimal(2))])
    assert result.taxes_minor == expected
    assert result.net_minor == net
    assert result.gross_minor == net + sum(expected)


@pytest.mark.parametrize(
    ("gross", "taxes", "expected", "net"),
    [
        (
            1155,
            (
                tax("50", "D", kind=TaxKind.FIXED, affects_next=True),
                tax("10", "A", affected_by_previous=True),
            ),
            (50, 105),
            1000,
        ),
        (
            1210,
            (tax("10", "A", affects_next=True), tax("10", "B", affected_by_previous=True)),
            (100, 110),
            1000,
        ),
        (1000, (tax("20", "V", kind=TaxKind.DIVISION),), (200,), 800),
    ],
)
def test_included_tax_flags(gross: int, taxes: tuple[Tax, ...], expected: tuple[int, ...], net: int) -> None:
    (result,) = tax_lines([Taxable(amount_minor=gross, taxes=taxes)])
    assert (result.taxes_minor, result.net_minor, result.gross_minor) == (expected, net, gross)


@pytest.mark.parametrize(("rounding", "gross"), [(Rounding.LINE, 3664), (Rounding.RECEIPT, 3667)])
def test_rounding_per_line_or_per_receipt(rounding: Rounding, gross: int) -> None:
    lines = [Taxable(amount_minor=1589, taxes=SIX_SIX_THREE)] * 2
    assert sum(line.gross_minor for line in tax_lines(lines, rounding)) == gross


def test_receipt_rounding_rounds_each_tax_once() -> None:
    lines = tax_lines([Taxable(amount_minor=1589, taxes=SIX_SIX_THREE)] * 2, Rounding.RECEIPT)
    assert [sum(line.taxes_minor[i] for line in lines) for i in range(3)] == [191, 191, 107]


def test_taxed_refuses_amounts_that_do_not_add_up() -> None:
    with pytest.raises(TaxMismatchError):
        Taxed(net_minor=100, taxes_minor=(19,), gross_minor=120)


def test_order_discount_and_line_discounts_are_two_kinds() -> None:
    amounts = [106, 206, 306, 406]
    assert sum(percent_of(amount, Decimal(10)) for amount in amounts) == 104
    whole = percent_of(sum(amounts), Decimal(10))
    assert whole == 102
    assert allocate(whole, amounts) == (11, 21, 30, 40)


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], (34, 33, 33)),
        (-100, [1, 1, 1], (-34, -33, -33)),
        (1, [1, 1], (1, 0)),
        (0, [0, 0], (0, 0)),
        (5, [0, 10], (0, 5)),
    ],
)
def test_allocate_ties_to_the_earliest(total: int, weights: list[int], parts: tuple[int, ...]) -> None:
    assert allocate(total, weights) == parts


def test_allocate_refuses_to_give_to_nobody() -> None:
    with pytest.raises(ValueError, match="nothing to allocate"):
        allocate(1, [0, 0])


amounts = st.integers(-10_000_000, 10_000_000)
rates = st.decimals(min_value=0, max_value=40, places=3)
taxes = st.builds(
    Tax,
    code=st.sampled_from("ABC"),
    rate=rates,
    kind=st.sampled_from(TaxKind),
    included=st.booleans(),
    affects_next=st.booleans(),
    affected_by_previous=st.booleans(),
)
lines = st.lists(
    st.builds(
        Taxable,
        amount_minor=amounts,
        taxes=st.lists(taxes, max_size=3, unique=True).map(tuple),
        quantity=st.decimals(min_value=Decimal("0.001"), max_value=999, places=3),
    ),
    max_size=8,
)


@given(amounts, st.integers(1, 10_000))
def test_round_ratio_is_symmetric_and_nearest(numerator: int, denominator: int) -> None:
    rounded = round_ratio(numerator, denominator)
    assert round_ratio(-numerator, denominator) == -rounded
    assert abs(2 * (rounded * denominator - numerator)) <= denominator


@given(st.integers(0, 10_000_000), st.lists(st.integers(0, 1_000_000), min_size=1, max_size=20).filter(any))
def test_allocate_sums_and_stays_within_one(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)
    assert sum(parts) == total
    assert all(
        abs(part * sum(weights) - total * weight) < sum(weights)
        for part, weight in zip(parts, weights, strict=True)
    )
    assert allocate(-total, weights) == tuple(-part for part in parts)


@given(st.lists(st.fractions(min_value=-1000, max_value=1000, max_denominator=1000), max_size=12))
def test_settle_parts_mirrors(targets: list[Fraction]) -> None:
    total = round_minor(sum(targets, Fraction()))
    parts = settle_parts(targets, total)
    assert sum(parts) == total
    assert all(abs(part - target) < 1 for part, target in zip(parts, targets, strict=True))
    mirrored = settle_parts([-target for target in targets], -total)
    assert mirrored == tuple(-part for part in parts)


@given(lines, st.sampled_from(Rounding))
def test_net_tax_and_gross_add_up_and_mirror(rows: list[Taxable], rounding: Rounding) -> None:
    result = tax_lines(rows, rounding)
    for line, row in zip(result, rows, strict=True):
        assert line.net_minor + line.tax_minor == line.gross_minor
        assert (
            line.net_minor + sum(p for t, p in zip(row.taxes, line.taxes_minor, strict=True) if t.included)
            == row.amount_minor
        )
    fixed = any(tax.kind is TaxKind.FIXED for row in rows for tax in row.taxes)
    if not fixed:
        mirrored = tax_lines(
            [Taxable(amount_minor=-r.amount_minor, taxes=r.taxes, quantity=r.quantity) for r in rows],
            rounding,
        )
        assert sum(line.gross_minor for line in mirrored) == -sum(line.gross_minor for line in result)
        assert sum(line.tax_minor for line in mirrored) == -sum(line.tax_minor for line in result)

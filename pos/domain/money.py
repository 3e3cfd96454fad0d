"""Money of the till: rounding, tax and allocation on integer minor units.

Amounts are integers in the currency's minor unit (cents for EUR, yen for JPY, fils for KWD). Rates and
quantities are Decimal, intermediate results exact fractions; nothing is ever a float. The rules and their
worked tables are on the page docs/algorithms/money.md, which is executed as a test.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import lcm

Number = int | Decimal | Fraction


class Ties(StrEnum):
    """What happens to a value exactly half way between two minor units."""

    AWAY = "AWAY"
    EVEN = "EVEN"


class Rounding(StrEnum):
    """Where tax is rounded: on every line, or once per tax and receipt."""

    LINE = "LINE"
    RECEIPT = "RECEIPT"


class TaxKind(StrEnum):
    """How a tax grows out of its base."""

    PERCENT = "PERCENT"
    FIXED = "FIXED"
    DIVISION = "DIVISION"


class TaxMismatchError(ValueError):
    """Net and tax do not add up to gross."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tax:
    """One tax of a line.

    `rate` is percent for PERCENT (of the base) and DIVISION (of base plus this tax), minor units per unit
    for FIXED.
    `affects_next` puts this tax into the base of later taxes that are `affected_by_previous`.
    """

    code: str
    rate: Decimal
    kind: TaxKind = TaxKind.PERCENT
    included: bool = True
    affects_next: bool = False
    affected_by_previous: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Taxable:
    """What one line costs after every discount, in the way its price is quoted."""

    amount_minor: int
    taxes: tuple[Tax, ...] = ()
    quantity: Decimal = Decimal(1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Taxed:
    """Net, taxes (in the order given) and gross of a line; refuses amounts that do not add up."""

    net_minor: int
    taxes_minor: tuple[int, ...]
    gross_minor: int

    def __post_init__(self) -> None:
        if self.net_minor + sum(self.taxes_minor) != self.gross_minor:
            raise TaxMismatchError(f"{self.net_minor} + {self.taxes_minor} != {self.gross_minor}")

    @property
    def tax_minor(self) -> int:
        """All taxes of the line together."""
        return sum(self.taxes_minor)


def round_ratio(numerator: int, denominator: int, ties: Ties = Ties.AWAY) -> int:
    """Round numerator / denominator to an integer, symmetric in sign: f(-x) == -f(x)."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    quotient, rest = divmod(abs(numerator), denominator)
    doubled = 2 * rest
    if doubled > denominator or (doubled == denominator and (ties is Ties.AWAY or quotient % 2)):
        quotient += 1
    return quotient if numerator >= 0 else -quotient


def round_minor(value: Number, ties: Ties = Ties.AWAY) -> int:
    """Round an exact amount in minor units to a whole number of them."""
    if isinstance(value, int):
        return value
    return round_ratio(*value.as_integer_ratio(), ties)


def multiply(price_minor: int, quantity: Decimal) -> int:
    """Price of a quantity, rounded: 2.99 per kg for 1.250 kg is 3.74."""
    numerator, denominator = quantity.as_integer_ratio()
    return round_ratio(price_minor * numerator, denominator)


def percent_of(amount_minor: int, percent: Decimal) -> int:
    """Percentage of an amount, rounded: this rounded amount is the stored fact."""
    numerator, denominator = percent.as_integer_ratio()
    return round_ratio(amount_minor * numerator, denominator * 100)


def settle_parts(targets: Sequence[Number], total: int) -> tuple[int, ...]:
    """Whole numbers that sum to `total`, each within one of its exact target.

    `total` must be within one unit per part of the targets' sum. Units left after truncation go to the
    largest remainders, ties to the earliest part; mirrored targets give mirrored parts.
    """
    exact = [Fraction(target) for target in targets]
    denominator = lcm(*(part.denominator for part in exact))
    return _settle([part.numerator * (denominator // part.denominator) for part in exact], denominator, total)


def _settle(numerators: Sequence[int], denominator: int, total: int) -> tuple[int, ...]:
    """`settle_parts` for targets that share a denominator: whole numbers only."""
    sign = next((1 if value > 0 else -1 for value in (sum(numerators), total, *numerators) if value), 1)
    parts = [divmod(value * sign, denominator) for value in numerators]
    floors = [floor for floor, _ in parts]
    missing = total * sign - sum(floors)
    if not 0 <= missing <= len(floors):
        raise ValueError(f"{total} is too far from the sum of {len(floors)} parts")
    if missing:
        by_remainder = sorted(range(len(floors)), key=lambda i: -parts[i][1])
        for index in by_remainder[:missing]:
            floors[index] += 1
    return tuple(part * sign for part in floors)


def allocate(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Split a total over weights by largest remainder: the parts sum exactly, ties go to the earliest."""
    whole = sum(weights)
    if whole == 0:
        if total:
            raise ValueError("nothing to allocate to")
        return (0,) * len(weights)
    scale = 1 if whole > 0 else -1
    return _settle([total * weight * scale for weight in weights], whole * scale, total)


def tax_lines(lines: Sequence[Taxable], rounding: Rounding = Rounding.LINE) -> tuple[Taxed, ...]:
    """Tax every line; net, tax and gross of a receipt are the sums of the result, in both ways of
    rounding."""
    if rounding is Rounding.LINE:
        return tuple(_tax_line(line) for line in lines)
    if all(len(line.taxes) == 1 and line.taxes[0].kind is TaxKind.PERCENT for line in lines):
        return _tax_receipt_simple(lines)
    exact = [_exact_taxes(line) for line in lines]
    rounded: list[list[int]] = [[0] * len(line.taxes) for line in lines]
    for places in _places_by_tax(lines).values():
        targets = [exact[i][j] for i, j in places]
        for (i, j), part in zip(
            places, settle_parts(targets, round_minor(sum(targets, Fraction()))), strict=True
        ):
            rounded[i][j] = part
    return tuple(_taxed(line, parts) for line, parts in zip(lines, rounded, strict=True))


def _tax_receipt_simple(lines: Sequence[Taxable]) -> tuple[Taxed, ...]:
    """The receipt nearly every customer gets, one percentage on each line, without fractions."""
    rounded = [0] * len(lines)
    for tax, places in _places_by_tax(lines).items():
        numerator, denominator = tax.rate.as_integer_ratio()
        base = 100 * denominator + (numerator if tax.included else 0)
        targets = [lines[i].amount_minor * numerator for i, _ in places]
        total = round_ratio(sum(targets), base)
        for (i, _), part in zip(places, _settle(targets, base, total), strict=True):
            rounded[i] = part
    return tuple(_taxed(line, [part]) for line, part in zip(lines, rounded, strict=True))


def gross_total(lines: Iterable[Taxed]) -> int:
    """What the lines cost with tax."""
    return sum(line.gross_minor for line in lines)


def _places_by_tax(lines: Sequence[Taxable]) -> dict[Tax, list[tuple[int, int]]]:
    places: dict[Tax, list[tuple[int, int]]] = {}
    for i, line in enumerate(lines):
        for j, tax in enumerate(line.taxes):
            places.setdefault(tax, []).append((i, j))
    return places


def _tax_line(line: Taxable) -> Taxed:
    if len(line.taxes) == 1 and line.taxes[0].kind is TaxKind.PERCENT:
        return _tax_line_simple(line, line.taxes[0])
    return _taxed(line, _rounded_taxes(line))


def _tax_line_simple(line: Taxable, tax: Tax) -> Taxed:
    """The line nearly every product has, one percentage, without fractions."""
    numerator, denominator = tax.rate.as_integer_ratio()
    base = 100 * denominator + (numerator if tax.included else 0)
    return _taxed(line, [round_ratio(line.amount_minor * numerator, base)])


def _taxed(line: Taxable, parts: Sequence[int]) -> Taxed:
    included = sum(part for tax, part in zip(line.taxes, parts, strict=True) if tax.included)
    net = line.amount_minor - included
    return Taxed(net_minor=net, taxes_minor=tuple(parts), gross_minor=net + sum(parts))


def _rounded_taxes(line: Taxable) -> list[int]:
    """Taxes rounded one by one; an excluded tax on top of another counts the rounded one."""
    included = [tax for tax in line.taxes if tax.included]
    exact = iter(_included_taxes(Fraction(line.amount_minor), line.quantity, included))
    parts = {tax: round_minor(next(exact)) for tax in included}
    net = line.amount_minor - sum(parts.values())
    previous = 0
    for tax in line.taxes:
        if tax.included:
            continue
        base = Fraction(net + (previous if tax.affected_by_previous else 0))
        parts[tax] = round_minor(_tax_on(base, line.quantity, tax))
        previous += parts[tax] if tax.affects_next else 0
    return [parts[tax] for tax in line.taxes]


def _exact_taxes(line: Taxable) -> list[Fraction]:
    included = [tax for tax in line.taxes if tax.included]
    amount = Fraction(line.amount_minor)
    parts = dict(zip(included, _included_taxes(amount, line.quantity, included), strict=True))
    net = amount - sum(parts.values())
    previous = Fraction()
    for tax in line.taxes:
        if tax.included:
            continue
        parts[tax] = _tax_on(net + (previous if tax.affected_by_previous else 0), line.quantity, tax)
        previous += parts[tax] if tax.affects_next else 0
    return [parts[tax] for tax in line.taxes]


def _included_taxes(gross: Fraction, quantity: Decimal, taxes: Sequence[Tax]) -> list[Fraction]:
    """Each included tax is linear in the net amount: solve for the net, then read the taxes off."""
    slopes: list[tuple[Fraction, Fraction]] = []
    previous = (Fraction(), Fraction())
    for tax in taxes:
        before = previous if tax.affected_by_previous else (Fraction(), Fraction())
        if tax.kind is TaxKind.FIXED:
            own = (Fraction(), Fraction(tax.rate) * Fraction(quantity))
        else:
            factor = _factor(tax)
            own = (factor * (1 + before[0]), factor * before[1])
        slopes.append(own)
        if tax.affects_next:
            previous = (previous[0] + own[0], previous[1] + own[1])
    net = (gross - sum(fixed for _, fixed in slopes)) / (1 + sum(slope for slope, _ in slopes))
    return [slope * net + fixed for slope, fixed in slopes]


def _tax_on(base: Fraction, quantity: Decimal, tax: Tax) -> Fraction:
    if tax.kind is TaxKind.FIXED:
        return Fraction(tax.rate) * Fraction(quantity)
    return base * _factor(tax)


def _factor(tax: Tax) -> Fraction:
    rate = Fraction(tax.rate) / 100
    return rate / (1 - rate) if tax.kind is TaxKind.DIVISION else rate

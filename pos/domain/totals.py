"""What a cart costs: the one function behind the screen, the receipt, the journal and the reports."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from pos.domain.cart import Cart, Discount, DiscountKind, Line, TenderKind
from pos.domain.cash import CashProfile, Settlement, settle
from pos.domain.money import Rounding, Tax, Taxable, allocate, multiply, percent_of, tax_lines


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """The store's ways with money, copied onto each receipt."""

    rounding: Rounding = Rounding.LINE
    cash: CashProfile = field(default_factory=CashProfile)


@dataclass(frozen=True, kw_only=True, slots=True)
class LineTotal:
    """One line in minor units; `amount_minor` is what is left of `full_minor` after both kinds of
    discount."""

    line_id: str
    full_minor: int
    discount_minor: int
    order_discount_minor: int
    amount_minor: int
    net_minor: int
    tax_minor: int
    gross_minor: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TaxTotal:
    """One tax over the whole receipt."""

    code: str
    rate: Decimal
    net_minor: int
    tax_minor: int
    gross_minor: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """The receipt in minor units: net + tax = gross, gross + rounding = tenders - change."""

    lines: tuple[LineTotal, ...]
    taxes: tuple[TaxTotal, ...]
    full_minor: int
    discount_minor: int
    net_minor: int
    tax_minor: int
    gross_minor: int
    settlement: Settlement
    pieces: int

    @property
    def total_minor(self) -> int:
        """What the customer pays, cash rounding included."""
        return self.settlement.total_minor


def price(cart: Cart, rules: Rules) -> Totals:
    """Price, discount, tax and settle a cart."""
    priced = _priced(cart, rules)
    return replace(priced, settlement=_settlement(cart, priced.gross_minor, rules))


_last: tuple[Cart, Rules, Totals] | None = None


def _priced(cart: Cart, rules: Rules) -> Totals:
    """Everything but the settlement; not again when the very same lines come once more with a tender."""
    global _last  # noqa: PLW0603 - one entry, replaced as a whole; a wrong guess only costs a computation
    known = _last
    if (
        known is not None
        and known[0].lines is cart.lines
        and known[0].discounts is cart.discounts
        and known[1] == rules
    ):
        return known[2]
    totals = _compute(cart, rules)
    _last = (cart, rules, totals)
    return totals


def _compute(cart: Cart, rules: Rules) -> Totals:
    lines = cart.active_lines
    full = [line_price(line) for line in lines]
    left = [discounted(amount, line.discounts) for amount, line in zip(full, lines, strict=True)]
    shares = _order_shares(left, cart.discounts)
    amounts = [amount - share for amount, share in zip(left, shares, strict=True)]
    taxed = tax_lines(
        [
            Taxable(amount_minor=amount, taxes=line.item.taxes, quantity=line.quantity)
            for amount, line in zip(amounts, lines, strict=True)
        ],
        rules.rounding,
    )
    rows = tuple(
        LineTotal(
            line_id=line.id,
            full_minor=full[i],
            discount_minor=full[i] - left[i],
            order_discount_minor=shares[i],
            amount_minor=amounts[i],
            net_minor=taxed[i].net_minor,
            tax_minor=taxed[i].tax_minor,
            gross_minor=taxed[i].gross_minor,
        )
        for i, line in enumerate(lines)
    )
    gross = sum(row.gross_minor for row in rows)
    return Totals(
        lines=rows,
        taxes=_tax_totals(
            [
                (line.item.taxes, part.taxes_minor, part.net_minor)
                for line, part in zip(lines, taxed, strict=True)
            ]
        ),
        full_minor=sum(full),
        discount_minor=sum(full) - sum(amounts),
        net_minor=sum(row.net_minor for row in rows),
        tax_minor=sum(row.tax_minor for row in rows),
        gross_minor=gross,
        settlement=_settlement(cart, gross, rules),
        pieces=sum(1 if line.item.is_weighed else int(line.quantity) for line in lines),
    )


def line_price(line: Line) -> int:
    """Price of a line before discounts: the label's own price wins over price times quantity."""
    if line.label_price_minor is not None:
        return line.label_price_minor
    return multiply(line.item.unit_price_minor, line.quantity)


def discounted(amount_minor: int, discounts: tuple[Discount, ...]) -> int:
    """What discounts leave of an amount, each working on what the one before left: 1000 - 100 - 10 % - 20
    % is 648."""
    for discount in discounts:
        amount_minor -= discount_amount(amount_minor, discount)
    return amount_minor


def discount_amount(left_minor: int, discount: Discount) -> int:
    """The rounded amount of one discount, never more than what is left."""
    if discount.kind is DiscountKind.PERCENT:
        return percent_of(left_minor, discount.value)
    return min(int(discount.value), left_minor)


def _order_shares(amounts: list[int], discounts: tuple[Discount, ...]) -> list[int]:
    """Each line's part of the order discounts, by largest remainder on what the line still costs."""
    subtotal = sum(amounts)
    whole = subtotal - discounted(subtotal, discounts)
    return list(allocate(whole, amounts)) if whole else [0] * len(amounts)


def _tax_totals(parts: list[tuple[tuple[Tax, ...], tuple[int, ...], int]]) -> tuple[TaxTotal, ...]:
    net: dict[Tax, int] = {}
    amount: dict[Tax, int] = {}
    for taxes, minor, net_minor in parts:
        for tax, part in zip(taxes, minor, strict=True):
            net[tax] = net.get(tax, 0) + net_minor
            amount[tax] = amount.get(tax, 0) + part
    return tuple(
        TaxTotal(
            code=tax.code,
            rate=tax.rate,
            net_minor=net[tax],
            tax_minor=amount[tax],
            gross_minor=net[tax] + amount[tax],
        )
        for tax in sorted(net, key=lambda tax: (tax.code, tax.rate))
    )


def _settlement(cart: Cart, due_minor: int, rules: Rules) -> Settlement:
    cash = sum(tender.amount_minor for tender in cart.tenders if tender.kind is TenderKind.CASH)
    exact = sum(tender.amount_minor for tender in cart.tenders if tender.kind is not TenderKind.CASH)
    return settle(due_minor, exact, cash, rules.cash)

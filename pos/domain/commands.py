"""The commands of a cart and the pure reducer over them.

`apply(cart, command, context)` returns the next cart or refuses with `Refused`, and then the cart is as it was. A
command that was applied before changes nothing, so a log can be sent again after a lost answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any

from pos.domain.cart import (
    Cart,
    Discount,
    DiscountKind,
    Item,
    Line,
    MeasuredBy,
    Tender,
    TenderKind,
    from_data,
    to_data,
)
from pos.domain.totals import Rules, price

MAX_PIECES = 999
MAX_GRAMS = 99_999
MAX_TENDER_MINOR = 10_000_000
MAX_LINES = 500
MAX_TEXT = 200


class Refused(Exception):
    """A command that must not be applied; `code` names the rule, `details` fill its message."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """What a command needs to know and must not look up: plain data, kept with the command in the log."""

    rules: Rules = field(default_factory=Rules)
    item: Item | None = None
    hold_reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A wish of the cashier with an id of its own, given by whoever expresses it."""

    id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Scan(Command):
    """Add a product: by code, by PLU or by tile."""

    code: str
    quantity: int = 1
    grams: int | None = None
    label_price_minor: int | None = None
    measured_by: MeasuredBy = MeasuredBy.COUNT
    lot: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SetQuantity(Command):
    """Set the number of pieces of a line."""

    line: str
    quantity: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Weigh(Command):
    """Set the weight of a weighed line, in grams."""

    line: str
    grams: int


@dataclass(frozen=True, kw_only=True, slots=True)
class VoidLine(Command):
    """Take a line off the receipt; it can be restored."""

    line: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RestoreLine(Command):
    """Undo a void."""

    line: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LineDiscount(Command):
    """Discount what is left of one line."""

    line: str
    kind: DiscountKind
    value: Decimal
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderDiscount(Command):
    """Discount what is left of the whole receipt."""

    kind: DiscountKind
    value: Decimal
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoveDiscount(Command):
    """Take a discount away again."""

    discount: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfirmAge(Command):
    """The cashier has checked that the customer is at least this old."""

    age: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RefuseAge(Command):
    """The customer is too young: every restricted line is taken off."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AddTender(Command):
    """Offer money for the receipt."""

    kind: TenderKind
    amount_minor: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoveTender(Command):
    """Take an offer back."""

    tender: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SetCustomer(Command):
    """Attach a customer by reference."""

    customer: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SetNote(Command):
    """Write a note on the receipt."""

    note: str


def apply(cart: Cart, command: Command, context: Context) -> Cart:
    """The cart after a command.

    Raises:
        Refused: the command breaks a rule; its code says which.
    """
    if command.id in cart.applied:
        return cart
    changed = _HANDLERS[type(command)](cart, command, context)
    return replace(changed, applied=(*cart.applied, command.id))


def command_kind(command: Command) -> str:
    """The name of a command in the log and the API, such as `set_quantity`."""
    return _NAMES[type(command)]


def command_data(command: Command) -> dict[str, Any]:
    """Plain data of a command without its id."""
    return {part.name: to_data(getattr(command, part.name)) for part in fields(command) if part.name != "id"}


def make_command(kind: str, command_id: str, data: Mapping[str, Any]) -> Command:
    """Build a command from its plain data.

    Raises:
        Refused: no such kind, or the data do not fit it (code `bad_command`).
    """
    command = KINDS.get(kind)
    if command is None:
        raise Refused("bad_command", detail=kind)
    try:
        return from_data(command, {**data, "id": command_id})
    except (TypeError, ValueError, AttributeError) as error:
        raise Refused("bad_command", detail=str(error)) from error


def _scan(cart: Cart, command: Scan, context: Context) -> Cart:
    item = context.item
    if item is None:
        raise Refused("unknown_code", scanned=command.code)
    if context.hold_reason:
        raise Refused("on_hold", name=item.name, reason=context.hold_reason)
    if len(cart.lines) >= MAX_LINES:
        raise Refused("too_many_lines", maximum=MAX_LINES)
    quantity = _measured(command, item)
    same = _line_to_merge(cart, item) if command.measured_by is MeasuredBy.COUNT and not command.lot else None
    if same is not None and not item.is_weighed:
        more = replace(same, quantity=_pieces(int(same.quantity) + command.quantity))
        return replace(_with_line(cart, more), last_line=same.id)
    line = Line(
        id=command.id,
        item=item,
        quantity=quantity,
        measured_by=_source(command, item),
        label_price_minor=command.label_price_minor,
        lot=command.lot,
    )
    return replace(cart, lines=(*cart.lines, line), last_line=line.id)


def _measured(command: Scan, item: Item) -> Decimal:
    if command.label_price_minor is not None:
        if command.label_price_minor <= 0 or item.unit_price_minor <= 0:
            raise Refused("bad_price")
        exact = Decimal(command.label_price_minor) / Decimal(item.unit_price_minor)
        return max(exact.quantize(Decimal("0.001")), Decimal("0.001"))
    if item.is_weighed:
        if command.grams is None:
            raise Refused("weight_needed", name=item.name)
        return _kilograms(command.grams)
    return _pieces(command.quantity)


def _source(command: Scan, item: Item) -> MeasuredBy:
    if item.is_weighed and command.measured_by is MeasuredBy.COUNT:
        return MeasuredBy.SCALE
    return command.measured_by


def _line_to_merge(cart: Cart, item: Item) -> Line | None:
    return next(
        (
            line
            for line in cart.active_lines
            if line.item == item
            and not line.discounts
            and line.measured_by is MeasuredBy.COUNT
            and not line.lot
        ),
        None,
    )


def _pieces(quantity: int) -> Decimal:
    if quantity < 1:
        raise Refused("quantity_too_small")
    if quantity > MAX_PIECES:
        raise Refused("quantity_too_large", maximum=MAX_PIECES)
    return Decimal(quantity)


def _kilograms(grams: int) -> Decimal:
    if grams < 1:
        raise Refused("weight_too_small")
    if grams > MAX_GRAMS:
        raise Refused("weight_too_large", maximum=MAX_GRAMS // 1000)
    return Decimal(grams) / 1000


def _set_quantity(cart: Cart, command: SetQuantity, context: Context) -> Cart:
    line = _active_line(cart, command.line)
    if line.measured_by is not MeasuredBy.COUNT:
        raise Refused("quantity_is_weight", name=line.item.name)
    return replace(_with_line(cart, replace(line, quantity=_pieces(command.quantity))), last_line=line.id)


def _weigh(cart: Cart, command: Weigh, context: Context) -> Cart:
    line = _active_line(cart, command.line)
    if line.measured_by is not MeasuredBy.SCALE:
        raise Refused("not_weighed", name=line.item.name)
    return replace(_with_line(cart, replace(line, quantity=_kilograms(command.grams))), last_line=line.id)


def _void_line(cart: Cart, command: VoidLine, context: Context) -> Cart:
    line = _active_line(cart, command.line)
    return _with_line(cart, replace(line, is_voided=True))


def _restore_line(cart: Cart, command: RestoreLine, context: Context) -> Cart:
    line = cart.line(command.line)
    if line is None or not line.is_voided:
        raise Refused("no_such_line")
    return replace(_with_line(cart, replace(line, is_voided=False)), last_line=line.id)


def _line_discount(cart: Cart, command: LineDiscount, context: Context) -> Cart:
    line = _active_line(cart, command.line)
    left = next(row.amount_minor for row in price(cart, context.rules).lines if row.line_id == line.id)
    discount = _discount(command, command.kind, command.value, command.reason, left)
    return replace(_with_line(cart, replace(line, discounts=(*line.discounts, discount))), last_line=line.id)


def _order_discount(cart: Cart, command: OrderDiscount, context: Context) -> Cart:
    left = sum(row.amount_minor for row in price(cart, context.rules).lines)
    discount = _discount(command, command.kind, command.value, command.reason, left)
    return replace(cart, discounts=(*cart.discounts, discount))


def _discount(command: Command, kind: DiscountKind, value: Decimal, reason: str, left_minor: int) -> Discount:
    if value <= 0:
        raise Refused("discount_too_small")
    if kind is DiscountKind.PERCENT and value > 100:
        raise Refused("discount_too_large")
    if kind is DiscountKind.AMOUNT and (value != int(value) or value > left_minor):
        raise Refused("discount_too_large")
    return Discount(id=command.id, kind=kind, value=value, reason=reason[:MAX_TEXT])


def _remove_discount(cart: Cart, command: RemoveDiscount, context: Context) -> Cart:
    lines = tuple(replace(line, discounts=_without(line.discounts, command.discount)) for line in cart.lines)
    changed = replace(cart, lines=lines, discounts=_without(cart.discounts, command.discount))
    if changed == cart:
        raise Refused("no_such_discount")
    return changed


def _without(discounts: tuple[Discount, ...], discount_id: str) -> tuple[Discount, ...]:
    return tuple(discount for discount in discounts if discount.id != discount_id)


def _confirm_age(cart: Cart, command: ConfirmAge, context: Context) -> Cart:
    if not 0 < command.age <= 99:
        raise Refused("bad_command", detail="age")
    return replace(cart, confirmed_age=max(cart.confirmed_age, command.age))


def _refuse_age(cart: Cart, command: RefuseAge, context: Context) -> Cart:
    too_young_for = cart.confirmed_age
    return replace(
        cart,
        lines=tuple(
            replace(line, is_voided=True) if (line.item.min_age or 0) > too_young_for else line
            for line in cart.lines
        ),
    )


def _add_tender(cart: Cart, command: AddTender, context: Context) -> Cart:
    if not cart.active_lines:
        raise Refused("cart_empty")
    if cart.age_to_check:
        raise Refused("age_check_needed", age=cart.age_to_check)
    if command.amount_minor < 1:
        raise Refused("tender_too_small")
    if command.amount_minor > MAX_TENDER_MINOR:
        raise Refused("tender_too_large")
    if price(cart, context.rules).settlement.is_settled:
        raise Refused("already_paid")
    tender = Tender(id=command.id, kind=command.kind, amount_minor=command.amount_minor)
    return replace(cart, tenders=(*cart.tenders, tender))


def _remove_tender(cart: Cart, command: RemoveTender, context: Context) -> Cart:
    left = tuple(tender for tender in cart.tenders if tender.id != command.tender)
    if left == cart.tenders:
        raise Refused("no_such_tender")
    return replace(cart, tenders=left)


def _set_customer(cart: Cart, command: SetCustomer, context: Context) -> Cart:
    return replace(cart, customer=command.customer.strip()[:MAX_TEXT])


def _set_note(cart: Cart, command: SetNote, context: Context) -> Cart:
    return replace(cart, note=command.note.strip()[:MAX_TEXT])


def _active_line(cart: Cart, line_id: str) -> Line:
    line = cart.line(line_id)
    if line is None or line.is_voided:
        raise Refused("no_such_line")
    return line


def _with_line(cart: Cart, changed: Line) -> Cart:
    return replace(cart, lines=tuple(changed if line.id == changed.id else line for line in cart.lines))


_HANDLERS: dict[type[Command], Callable[[Cart, Any, Context], Cart]] = {
    Scan: _scan,
    SetQuantity: _set_quantity,
    Weigh: _weigh,
    VoidLine: _void_line,
    RestoreLine: _restore_line,
    LineDiscount: _line_discount,
    OrderDiscount: _order_discount,
    RemoveDiscount: _remove_discount,
    ConfirmAge: _confirm_age,
    RefuseAge: _refuse_age,
    AddTender: _add_tender,
    RemoveTender: _remove_tender,
    SetCustomer: _set_customer,
    SetNote: _set_note,
}
_NAMES: dict[type[Command], str] = {
    kind: handler.__name__.removeprefix("_") for kind, handler in _HANDLERS.items()
}
KINDS: dict[str, type[Command]] = {name: kind for kind, name in _NAMES.items()}

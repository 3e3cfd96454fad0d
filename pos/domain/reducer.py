"""The pure reducer of a cart.

`apply(cart, command, context)` returns the next cart or refuses with `RefusedError`, and then the cart is
as it was. A command that was applied before changes nothing, so a log can be sent again after a lost answer.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from pos.domain.cart import Cart, Discount, DiscountKind, Item, Line, MeasuredBy, Tender
from pos.domain.commands import (
    AddTender,
    Command,
    ConfirmAge,
    Context,
    LineDiscount,
    OrderDiscount,
    RefuseAge,
    RefusedError,
    RemoveDiscount,
    RemoveTender,
    RestoreLine,
    Scan,
    SetCustomer,
    SetNote,
    SetQuantity,
    VoidLine,
    Weigh,
)
from pos.domain.totals import price

MAX_PIECES = 999
MAX_GRAMS = 99_999
MAX_TENDER_MINOR = 10_000_000
MAX_LINES = 500
MAX_TEXT = 200
MAX_PERCENT = 100
MAX_AGE = 99


def apply(cart: Cart, command: Command, context: Context) -> Cart:
    """The cart after a command.

    Raises:
        RefusedError: the command breaks a rule; its code says which.
    """
    if command.id in cart.applied:
        return cart
    changed = _HANDLERS[type(command)](cart, command, context)
    return replace(changed, applied=(*cart.applied, command.id))


def _scan(cart: Cart, command: Scan, context: Context) -> Cart:
    item = context.item
    if item is None:
        raise RefusedError("unknown_code", scanned=command.code)
    if context.hold_reason:
        raise RefusedError("on_hold", name=item.name, reason=context.hold_reason)
    if len(cart.lines) >= MAX_LINES:
        raise RefusedError("too_many_lines", maximum=MAX_LINES)
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
            raise RefusedError("bad_price")
        exact = Decimal(command.label_price_minor) / Decimal(item.unit_price_minor)
        return max(exact.quantize(Decimal("0.001")), Decimal("0.001"))
    if item.is_weighed:
        if command.grams is None:
            raise RefusedError("weight_needed", name=item.name)
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
            if replace(line.item, gtin14=item.gtin14) == item
            and not line.discounts
            and line.measured_by is MeasuredBy.COUNT
            and not line.lot
        ),
        None,
    )


def _pieces(quantity: int) -> Decimal:
    if quantity < 1:
        raise RefusedError("quantity_too_small")
    if quantity > MAX_PIECES:
        raise RefusedError("quantity_too_large", maximum=MAX_PIECES)
    return Decimal(quantity)


def _kilograms(grams: int) -> Decimal:
    if grams < 1:
        raise RefusedError("weight_too_small")
    if grams > MAX_GRAMS:
        raise RefusedError("weight_too_large", maximum=MAX_GRAMS // 1000)
    return Decimal(grams) / 1000


def _set_quantity(cart: Cart, command: SetQuantity, context: Context) -> Cart:
    line = _active_line(cart, command.line)
    if line.measured_by is not MeasuredBy.COUNT:
        raise RefusedError("quantity_is_weight", name=line.item.name)
    return replace(_with_line(cart, replace(line, quantity=_pieces(command.quantity))), last_line=line.id)


def _weigh(cart: Cart, command: Weigh, context: Context) -> Cart:
    line = _active_line(cart, command.line)
    if line.measured_by is not MeasuredBy.SCALE:
        raise RefusedError("not_weighed", name=line.item.name)
    return replace(_with_line(cart, replace(line, quantity=_kilograms(command.grams))), last_line=line.id)


def _void_line(cart: Cart, command: VoidLine, context: Context) -> Cart:
    line = _active_line(cart, command.line)
    return _with_line(cart, replace(line, is_voided=True))


def _restore_line(cart: Cart, command: RestoreLine, context: Context) -> Cart:
    line = cart.line(command.line)
    if line is None or not line.is_voided:
        raise RefusedError("no_such_line")
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
        raise RefusedError("discount_too_small")
    if kind is DiscountKind.PERCENT and value > MAX_PERCENT:
        raise RefusedError("discount_too_large")
    if kind is DiscountKind.AMOUNT and (value != int(value) or value > left_minor):
        raise RefusedError("discount_too_large")
    return Discount(id=command.id, kind=kind, value=value, reason=reason[:MAX_TEXT])


def _remove_discount(cart: Cart, command: RemoveDiscount, context: Context) -> Cart:
    lines = tuple(replace(line, discounts=_without(line.discounts, command.discount)) for line in cart.lines)
    changed = replace(cart, lines=lines, discounts=_without(cart.discounts, command.discount))
    if changed == cart:
        raise RefusedError("no_such_discount")
    return changed


def _without(discounts: tuple[Discount, ...], discount_id: str) -> tuple[Discount, ...]:
    return tuple(discount for discount in discounts if discount.id != discount_id)


def _confirm_age(cart: Cart, command: ConfirmAge, context: Context) -> Cart:
    if not 0 < command.age <= MAX_AGE:
        raise RefusedError("bad_command", detail="age")
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
        raise RefusedError("cart_empty")
    if cart.age_to_check:
        raise RefusedError("age_check_needed", age=cart.age_to_check)
    if command.amount_minor < 1:
        raise RefusedError("tender_too_small")
    if command.amount_minor > MAX_TENDER_MINOR:
        raise RefusedError("tender_too_large")
    if price(cart, context.rules).settlement.is_settled:
        raise RefusedError("already_paid")
    tender = Tender(id=command.id, kind=command.kind, amount_minor=command.amount_minor)
    return replace(cart, tenders=(*cart.tenders, tender))


def _remove_tender(cart: Cart, command: RemoveTender, context: Context) -> Cart:
    left = tuple(tender for tender in cart.tenders if tender.id != command.tender)
    if left == cart.tenders:
        raise RefusedError("no_such_tender")
    return replace(cart, tenders=left)


def _set_customer(cart: Cart, command: SetCustomer, context: Context) -> Cart:
    return replace(cart, customer=command.customer.strip()[:MAX_TEXT])


def _set_note(cart: Cart, command: SetNote, context: Context) -> Cart:
    return replace(cart, note=command.note.strip()[:MAX_TEXT])


def _active_line(cart: Cart, line_id: str) -> Line:
    line = cart.line(line_id)
    if line is None or line.is_voided:
        raise RefusedError("no_such_line")
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

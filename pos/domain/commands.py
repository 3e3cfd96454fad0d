"""The commands of a cart as plain data, and what they need to know; `pos.domain.reducer` applies them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

from pos.domain.cart import DiscountKind, Item, MeasuredBy, TenderKind, from_data, to_data
from pos.domain.totals import Rules


class RefusedError(Exception):
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


KINDS: dict[str, type[Command]] = {
    "scan": Scan,
    "set_quantity": SetQuantity,
    "weigh": Weigh,
    "void_line": VoidLine,
    "restore_line": RestoreLine,
    "line_discount": LineDiscount,
    "order_discount": OrderDiscount,
    "remove_discount": RemoveDiscount,
    "confirm_age": ConfirmAge,
    "refuse_age": RefuseAge,
    "add_tender": AddTender,
    "remove_tender": RemoveTender,
    "set_customer": SetCustomer,
    "set_note": SetNote,
}
_NAMES = {kind: name for name, kind in KINDS.items()}


def command_kind(command: Command) -> str:
    """The name of a command in the log and the API, such as `set_quantity`."""
    return _NAMES[type(command)]


def command_data(command: Command) -> dict[str, Any]:
    """Plain data of a command without its id."""
    return {part.name: to_data(getattr(command, part.name)) for part in fields(command) if part.name != "id"}


def make_command(kind: str, command_id: str, data: Mapping[str, Any]) -> Command:
    """Build a command from its plain data.

    Raises:
        RefusedError: no such kind, or the data do not fit it (code `bad_command`).
    """
    command = KINDS.get(kind)
    if command is None:
        raise RefusedError("bad_command", detail=kind)
    try:
        return from_data(command, {**data, "id": command_id})
    except (TypeError, ValueError, AttributeError) as error:
        raise RefusedError("bad_command", detail=str(error)) from error

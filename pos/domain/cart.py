"""The cart as plain data: what a log of commands amounts to.

Everything here is frozen and made of standard types, so that the server and, later, the browser hold the
same cart and can compare it by its hash. Nothing here reads a clock, a database or a request.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from functools import partial
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from pos.domain.money import Tax


class DiscountKind(StrEnum):
    """A discount is a percentage of what is left, or an amount off what is left."""

    PERCENT = "PERCENT"
    AMOUNT = "AMOUNT"


class TenderKind(StrEnum):
    """How a customer pays."""

    CASH = "CASH"


class MeasuredBy(StrEnum):
    """Where a line's quantity comes from."""

    COUNT = "COUNT"
    SCALE = "SCALE"
    LABEL = "LABEL"


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """A product as it was when scanned: the snapshot the receipt keeps."""

    product_id: int
    sku: str
    name: str
    unit_price_minor: int
    price_version: int
    taxes: tuple[Tax, ...]
    tax_code: str = ""
    size_label: str = ""
    gtin14: str = ""
    department: str = ""
    unit: str = "ea"
    is_weighed: bool = False
    min_age: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Discount:
    """A discount with its reason; `value` is percent, or minor units for an amount."""

    id: str
    kind: DiscountKind
    value: Decimal
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One row of the receipt; a voided line stays and counts nothing."""

    id: str
    item: Item
    quantity: Decimal
    measured_by: MeasuredBy = MeasuredBy.COUNT
    label_price_minor: int | None = None
    lot: str = ""
    discounts: tuple[Discount, ...] = ()
    is_voided: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Tender:
    """What was offered, in minor units."""

    id: str
    kind: TenderKind
    amount_minor: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Cart:
    """The state after the commands in `applied`; their number is the cart's version."""

    id: str
    lines: tuple[Line, ...] = ()
    discounts: tuple[Discount, ...] = ()
    tenders: tuple[Tender, ...] = ()
    customer: str = ""
    note: str = ""
    confirmed_age: int = 0
    last_line: str = ""
    applied: tuple[str, ...] = ()

    @property
    def version(self) -> int:
        """How many commands have been applied."""
        return len(self.applied)

    @property
    def active_lines(self) -> tuple[Line, ...]:
        """The lines that count."""
        return tuple(line for line in self.lines if not line.is_voided)

    @property
    def age_to_check(self) -> int:
        """The age somebody still has to check before payment, 0 when none."""
        needed = max((line.item.min_age or 0 for line in self.active_lines), default=0)
        return needed if needed > self.confirmed_age else 0

    def line(self, line_id: str) -> Line | None:
        """The line with this id."""
        return next((line for line in self.lines if line.id == line_id), None)


_PLAIN = frozenset({str, int, bool, type(None)})
_WRITTEN: dict[type, tuple[tuple[str, bool], ...]] = {}


def to_data(value: Any) -> Any:
    """Plain JSON data of a cart or a part of it; Decimals become their shortest plain text."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is tuple:
        return [to_data(part) for part in value]
    if kind is Decimal:
        return plain(value)
    if isinstance(value, StrEnum):
        return value.value
    names = _WRITTEN.get(kind) or _WRITTEN.setdefault(kind, _written(kind))
    return {
        name: getattr(value, name) if is_plain else to_data(getattr(value, name)) for name, is_plain in names
    }


def _written(kind: type) -> tuple[tuple[str, bool], ...]:
    """The fields of a class, and whether a field is plain JSON already: found out once."""
    hints = get_type_hints(kind)
    return tuple(
        (field.name, (set(get_args(hints[field.name])) or {hints[field.name]}) <= _PLAIN)
        for field in fields(kind)
    )


def plain(value: Decimal) -> str:
    """A Decimal as text that depends on its value only: 1.250 and 1.25 are both `1.25`."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def canonical(data: Any) -> bytes:
    """Bytes that are the same wherever the same data is written: sorted keys, no blanks, UTF-8."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def state_hash(cart: Cart) -> str:
    """Hash of the cart's whole state, for two sides to compare."""
    return hashlib.sha256(canonical(to_data(cart))).hexdigest()


T = TypeVar("T")
Reader = Callable[[Any], Any]
_FIELDS: dict[type, dict[str, Reader]] = {}


def from_data(kind: type[T], data: Mapping[str, Any]) -> T:
    """Build a cart, or a part of it, from its plain data.

    Raises:
        TypeError: a required field is missing or an unknown one is there.
        ValueError: a value does not fit its field.
    """
    readers = _FIELDS.get(kind) or _FIELDS.setdefault(kind, _readers(kind))
    unknown = data.keys() - readers.keys()
    if unknown:
        raise TypeError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
    return kind(**{name: readers[name](value) for name, value in data.items()})


def _readers(kind: type) -> dict[str, Reader]:
    """How each field of a class is read: found out once, a basket is read at every request."""
    return {name: _reader(hint) for name, hint in get_type_hints(kind).items()}


def _reader(hint: Any) -> Reader:
    origin = get_origin(hint)
    if origin is tuple:
        return _tuple_reader(_reader(get_args(hint)[0]))
    if origin in (Union, UnionType):
        inner = _reader(get_args(hint)[0])
        return lambda value: None if value is None else inner(value)
    if is_dataclass(hint):
        return partial(from_data, hint)  # type: ignore[arg-type]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint
    return _decimal if hint is Decimal else _exact_reader(hint)


def _tuple_reader(inner: Reader) -> Reader:
    def read(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return tuple([inner(part) for part in value])
        raise ValueError("expected a list")

    return read


def _exact_reader(kind: type) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not kind and (not isinstance(value, kind) or isinstance(value, bool)):
            raise ValueError(f"{value!r} is not {kind.__name__}")
        return value

    return read


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool | float) or not isinstance(value, str | int | Decimal):
        raise TypeError(f"{value!r} is not a decimal")
    try:
        number = Decimal(value)
    except ArithmeticError as error:
        raise ValueError(f"{value!r} is not a decimal") from error
    if not number.is_finite():
        raise ValueError(f"{value!r} is not a number")
    return number

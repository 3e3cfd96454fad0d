"""The canonical order command: what every shop's message becomes before the store acts on it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class CommandKind(StrEnum):
    """What the shop asks for."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    CANCEL = "CANCEL"
    PAID = "PAID"
    ARRIVED = "ARRIVED"


class Substitution(StrEnum):
    """What the customer allows when a product is not there."""

    NONE = "NONE"
    LISTED = "LISTED"
    SIMILAR = "SIMILAR"
    ASK = "ASK"
    CANCEL_ORDER = "CANCEL_ORDER"


@dataclass(frozen=True, kw_only=True)
class Customer:
    """Who collects; blanked 30 days after the order is closed."""

    name: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, kw_only=True)
class CommandLine:
    """One ordered product: `quantity` in pieces, or kilograms for weighed goods."""

    line_id: str
    gtin14: str
    sku: str
    quantity: Decimal
    unit_price_minor: int
    title: str = ""
    substitution: Substitution = Substitution.NONE


@dataclass(frozen=True, kw_only=True)
class OrderCommand:
    """One request about one order of one shop.

    `message_id` identifies the message (a repeat has the same one), `version` grows with every change of the
    order in the shop, whatever order the messages arrive in.
    """

    kind: CommandKind
    source: str
    message_id: str
    order_id: str
    version: int
    occurred_at: datetime
    number: str = ""
    customer: Customer = Customer()
    due_at: datetime | None = None
    currency: str = ""
    lines: tuple[CommandLine, ...] = ()
    note: str = ""
    bay: str = ""

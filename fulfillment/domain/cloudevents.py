"""Generic source: a CloudEvents 1.0 event in the `detail` of an EventBridge envelope.

`source` is `com.<retailer>.<shop>`, `detail-type` the event's short name (`order.created`); `detail` is
the CloudEvent
(https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md) and its `data` the order.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from fulfillment.domain import fields
from fulfillment.domain.commands import CommandKind, CommandLine, Customer, OrderCommand, Substitution
from fulfillment.domain.fields import EnvelopeError

MAX_LINES = 400
KINDS: Mapping[str, CommandKind] = {
    "order.created": CommandKind.CREATE,
    "order.updated": CommandKind.UPDATE,
    "order.cancelled": CommandKind.CANCEL,
    "order.paid": CommandKind.PAID,
    "order.customer.arrived": CommandKind.ARRIVED,
}


def to_command(envelope: Mapping[str, object]) -> OrderCommand:
    """Turn one envelope into an order command; raises EnvelopeError with the field that is wrong."""
    kind = _kind(envelope)
    event = fields.mapping(envelope.get("detail"), "detail")
    if event.get("specversion") != "1.0":
        raise EnvelopeError("unknown_version", "detail.specversion is not 1.0")
    data = fields.mapping(event.get("data"), "detail.data")
    path = "detail.data"
    is_full = kind in {CommandKind.CREATE, CommandKind.UPDATE}
    source = fields.text(envelope, "source", path="envelope", longest=60)
    order_id = fields.text(data, "order_id", path=path, longest=50)
    return OrderCommand(
        kind=kind,
        source=source,
        message_id=_message_id(event),
        order_id=order_id,
        version=fields.integer(data, "version", path=path, minimum=1),
        occurred_at=cast(datetime, fields.moment(event, "time", path="detail")),
        number=fields.text(data, "number", path=path, default=order_id, longest=40),
        customer=_customer(data),
        due_at=_due_at(data, is_full=is_full),
        currency=fields.text(data, "currency", path=path, default=None if is_full else "", longest=3),
        lines=_lines(data) if is_full else (),
        note=fields.text(data, "note", path=path, default=""),
        bay=fields.text(data, "bay", path=path, default="", longest=40),
    )


def _message_id(event: Mapping[str, object]) -> str:
    """CloudEvents: source and id together name the event."""
    source = fields.text(event, "source", path="detail", longest=60)
    return f"{source}#{fields.text(event, 'id', path='detail', longest=59)}"


def _kind(envelope: Mapping[str, object]) -> CommandKind:
    detail_type = fields.text(envelope, "detail-type", path="envelope")
    kind = KINDS.get(detail_type)
    if kind is None:
        raise EnvelopeError("unknown_type", f"detail-type {detail_type!r} is not known")
    return kind


def _customer(data: Mapping[str, object]) -> Customer:
    raw = fields.mapping(data.get("customer") or {}, "detail.data.customer")
    path = "detail.data.customer"
    return Customer(
        name=fields.text(raw, "name", path=path, default=""),
        phone=fields.text(raw, "phone", path=path, default=""),
        email=fields.text(raw, "email", path=path, default=""),
    )


def _due_at(data: Mapping[str, object], *, is_full: bool) -> datetime | None:
    if not is_full:
        return None
    pickup = fields.mapping(data.get("pickup"), "detail.data.pickup")
    return fields.moment(pickup, "due_at", path="detail.data.pickup")


def _lines(data: Mapping[str, object]) -> tuple[CommandLine, ...]:
    raw = data.get("lines")
    if not isinstance(raw, list) or not raw:
        raise EnvelopeError("no_lines", "detail.data.lines is empty")
    if len(raw) > MAX_LINES:
        raise EnvelopeError("too_many_lines", f"detail.data.lines has more than {MAX_LINES} lines")
    lines = tuple(_line(item, f"detail.data.lines[{index}]") for index, item in enumerate(raw))
    if len({line.line_id for line in lines}) != len(lines):
        raise EnvelopeError("repeated_line", "detail.data.lines repeats a line_id")
    return lines


def _line(item: object, path: str) -> CommandLine:
    raw = fields.mapping(item, path)
    gtin = fields.text(raw, "gtin", path=path, default="")
    sku = fields.text(raw, "sku", path=path, default="")
    if not gtin and not sku:
        raise EnvelopeError("missing_field", f"{path} has neither gtin nor sku")
    if gtin and (not gtin.isascii() or not gtin.isdigit() or len(gtin) not in {8, 12, 13, 14}):
        raise EnvelopeError("wrong_type", f"{path}.gtin is not a GTIN")
    wish = fields.text(raw, "substitution", path=path, default="none").upper()
    if wish not in Substitution.__members__:
        raise EnvelopeError("unknown_value", f"{path}.substitution {wish!r} is not known")
    return CommandLine(
        line_id=fields.text(raw, "line_id", path=path, longest=50),
        gtin14=gtin.zfill(14) if gtin else "",
        sku=sku,
        quantity=fields.quantity(raw, "quantity", path=path),
        unit_price_minor=fields.integer(raw, "unit_price_minor", path=path),
        title=fields.text(raw, "title", path=path, default=""),
        substitution=Substitution(wish),
    )

"""Recorded envelopes become commands; each broken field is named."""

import copy
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fulfillment.domain import envelopes
from fulfillment.domain.commands import CommandKind, CommandLine, Customer, OrderCommand, Substitution
from fulfillment.domain.envelopes import EnvelopeError

VECTORS = Path(__file__).parents[2] / "vectors" / "fulfillment"
MISSING = object()


def recorded(name):
    return json.loads((VECTORS / f"{name}.json").read_text())


def test_recorded_order_becomes_exactly_this_command():
    assert envelopes.to_command(recorded("order_created")) == OrderCommand(
        kind=CommandKind.CREATE,
        source="com.example-market.shop",
        message_id="/shop/de#evt-000017",
        order_id="W-4711",
        version=1,
        occurred_at=datetime(2026, 11, 23, 8, 12, 30, 250_000, tzinfo=UTC),
        number="4711",
        customer=Customer(name="Mia Berg", phone="+49 30 5550123", email="mia@example.com"),
        due_at=datetime(2026, 11, 23, 11, 0, tzinfo=UTC),
        currency="EUR",
        note="Paper bags, please",
        lines=(
            CommandLine(
                line_id="1",
                gtin14="09520000000011",
                sku="",
                quantity=Decimal("2.000"),
                unit_price_minor=199,
                title="Rye bread",
                substitution=Substitution.SIMILAR,
            ),
            CommandLine(
                line_id="2", gtin14="02810010000000", sku="", quantity=Decimal("0.500"), unit_price_minor=179
            ),
            CommandLine(
                line_id="3", gtin14="", sku="10-005", quantity=Decimal("1.000"), unit_price_minor=249
            ),
        ),
    )


def test_recorded_cancellation_needs_no_lines():
    command = envelopes.to_command(recorded("order_cancelled"))
    assert (command.kind, command.order_id, command.version) == (CommandKind.CANCEL, "W-4711", 2)
    assert (command.lines, command.due_at, command.currency) == ((), None, "")


def changed(path, value):
    """The recorded order with one thing changed; `path` as `detail.data.lines.0.gtin`."""
    envelope = copy.deepcopy(recorded("order_created"))
    *way, last = path.split(".")
    place = envelope
    for name in way:
        place = place[int(name)] if isinstance(place, list) else place[name]
    key = int(last) if isinstance(place, list) else last
    if value is MISSING:
        del place[key]
    else:
        place[key] = value
    return envelope


@pytest.mark.parametrize(
    ("path", "value", "code", "reason"),
    [
        ("source", MISSING, "missing_field", "envelope.source is missing"),
        ("source", "org.x", "unknown_source", "source 'org.x' has no adapter"),
        ("source", "com." + "x" * 60, "text_too_long", "envelope.source"),
        ("detail-type", "order.exploded", "unknown_type", "detail-type 'order.exploded' is not known"),
        ("detail", MISSING, "not_an_object", "detail is not an object"),
        ("detail", [], "not_an_object", "detail is not an object"),
        ("detail.specversion", "0.3", "unknown_version", "specversion"),
        ("detail.id", "", "missing_field", "detail.id is missing"),
        ("detail.time", "yesterday", "wrong_type", "detail.time is not a time"),
        ("detail.time", "2026-11-23T08:00:00", "wrong_type", "detail.time has no time zone"),
        ("detail.time", "1970-01-01T00:00:00Z", "out_of_range", "plausible"),
        ("detail.data", "x", "not_an_object", "detail.data is not an object"),
        ("detail.data.order_id", MISSING, "missing_field", "detail.data.order_id is missing"),
        ("detail.data.order_id", ["x"], "wrong_type", "detail.data.order_id is not a text"),
        ("detail.data.version", 0, "out_of_range", "detail.data.version is out of range"),
        ("detail.data.version", True, "wrong_type", "detail.data.version is not a whole number"),
        ("detail.data.version", "1", "wrong_type", "detail.data.version"),
        ("detail.data.version", 2**60, "out_of_range", "detail.data.version"),
        ("detail.data.currency", MISSING, "missing_field", "detail.data.currency"),
        ("detail.data.currency", "EURO", "text_too_long", "detail.data.currency"),
        ("detail.data.customer", 7, "not_an_object", "detail.data.customer"),
        ("detail.data.customer.name", "a\x00b", "text_too_long", "detail.data.customer.name"),
        ("detail.data.pickup", MISSING, "not_an_object", "detail.data.pickup is not an object"),
        ("detail.data.lines", [], "no_lines", "detail.data.lines is empty"),
        ("detail.data.lines", {}, "no_lines", "detail.data.lines is empty"),
        ("detail.data.lines.0", 5, "not_an_object", "detail.data.lines[0] is not an object"),
        ("detail.data.lines.0.gtin", "95200", "wrong_type", "detail.data.lines[0].gtin is not a GTIN"),
        ("detail.data.lines.0.gtin", "٩٥٢٠٠٠٠٠٠٠٠١١", "wrong_type", "is not a GTIN"),
        ("detail.data.lines.2.sku", MISSING, "missing_field", "neither gtin nor sku"),
        ("detail.data.lines.0.quantity", "0", "out_of_range", "detail.data.lines[0].quantity"),
        ("detail.data.lines.0.quantity", "-1", "out_of_range", "detail.data.lines[0].quantity"),
        ("detail.data.lines.0.quantity", "NaN", "out_of_range", "detail.data.lines[0].quantity"),
        ("detail.data.lines.0.quantity", "1e400", "out_of_range", "detail.data.lines[0].quantity"),
        ("detail.data.lines.0.quantity", "2147483648", "out_of_range", "detail.data.lines[0].quantity"),
        ("detail.data.lines.0.quantity", "0.0001", "out_of_range", "more than three decimals"),
        (
            "detail.data.lines.0.quantity",
            "two",
            "wrong_type",
            "detail.data.lines[0].quantity is not a number",
        ),
        ("detail.data.lines.0.unit_price_minor", -1, "out_of_range", "unit_price_minor"),
        ("detail.data.lines.0.unit_price_minor", 1.5, "wrong_type", "unit_price_minor"),
        ("detail.data.lines.0.substitution", "whatever", "unknown_value", "substitution"),
        ("detail.data.lines.1.line_id", "1", "repeated_line", "repeats a line_id"),
    ],
)
def test_broken_field_is_named(path, value, code, reason):
    with pytest.raises(EnvelopeError) as error:
        envelopes.to_command(changed(path, value))
    assert error.value.code == code
    assert reason in error.value.reason


def test_more_than_400_lines_are_refused():
    line = recorded("order_created")["detail"]["data"]["lines"][0]
    lines = [{**line, "line_id": str(number)} for number in range(401)]
    with pytest.raises(EnvelopeError, match="more than 400"):
        envelopes.to_command(changed("detail.data.lines", lines))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PATHS = ["source", "detail-type", "detail", "detail.time", "detail.data", "detail.data.version", "detail.data.pickup",
         "detail.data.lines", "detail.data.lines.0", "detail.data.lines.0.quantity", "detail.data.customer"]  # fmt: skip


@given(path=st.sampled_from(PATHS), value=json_values)
def test_anything_at_all_is_a_command_or_a_reason(path, value):
    try:
        result = envelopes.to_command(changed(path, value))
    except EnvelopeError as error:
        result = error.reason
    assert result
    assert isinstance(result, OrderCommand | str)

"""Orders come in once, in any order, and what nobody can use is put aside with the reason."""

import json
from decimal import Decimal

import pytest

from fulfillment.models import Order, OrderTombstone, PickWork
from store.link import inbox
from store.link.inbox import Outcome
from store.models import InboxMessage, OutboxEvent, QuarantinedMessage, Reservation
from tests.factories import fulfillment as make

pytestmark = pytest.mark.django_db


def types():
    return list(OutboxEvent.objects.order_by("id").values_list("type", flat=True))


def test_order_becomes_pick_work_and_reservation(floor):
    bread, milk = make.stocked(5), make.stocked(5)
    taken = inbox.take_in(body=make.body(lines=[make.wire_line(bread, "2"), make.wire_line(milk)]))
    order = make.order_of()
    assert taken.outcome is Outcome.APPLIED
    assert (order.state, order.version, order.number) == ("RELEASED", 1, "A-1001")
    assert PickWork.objects.get(order=order).state == "WAITING"
    assert sorted(Reservation.objects.values_list("quantity", flat=True)) == [Decimal(1), Decimal(2)]
    assert types() == ["fulfillment.accepted.v1", "fulfillment.reserved.v1"]
    assert [entry.kind for entry in order.log.all()] == ["received", "moved", "moved"]


def test_repeated_message_has_one_effect(floor):
    bread = make.stocked(5)
    message = make.body(lines=[make.wire_line(bread, "2")])
    assert inbox.take_in(body=message).outcome is Outcome.APPLIED
    assert inbox.take_in(body=message).outcome is Outcome.DUPLICATE
    assert Order.objects.count() == 1
    assert InboxMessage.objects.count() == 1
    assert OutboxEvent.objects.count() == 2


def test_same_event_in_another_envelope_is_a_duplicate(floor):
    bread = make.stocked(5)
    first = make.wire(lines=[make.wire_line(bread)], event_id="e1")
    again = make.wire(lines=[make.wire_line(bread)], event_id="e1")
    assert first["id"] != again["id"]
    inbox.take_in(body=json.dumps(first))
    assert inbox.take_in(body=json.dumps(again)).outcome is Outcome.DUPLICATE


def test_older_version_never_overwrites(floor):
    bread = make.stocked(9)
    inbox.take_in(body=make.body(lines=[make.wire_line(bread, "1")], version=3))
    inbox.take_in(body=make.body("order.updated", lines=[make.wire_line(bread, "7")], version=2))
    order = make.order_of()
    assert order.version == 3
    assert order.lines.get().ordered == 1


def test_cancellation_before_creation_leaves_a_tombstone(floor):
    bread = make.stocked(5)
    inbox.take_in(body=make.body("order.cancelled", version=2))
    assert OrderTombstone.objects.get().version == 2
    inbox.take_in(body=make.body(lines=[make.wire_line(bread)], version=1))
    assert not Order.objects.exists()
    assert not Reservation.objects.exists()


def test_update_replaces_lines_before_picking(floor):
    bread, milk = make.stocked(5), make.stocked(5)
    inbox.take_in(body=make.body(lines=[make.wire_line(bread, "2")]))
    inbox.take_in(body=make.body("order.updated", lines=[make.wire_line(milk, "3")], version=2))
    order = make.order_of()
    assert [(line.product_id, line.ordered) for line in order.lines.all()] == [(milk.pk, Decimal(3))]
    live = Reservation.objects.filter(released_at__isnull=True)
    assert [(row.product_id, row.quantity) for row in live] == [(milk.pk, Decimal(3))]


def test_cancellation_before_picking_frees_stock(floor):
    bread = make.stocked(5)
    inbox.take_in(body=make.body(lines=[make.wire_line(bread, "2")]))
    inbox.take_in(body=make.body("order.cancelled", version=2))
    order = make.order_of()
    assert order.state == "CANCELLED"
    assert order.lines.get().cancelled == 2
    assert not Reservation.objects.filter(released_at__isnull=True).exists()
    assert types()[-1] == "fulfillment.cancel_accepted.v1"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"lines": "unknown"}, "unknown_product"),
        ({"currency": "USD"}, "wrong_currency"),
        ({"lines": "empty_stock"}, "no_stock"),
    ],
)
def test_order_the_store_cannot_take_is_rejected_with_reason(floor, change, reason):
    bread, gone = make.stocked(5), make.stocked(0.001)
    lines = {"unknown": [make.wire_line("09520000999999")], "empty_stock": [make.wire_line(gone)]}
    Reservation.objects.create(
        product=gone, quantity=Decimal(1), source="other", source_id="1", created_at=make.NOW
    )
    more = {"lines": [make.wire_line(bread)]} | {
        key: lines[value] if key == "lines" else value for key, value in change.items()
    }
    inbox.take_in(body=make.body(**more))
    order = make.order_of()
    assert order.state == "REJECTED"
    assert order.state_reason.startswith(reason)
    assert types() == ["fulfillment.rejected.v1"]
    assert not PickWork.objects.exists()


def test_missing_stock_is_announced(floor):
    bread = make.stocked(1)
    inbox.take_in(body=make.body(lines=[make.wire_line(bread, "3")]))
    assert types() == [
        "fulfillment.accepted.v1",
        "fulfillment.reserved.v1",
        "fulfillment.short_expected.v1",
    ]
    assert Reservation.objects.get().quantity == 1


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"detail-type": "order.created", "x": NaN}', "not JSON"),
        ('{"detail-type": "weather"}', "nobody knows"),
        ('{"detail-type": "order.created", "source": "com.x", "detail": 5}', "detail is not an object"),
        ('{"detail-type": "order.exploded", "source": "com.x"}', "is not known"),
        ('{"detail-type": "order.created", "source": "org.x"}', "has no adapter"),
    ],
)
def test_message_nobody_can_use_is_quarantined_with_reason(floor, message, reason):
    taken = inbox.take_in(body=message)
    assert taken.outcome is Outcome.QUARANTINED
    row = QuarantinedMessage.objects.get()
    assert reason in row.reason
    assert bytes(row.payload) == message.encode()
    assert not InboxMessage.objects.exists()
    assert not Order.objects.exists()


def test_intake_statement_count_does_not_grow_with_lines(floor, django_assert_max_num_queries):
    products = [make.stocked(5) for _ in range(12)]
    message = make.body(lines=[make.wire_line(one) for one in products])
    with django_assert_max_num_queries(28):
        inbox.take_in(body=message)

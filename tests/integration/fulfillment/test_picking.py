"""Picking by scan, staging, ready, handover; each refusal leaves everything as it was."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from fulfillment.domain.lines import ShortReason
from fulfillment.models import OrderLine, OrderLogEntry, PickScan, PickWork
from fulfillment.services import collection, picking, staging
from fulfillment.services.refusals import FulfillmentError
from store.domain import barcode
from store.link import inbox
from store.models import AuditEntry, OutboxEvent, Reservation, StockLedger
from store.services import holds
from tests.factories import fulfillment as make
from tests.factories.fulfillment import picked_order, ready_order, scan, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def claimed(floor, picker):
    """An order of two pieces of bread and one milk in the hands of the picker."""
    bread, milk = make.stocked(10), make.stocked(10)
    order = take_in(make.wire_line(bread, "2"), make.wire_line(milk))
    assert picking.claim(staff=picker).order_id == order.pk
    order.refresh_from_db()
    return order, bread, milk


def lines_of(order):
    return list(order.lines.all())


def test_claim_assigns_boxes_and_starts_picking(claimed, picker):
    order, *_ = claimed
    assert order.state == "PICKING"
    assert [tote.code for tote in order.totes.all()] == ["T-A1"]
    assert OutboxEvent.objects.last().type == "fulfillment.picking_started.v1"


def test_scan_moves_one_piece_and_its_stock(claimed, picker):
    order, bread, _ = claimed
    line = lines_of(order)[0]
    result = scan(line, bread, picker)
    line.refresh_from_db()
    assert (result.quantity, result.open, result.is_order_done) == (Decimal(1), Decimal(1), False)
    assert (line.open, line.picked) == (Decimal(1), Decimal(1))
    move = StockLedger.objects.get(source="fulfillment.pick")
    assert (move.product_id, move.quantity, move.reason) == (bread.pk, Decimal(-1), "PICK")
    assert Reservation.objects.get(product=bread).quantity == 1


def test_same_scan_again_has_no_second_effect(claimed, picker):
    order, bread, _ = claimed
    line = lines_of(order)[0]
    key = uuid.uuid4()
    first = scan(line, bread, picker, scan_id=key)
    again = scan(line, bread, picker, scan_id=key)
    line.refresh_from_db()
    assert (again.is_replay, again.quantity) == (True, first.quantity)
    assert line.picked == 1
    assert StockLedger.objects.filter(source="fulfillment.pick").count() == 1


def test_wrong_product_is_refused_counted_and_moves_nothing(claimed, picker):
    order, _, milk = claimed
    line = lines_of(order)[0]
    with pytest.raises(FulfillmentError) as refusal:
        scan(line, milk, picker)
    line.refresh_from_db()
    assert refusal.value.code == "wrong_item"
    assert line.picked == 0
    assert PickScan.objects.get().outcome == "wrong_item"
    assert not StockLedger.objects.filter(source="fulfillment.pick").exists()


def test_refused_scan_again_is_refused_the_same_way(claimed, picker):
    order, _, milk = claimed
    line = lines_of(order)[0]
    key = uuid.uuid4()
    for _ in range(2):
        with pytest.raises(FulfillmentError, match=r"wrong_item|Wrong product"):
            scan(line, milk, picker, scan_id=key)
    assert PickScan.objects.count() == 1


@pytest.mark.parametrize(
    ("quantity", "code"), [("3", "over_pick"), ("0", "quantity_invalid"), ("0.5", "quantity_invalid")]
)
def test_impossible_quantity_is_refused(claimed, picker, quantity, code):
    order, bread, _ = claimed
    with pytest.raises(FulfillmentError) as refusal:
        scan(lines_of(order)[0], bread, picker, quantity=Decimal(quantity))
    assert refusal.value.code == code
    assert OrderLine.objects.get(pk=lines_of(order)[0].pk).picked == 0


def test_held_product_is_refused_with_the_reason(claimed, picker):
    order, bread, _ = claimed
    holds.place_hold(product=bread, reason="Freezer 1 is in alarm", source="test", source_id="1")
    with pytest.raises(FulfillmentError, match="Freezer 1 is in alarm") as refusal:
        scan(lines_of(order)[0], bread, picker)
    assert refusal.value.code == "product_held"
    holds.clear_holds(source="test", source_id="1")
    assert scan(lines_of(order)[0], bread, picker).quantity == 1


def test_unreadable_code_is_refused(claimed, picker):
    order, *_ = claimed
    with pytest.raises(FulfillmentError) as refusal:
        picking.confirm_pick(
            scan_id=uuid.uuid4(), line_pk=lines_of(order)[0].pk, code="hello world", staff=picker
        )
    assert refusal.value.code == "unreadable"


def test_somebody_elses_order_is_refused(claimed):
    order, bread, _ = claimed
    other = make.picker("other")
    with pytest.raises(FulfillmentError) as refusal:
        scan(lines_of(order)[0], bread, other)
    assert refusal.value.code == "not_yours"


def test_lease_that_ran_out_may_be_taken_over(claimed, picker):
    order, bread, _ = claimed
    other = make.picker("other")
    assert picking.claim(staff=other) is None
    PickWork.objects.filter(order=order).update(
        lease_until=make.NOW, claimed_at=make.NOW - timedelta(minutes=15)
    )
    assert picking.claim(staff=other).order_id == order.pk
    with pytest.raises(FulfillmentError) as refusal:
        scan(lines_of(order)[0], bread, picker)
    assert refusal.value.code == "not_yours"


def test_weighed_goods_count_as_ordered_and_keep_their_weight(floor, picker):
    label = barcode.compose("28", "1234", 0).zfill(14)
    make.stocked(50, is_weighed=True, unit="kg", gtin=label)
    order = take_in(make.wire_line(label, "0.500"))
    picking.claim(staff=picker)
    line = order.lines.get()

    def weigh(grams, **more):
        code = barcode.compose("28", "1234", grams)
        return picking.confirm_pick(scan_id=uuid.uuid4(), line_pk=line.pk, code=code, staff=picker, **more)

    for grams, code in ((700, "weight_refused"), (300, "weight_refused"), (600, "weight_off")):
        with pytest.raises(FulfillmentError) as refusal:
            weigh(grams)
        assert refusal.value.code == code
    result = weigh(600, is_weight_confirmed=True)
    line.refresh_from_db()
    assert (result.is_order_done, line.picked, line.kilograms) == (True, Decimal("0.500"), Decimal("0.600"))
    assert StockLedger.objects.get(source="fulfillment.pick").quantity == Decimal("-0.600")


def test_short_pick_frees_the_reservation_and_tells_the_shop(claimed, picker):
    order, bread, milk = claimed
    first, second = lines_of(order)
    scan(first, bread, picker)
    picking.mark_short(line_pk=first.pk, reason=ShortReason.DAMAGED, staff=picker)
    result = scan(second, milk, picker)
    first.refresh_from_db()
    order.refresh_from_db()
    assert (first.picked, first.short, first.short_reason) == (Decimal(1), Decimal(1), "DAMAGED")
    assert result.is_order_done
    assert order.state == "PICKED"
    assert not Reservation.objects.filter(released_at__isnull=True).exists()
    assert OutboxEvent.objects.filter(type="fulfillment.line_short.v1").count() == 1


def test_boxes_never_mix_zones(floor, picker):
    order = picked_order(picker, make.stocked(5), make.stocked(5, storage_zone="FROZEN"))
    assert [(tote.code, tote.zone) for tote in order.totes.all()] == [("T-A1", "AMBIENT"), ("T-F1", "FROZEN")]


def test_staging_refuses_wrong_zone_unknown_bin_and_foreign_box(floor, picker):
    order = picked_order(picker, make.stocked(5, storage_zone="FROZEN"))
    for tote, place, code in (
        ("T-F1", "S-A1", "wrong_zone"),
        ("T-F1", "nowhere", "unknown_bin"),
        ("T-A1", "S-F1", "unknown_tote"),
    ):
        with pytest.raises(FulfillmentError) as refusal:
            staging.stage(order_id=order.pk, tote_code=tote, bin_code=place, staff=picker)
        assert refusal.value.code == code
    assert order.totes.get().bin is None


def test_staging_into_a_unit_in_alarm_is_refused(floor, picker):
    frozen = make.stocked(5, storage_zone="FROZEN")
    order = picked_order(picker, frozen)
    fixture = make.StagingBin.objects.get(code="S-F1").fixture
    holds.place_hold(
        fixture=fixture, product=frozen, reason="Bin F is warm", source="telemetry.alarm", source_id="1"
    )
    with pytest.raises(FulfillmentError, match="Bin F is warm") as refusal:
        staging.stage(order_id=order.pk, tote_code="T-F1", bin_code="S-F1", staff=picker)
    assert refusal.value.code == "bin_in_alarm"


def test_ready_event_carries_the_code_and_the_hold(floor, picker):
    order = ready_order(picker)
    event = OutboxEvent.objects.get(type="fulfillment.ready_for_pickup.v1")
    assert event.lane == "orders"
    assert event.stream == f"order/{make.SHOP}/1001"
    assert event.payload["collection_code"] == staging.collection_code(order)
    assert order.hold_until - order.ready_at == timedelta(days=7)
    assert event.payload["lines"][0]["picked"] in {"1.000", "1"}


def test_right_code_hands_over_and_frees_the_box(floor, picker):
    order = ready_order(picker)
    collection.hand_over(order_id=order.pk, code=staging.collection_code(order), staff=picker)
    order.refresh_from_db()
    assert (order.state, order.lines.get().handed) == ("HANDED_OVER", Decimal(1))
    assert not order.totes.exists()
    assert OutboxEvent.objects.last().type == "fulfillment.handed_over.v1"


def wrong_code(order):
    return f"{(int(staging.collection_code(order)) + 1) % 10**6:06}"


def test_five_wrong_codes_need_a_supervisor(floor, picker):
    order = ready_order(picker)
    codes = []
    for _ in range(6):
        with pytest.raises(FulfillmentError) as refusal:
            collection.hand_over(order_id=order.pk, code=wrong_code(order), staff=picker)
        codes.append(refusal.value.code)
    assert codes == ["code_wrong"] * 4 + ["code_locked"] * 2
    with pytest.raises(FulfillmentError) as refusal:
        collection.hand_over(order_id=order.pk, code=staging.collection_code(order), staff=picker)
    order.refresh_from_db()
    assert (refusal.value.code, order.state, order.code_failures) == ("code_locked", "READY", 5)
    assert AuditEntry.objects.filter(action="handover.locked").count() == 1
    boss = make.picker("boss", role="SUPERVISOR")
    collection.hand_over(order_id=order.pk, code=staging.collection_code(order), staff=boss)
    assert OutboxEvent.objects.last().payload["method"] == "supervisor"


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "१२३४५६"])
def test_what_is_no_code_is_refused_and_not_counted(floor, picker, code):
    order = ready_order(picker)
    with pytest.raises(FulfillmentError) as refusal:
        collection.hand_over(order_id=order.pk, code=code, staff=picker)
    order.refresh_from_db()
    assert (refusal.value.code, order.code_failures) == ("code_malformed", 0)


def test_second_handover_is_refused(floor, picker):
    order = ready_order(picker)
    code = staging.collection_code(order)
    collection.hand_over(order_id=order.pk, code=code, staff=picker)
    with pytest.raises(FulfillmentError) as refusal:
        collection.hand_over(order_id=order.pk, code=code, staff=picker)
    assert refusal.value.code == "already_collected"


def test_cancellation_while_picking_stops_the_next_scan(claimed, picker):
    order, bread, _ = claimed
    line = lines_of(order)[0]
    scan(line, bread, picker)
    inbox.take_in(body=make.body("order.cancelled", version=2))
    order.refresh_from_db()
    assert order.state == "CANCEL_PENDING"
    with pytest.raises(FulfillmentError) as refusal:
        scan(line, bread, picker)
    order.refresh_from_db()
    assert (refusal.value.code, order.state) == ("order_stopped", "RESTOWING")
    collection.finish_restow(order_id=order.pk, staff=picker)
    line.refresh_from_db()
    order.refresh_from_db()
    assert (order.state, line.restowed, line.cancelled) == ("CLOSED", Decimal(1), Decimal(1))
    moves = StockLedger.objects.filter(product=bread, source__startswith="fulfillment").values_list(
        "quantity", flat=True
    )
    assert sum(moves) == 0


def test_cancellation_after_the_handover_is_refused(floor, picker):
    order = ready_order(picker)
    collection.hand_over(order_id=order.pk, code=staging.collection_code(order), staff=picker)
    inbox.take_in(body=make.body("order.cancelled", version=2))
    order.refresh_from_db()
    last = OutboxEvent.objects.last()
    assert order.state == "HANDED_OVER"
    assert (last.type, last.payload["reason"]) == ("fulfillment.cancel_refused.v1", "already_collected")


def test_database_refuses_a_line_that_does_not_add_up(floor, picker):
    order = take_in(make.wire_line(make.stocked(5), "2"))
    with pytest.raises(IntegrityError, match="order_line_adds_up"), transaction.atomic():
        order.lines.update(picked=1)
    with pytest.raises(IntegrityError, match="order_line_gives_no_more"), transaction.atomic():
        order.lines.update(handed=1)


def test_database_refuses_to_change_the_log(floor, picker):
    order = take_in(make.wire_line(make.stocked(5)))
    with pytest.raises(IntegrityError, match="records"), transaction.atomic():
        OrderLogEntry.objects.filter(order=order).update(actor="somebody")


def test_log_counts_without_gaps_and_explains_the_state(floor, picker):
    order = ready_order(picker)
    entries = list(order.log.all())
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    moves = [entry.state for entry in entries if entry.kind == "moved"]
    assert moves == ["RESERVED", "RELEASED", "PICKING", "PICKED", "STAGED", "READY"]


def test_scan_statement_count_is_fixed(claimed, picker, django_assert_max_num_queries):
    order, bread, _ = claimed
    line = lines_of(order)[0]
    with django_assert_max_num_queries(22):
        scan(line, bread, picker)

"""Completing a sale: what is written, once, and what is refused."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pos import invariants
from pos.errors import (
    CartClosedError,
    CommandRefusedError,
    NoShiftError,
    NotPaidError,
    NotSignedInError,
    StaleCartError,
)
from pos.models import Cart, JournalRecord, NumberSeries, Receipt, ReceiptLine, Shift
from pos.services import sales
from pos.services import tills as till_services
from store import ids
from store.models import Operation, OutboxEvent, StockLedger
from store.services.operations import KeyReusedError
from tests.factories import pos as make
from tests.factories.store import ProductFactory

pytestmark = pytest.mark.django_db


def pay(till, outcome, cash_minor, key=None):
    return sales.complete_sale(
        till=till,
        cart_id=outcome.cart.id,
        version=outcome.cart.version,
        key=key or ids.uuid7(),
        cash_minor=cash_minor,
    )


def test_sale_writes_receipt_stock_journal_and_event():
    till = make.make_till()
    outcome = make.fill(till, 119, 250, 1299)
    outcome = make.send(till, "line_discount", line=outcome.cart.lines[1].id, kind="PERCENT", value="10")
    answer = pay(till, outcome, 2000)
    data = answer.data()
    assert answer.status == 201
    assert (data["number"], data["total_minor"], data["change_minor"]) == (1, 1643, 357)
    receipt = Receipt.objects.get()
    assert (receipt.net_minor, receipt.tax_minor, receipt.total_minor) == (1381, 262, 1643)
    assert (receipt.discount_minor, receipt.tendered_minor, receipt.change_minor) == (25, 2000, 357)
    assert str(receipt.uid) == data["receipt"]
    assert [line.gross_minor for line in receipt.lines.all()] == [119, 225, 1299]
    assert [(tender.kind, tender.amount_minor) for tender in receipt.tenders.all()] == [("CASH", 2000)]
    moves = StockLedger.objects.order_by("source_id").values_list("source_id", "quantity", "reason")
    assert list(moves) == [(f"{receipt.uid}/{n}", -1, "SALE") for n in (1, 2, 3)]
    record = JournalRecord.objects.get(kind="SALE")
    assert (record.sequence, record.hash) == (receipt.journal_sequence, receipt.journal_hash)
    assert record.data["total_minor"] == 1643
    event = OutboxEvent.objects.get(type="pos.sale.completed.v1")
    assert event.payload["number"] == 1
    assert [line["gross_minor"] for line in event.payload["lines"]] == [119, 225, 1299]
    shift = Shift.objects.get()
    assert (shift.receipts, shift.total_minor, shift.cash_minor) == (1, 1643, 1643)
    assert Cart.objects.get().status == "COMPLETED"
    assert make.look(till).cart is None
    assert invariants.check() == []


@pytest.mark.parametrize("lines", [1, 40])
def test_sale_takes_two_statements_whatever_the_lines(lines):
    till = make.make_till()
    outcome = make.fill(till, *range(100, 100 + lines))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        pay(till, outcome, 100_000)
    statements = [q["sql"] for q in queries if "SAVEPOINT" not in q["sql"]]
    assert len(statements) == 2, statements
    assert ReceiptLine.objects.count() == lines


def test_same_key_and_request_replays_byte_for_byte():
    till = make.make_till()
    outcome = make.fill(till, 500)
    key = uuid4()
    first = pay(till, outcome, 500, key)
    again = pay(make.look(till), outcome, 500, key)
    assert again.text == first.text
    assert (first.replayed, again.replayed) == (False, True)
    assert Receipt.objects.count() == 1
    assert StockLedger.objects.count() == 1


def test_same_key_and_other_request_is_refused():
    till = make.make_till()
    outcome = make.fill(till, 500)
    key = uuid4()
    pay(till, outcome, 500, key)
    with pytest.raises(KeyReusedError):
        pay(till, outcome, 600, key)
    assert Receipt.objects.count() == 1


def test_second_pay_with_another_key_is_refused():
    till = make.make_till()
    outcome = make.fill(till, 500)
    pay(till, outcome, 500)
    with pytest.raises(CartClosedError):
        pay(till, outcome, 500)
    assert Receipt.objects.count() == 1
    assert NumberSeries.objects.get().last_number == 1


def test_numbers_and_chain_go_on_without_gap():
    till = make.make_till()
    for _ in range(3):
        pay(till, make.fill(till, 500), 500)
        till = make.look(till)
    assert list(Receipt.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3]
    assert NumberSeries.objects.get().grand_total_minor == 1500
    assert invariants.check() == []


@pytest.mark.parametrize(
    ("cash", "error", "code"),
    [
        (None, NotPaidError, "not_paid"),
        (100, NotPaidError, "not_paid"),
        (0, CommandRefusedError, "tender_too_small"),
        (-5, CommandRefusedError, "tender_too_small"),
        (2**40, CommandRefusedError, "tender_too_large"),
    ],
)
def test_bad_tender_is_refused_and_nothing_is_written(cash, error, code):
    till = make.make_till()
    outcome = make.fill(till, 500)
    with pytest.raises(error) as caught:
        pay(till, outcome, cash)
    assert caught.value.code == code
    assert not Receipt.objects.exists()
    assert not StockLedger.objects.exists()
    assert not Operation.objects.exists()
    assert make.look(till).cart == outcome.cart


def test_empty_basket_is_refused():
    till = make.make_till()
    outcome = make.fill(till, 500)
    outcome = make.send(till, "void_line", line=outcome.cart.lines[0].id)
    with pytest.raises(CommandRefusedError) as caught:
        pay(till, outcome, 500)
    assert caught.value.code == "cart_empty"


def test_stale_version_is_refused():
    till = make.make_till()
    stale = make.fill(till, 500)
    make.fill(till, 300)
    with pytest.raises(StaleCartError):
        pay(till, stale, 1000)
    assert not Receipt.objects.exists()


def test_unchecked_age_is_refused():
    till = make.make_till()
    product = ProductFactory(min_age=18)
    outcome = make.send(till, "scan", code=product.gtins.get().gtin14)
    with pytest.raises(CommandRefusedError) as caught:
        pay(till, outcome, 100)
    assert caught.value.code == "age_check_needed"
    outcome = make.send(till, "confirm_age", age=18)
    assert pay(till, outcome, 100).status == 201
    assert JournalRecord.objects.filter(kind="AGE_CONFIRMED").count() == 1


def test_closed_till_and_nobody_signed_in_are_refused():
    till = make.make_till()
    outcome = make.fill(till, 500)
    closed = make.make_till(is_open=False)
    with pytest.raises(NoShiftError):
        pay(closed, outcome, 500)
    from store.models import Device

    till_services.sign_out(device=Device.objects.get(pk=till.device_id))
    with pytest.raises(NotSignedInError):
        pay(make.look(till), outcome, 500)
    assert not Receipt.objects.exists()


def test_another_tills_basket_is_refused():
    till, other = make.make_till(), make.make_till()
    outcome = make.fill(till, 500)
    with pytest.raises(CartClosedError):
        pay(other, outcome, 500)


def test_split_cash_completes_without_a_last_tender():
    till = make.make_till()
    make.fill(till, 500)
    outcome = make.send(till, "add_tender", kind="CASH", amount_minor=500)
    answer = pay(till, outcome, None)
    assert answer.data()["change_minor"] == 0
    assert invariants.check() == []


def test_shift_closes_with_the_count_and_the_expected_sum():
    till = make.make_till(float_minor=10_000)
    pay(till, make.fill(till, 500), 2000)
    shift = till_services.close_shift(till=make.look(till), counted_minor=10_400)
    assert (shift.expected_minor, shift.counted_minor) == (10_500, 10_400)
    assert make.look(till).is_open is False
    assert OutboxEvent.objects.get(type="pos.shift.closed.v1").payload["open_tills"] == 0
    assert invariants.check() == []


def test_shift_with_a_basket_does_not_close():
    till = make.make_till()
    make.fill(till, 500)
    with pytest.raises(till_services.BasketOpenError):
        till_services.close_shift(till=make.look(till), counted_minor=0)
    assert make.look(till).is_open
    assert timezone.now() > make.look(till).opened_at

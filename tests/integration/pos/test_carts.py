"""The basket's log: what is appended, replayed, refused."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pos.domain.cart import Cart, from_data, state_hash
from pos.domain.commands import Context, make_command
from pos.domain.reducer import apply
from pos.errors import CommandRefusedError, NoShiftError, NotSignedInError, StaleCartError
from pos.models import Cart as CartRow
from pos.models import CartCommand, JournalRecord
from pos.services import carts
from store import ids
from store.domain.barcode import compose
from store.models import Device, Gtin
from store.services.holds import place_hold
from tests.factories import pos as make
from tests.factories.store import ProductFactory

pytestmark = pytest.mark.django_db


def refused(till, command, /, **data):
    before = make.look(till).cart
    with pytest.raises(CommandRefusedError) as caught:
        make.send(till, command, **data)
    assert make.look(till).cart == before
    return caught.value


def test_log_run_again_gives_the_same_hash():
    till = make.make_till()
    outcome = make.fill(till, 119, 250)
    line = outcome.cart.lines[0].id
    make.send(till, "set_quantity", line=line, quantity=3)
    make.send(till, "line_discount", line=line, kind="PERCENT", value="12.5", reason="dented")
    make.send(till, "order_discount", kind="AMOUNT", value="50")
    row = CartRow.objects.get()
    cart = Cart(id=str(row.pk))
    for logged in CartCommand.objects.order_by("number"):
        command = make_command(logged.kind, str(logged.command_id), logged.data)
        cart = apply(cart, command, from_data(Context, logged.context))
        assert state_hash(cart) == logged.state_hash
    assert (state_hash(cart), cart.version) == (row.state_hash, row.version)


def test_command_id_applies_once():
    till = make.make_till()
    product = ProductFactory()
    code, command_id = product.gtins.get().gtin14, ids.uuid7()
    make.send(till, "scan", command_id=command_id, code=code)
    again = make.send(till, "scan", command_id=command_id, code=code)
    assert again.is_replay
    assert again.cart.lines[0].quantity == 1
    assert CartCommand.objects.count() == 1


def test_scan_takes_few_queries():
    till = make.make_till()
    make.fill(till, 119)
    code = ProductFactory().gtins.get().gtin14
    with CaptureQueriesContext(connection) as queries:
        make.send(till, "scan", code=code)
    assert len([q for q in queries if "SAVEPOINT" not in q["sql"]]) == 4


def test_price_and_label_data_from_the_client_are_refused():
    till = make.make_till()
    code = ProductFactory().gtins.get().gtin14
    for field in ("label_price_minor", "unit_price_minor", "lot", "measured_by"):
        assert refused(till, "scan", code=code, **{field: 1}).code == "bad_command"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("9520123456788", "unknown_code"),
        ("9520123456789", "check_digit"),
        ("hello world", "bad_barcode"),
        ("77", "unknown_code"),
    ],
)
def test_unknown_codes_are_refused(code, error):
    till = make.make_till()
    assert refused(till, "scan", code=code).code == error


@pytest.mark.parametrize(
    ("quantity", "error"),
    [
        (0, "quantity_too_small"),
        (-1, "quantity_too_small"),
        (2**31, "quantity_too_large"),
        ("2", "bad_command"),
    ],
)
def test_bad_quantities_are_refused(quantity, error):
    till = make.make_till()
    outcome = make.fill(till, 119)
    assert refused(till, "set_quantity", line=outcome.cart.lines[0].id, quantity=quantity).code == error


def test_held_product_is_refused_with_the_reason_and_journaled():
    till = make.make_till()
    product = ProductFactory(name="Fish fingers")
    place_hold(product=product, reason="Freezer 1 was too warm", source="telemetry", source_id="a1")
    error = refused(till, "scan", code=product.gtins.get().gtin14)
    assert (error.code, str(error)) == ("on_hold", "Fish fingers must not be sold: Freezer 1 was too warm")
    assert JournalRecord.objects.get(kind="HOLD_REFUSED").data["reason"] == "Freezer 1 was too warm"


def test_weighed_label_sells_its_weight():
    till = make.make_till()
    product = ProductFactory(
        is_weighed=True, unit="kg", price_minor=1299, gtin=compose("28", "1234", 0).zfill(14)
    )
    outcome = make.send(till, "scan", code=compose("28", "1234", 1250))
    assert (outcome.cart.lines[0].item.product_id, outcome.totals.total_minor) == (product.pk, 1624)
    assert refused(till, "scan", code=f"p:{product.pk}").code == "weight_needed"
    assert make.send(till, "scan", code=f"p:{product.pk}", grams=500).totals.total_minor == 1624 + 650


def test_price_label_sells_its_price():
    till = make.make_till()
    ProductFactory(is_weighed=True, unit="kg", price_minor=1000, gtin=compose("22", "1234", 0).zfill(14))
    assert make.send(till, "scan", code=compose("22", "1234", 499)).totals.total_minor == 499


def test_pack_plu_tile_and_gs1_code_find_the_product():
    till = make.make_till()
    product = ProductFactory(plu="4711", price_minor=100)
    Gtin.objects.create(product=product, gtin14="19520123456785", pack_quantity=6)
    make.send(till, "scan", code="4711")
    make.send(till, "scan", code=f"p:{product.pk}", quantity=2)
    outcome = make.send(till, "scan", code="19520123456785")
    assert [line.quantity for line in outcome.cart.lines] == [9]
    lot = make.send(till, "scan", code=f"(01){product.gtins.first().gtin14}(10)L7(17)491231")
    assert lot.cart.lines[1].lot == "L7"


def test_expired_lot_is_refused():
    till = make.make_till()
    product = ProductFactory()
    assert refused(till, "scan", code=f"(01){product.gtins.get().gtin14}(17)200101").code == "expired"


def test_product_without_price_is_refused():
    till = make.make_till()
    product = ProductFactory()
    product.prices.all().delete()
    assert refused(till, "scan", code=product.gtins.get().gtin14).code == "no_price"


def test_stale_version_is_refused():
    till = make.make_till()
    first = make.fill(till, 119)
    make.fill(till, 250)
    with pytest.raises(StaleCartError):
        make.send(till, "void_line", line=first.cart.lines[0].id, version=first.cart.version)
    assert len(make.look(till).cart.active_lines) == 2


def test_void_and_discount_are_journaled():
    till = make.make_till()
    outcome = make.fill(till, 119)
    line = outcome.cart.lines[0].id
    make.send(till, "line_discount", line=line, kind="PERCENT", value="10")
    make.send(till, "void_line", line=line)
    make.send(till, "restore_line", line=line)
    kinds = list(JournalRecord.objects.order_by("sequence").values_list("kind", flat=True))
    assert kinds == ["SIGN_IN", "SHIFT_OPENED", "DISCOUNT", "LINE_VOIDED"]


def test_closed_till_and_signed_out_till_refuse():
    closed = make.make_till(is_open=False)
    with pytest.raises(NoShiftError):
        make.send(closed, "scan", code="9520123456788")
    till = make.make_till()
    make.till_services.sign_out(device=Device.objects.get(pk=till.device_id))
    with pytest.raises(NotSignedInError):
        make.send(make.look(till), "scan", code="9520123456788")


def test_abandoned_basket_is_put_away():
    till = make.make_till()
    make.fill(till, 119)
    carts.abandon(till=till)
    assert make.look(till).cart is None
    assert CartRow.objects.get().status == "ABANDONED"
    assert JournalRecord.objects.get(kind="CART_ABANDONED").data["lines"] == 1

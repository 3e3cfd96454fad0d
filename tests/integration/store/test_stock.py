"""Stock: the ledger, folding, reservations."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from store.models import Reservation, StockBalance, StockLedger, StockUnfolded
from store.queries.stock import availability
from store.services import stock
from tests.factories.store import ProductFactory


def move(product, quantity, source_id, reason="RECEIPT"):
    return stock.Move(
        product_id=product.pk, quantity=Decimal(quantity), reason=reason, source="test", source_id=source_id
    )


@pytest.mark.django_db
def test_moves_count_before_and_after_folding(django_assert_num_queries):
    product, other = ProductFactory(), ProductFactory()
    with django_assert_num_queries(1):
        stock.append_moves(
            moves=[move(product, "10", "a"), move(product, "-2.5", "b"), move(other, "1", "c")]
        )
    assert availability([product.pk])[product.pk].on_hand == Decimal("7.5")
    assert stock.fold_balances() == 2
    assert StockUnfolded.objects.count() == 0
    assert StockBalance.objects.get(product=product).on_hand == Decimal("7.5")
    assert availability([product.pk])[product.pk].on_hand == Decimal("7.5")
    assert stock.fold_balances() == 0


@pytest.mark.django_db(transaction=True)
def test_the_same_source_moves_stock_once():
    product = ProductFactory()
    stock.append_moves(moves=[move(product, "10", "a")])
    with pytest.raises(IntegrityError):
        stock.append_moves(moves=[move(product, "10", "a")])
    assert availability([product.pk])[product.pk].on_hand == 10


@pytest.mark.parametrize(
    "statement",
    [
        "update store_stockledger set quantity = 1",
        "delete from store_stockledger",
        "truncate store_stockledger cascade",
    ],
)
@pytest.mark.django_db(transaction=True)
def test_the_ledger_refuses_changes_by_raw_sql(statement):
    product = ProductFactory()
    stock.append_moves(moves=[move(product, "10", "a")])
    with pytest.raises((IntegrityError, InternalError), match="never changed"), transaction.atomic():
        connection.cursor().execute(statement)
    assert StockLedger.objects.get().quantity == 10
    # The test's own cleaning truncates: lift the guard for it.


@pytest.mark.django_db
def test_reserve_gives_what_is_there_and_repeats_itself():
    product = ProductFactory()
    stock.append_moves(moves=[move(product, "3", "a")])
    wish = stock.Wish(product_id=product.pk, quantity=Decimal(2), source_id="line-1")
    second = stock.Wish(product_id=product.pk, quantity=Decimal(2), source_id="line-2")
    assert stock.reserve(source="order", wishes=[wish]) == {"line-1": 2}
    assert stock.reserve(source="order", wishes=[wish, second]) == {"line-1": 2, "line-2": 1}
    assert availability([product.pk])[product.pk].available == 0
    assert stock.release(source="order", source_ids=["line-1"]) == 1
    assert stock.release(source="order", source_ids=["line-1"]) == 0
    assert availability([product.pk])[product.pk].available == 2


@pytest.mark.django_db(transaction=True)
def test_two_orders_never_reserve_the_same_last_unit():
    product = ProductFactory()
    stock.append_moves(moves=[move(product, "20", "a")])

    def reserve(number: int) -> Decimal:
        try:
            wish = stock.Wish(product_id=product.pk, quantity=Decimal(1), source_id=f"line-{number}")
            return stock.reserve(source="order", wishes=[wish])[f"line-{number}"]
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        granted = list(pool.map(reserve, range(40)))
    assert sorted(granted) == [Decimal(0)] * 20 + [Decimal(1)] * 20
    assert sum(Reservation.objects.values_list("quantity", flat=True)) == 20

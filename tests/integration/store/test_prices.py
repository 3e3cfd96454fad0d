"""The price ledger."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from store.models import OutboxEvent, Price
from store.queries import catalogue
from store.services import prices
from tests.factories.store import EPOCH, ProductFactory, gtin14

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(product, moment):
    return catalogue.find_by_gtin(gtin14(product.pk), at=moment).price_minor


def change(product, minor, starts_at):
    return prices.change_price(product=product, price_minor=minor, starts_at=starts_at, actor="mara", now=NOW)


def test_a_change_takes_effect_at_its_instant_and_until_the_next():
    product = ProductFactory(price_minor=100)
    change(product, 150, NOW + 2 * HOUR)
    change(product, 120, NOW + HOUR)
    assert [at(product, NOW + n * HOUR) for n in range(4)] == [100, 120, 150, 150]
    assert at(product, NOW + HOUR - timedelta(microseconds=1)) == 100
    assert [row.version for row in Price.objects.order_by("starts_at")] == [1, 3, 2]
    assert OutboxEvent.objects.filter(type="store.price.changed.v1").count() == 2


def test_a_planned_change_at_the_same_instant_gives_way():
    product = ProductFactory(price_minor=100)
    change(product, 150, NOW + HOUR)
    change(product, 130, NOW + HOUR)
    assert at(product, NOW + 3 * HOUR) == 130


@pytest.mark.parametrize(
    ("minor", "starts_at", "field"),
    [(-1, NOW, "price"), (100_000_001, NOW, "price"), (100, NOW - HOUR, "starts_at")],
)
def test_refused_changes_leave_the_ledger_alone(minor, starts_at, field):
    product = ProductFactory()
    with pytest.raises(prices.PriceRefusedError) as caught:
        change(product, minor, starts_at)
    assert caught.value.field == field
    assert Price.objects.count() == 1
    assert OutboxEvent.objects.count() == 0


def test_two_prices_at_one_time_are_refused_by_the_database():
    product = ProductFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Price.objects.create(product=product, price_minor=1, starts_at=EPOCH + HOUR, version=2)
    assert Price.objects.count() == 1


@pytest.mark.parametrize("text", ["oat bisc", "OAT", "biscuts", "P0"])
def test_search_finds_in_spite_of_typing_errors(text, django_assert_num_queries):
    product = ProductFactory(name="Oat biscuits", sku="P0")
    ProductFactory(name="Milk")
    with django_assert_num_queries(1):
        found = catalogue.search(text, at=NOW)
    assert [card.id for card in found] == [product.pk]


@pytest.mark.parametrize("text", ["", "  ", "%", "_", "\\", "'; drop table store_product; --"])
def test_search_takes_any_text(text):
    ProductFactory(name="Milk")
    assert catalogue.search(text, at=NOW) == []

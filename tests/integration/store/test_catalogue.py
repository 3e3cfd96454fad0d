"""The catalogue's pages: search, filters, sorting, export, a product's page, price changes and who may make them."""

import csv
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from store.models import AuditEntry, OutboxEvent, Price, Product, Staff
from store.queries import assortment
from store.services import holds, stock
from tests.factories.store import DepartmentFactory, ProductFactory, SiteFactory, StaffFactory

pytestmark = pytest.mark.django_db
LIST = "store:catalogue"


@pytest.fixture
def goods():
    SiteFactory()
    dairy = DepartmentFactory(code="dairy", name="Dairy", name_de="Molkerei")
    milk = ProductFactory(
        sku="D-1", name="Fresh milk", name_de="Frischmilch", brand="Fennigau", price_minor=119
    )
    butter = ProductFactory(sku="D-2", name="Butter", name_de="Butter", department=dairy, price_minor=229)
    wine = ProductFactory(sku="W-1", name="Riesling", min_age=16, price_minor=599)
    stock.append_moves(
        moves=[
            stock.Move(product_id=milk.pk, quantity=Decimal(20), reason="COUNT", source="t", source_id="1"),
            stock.Move(product_id=wine.pk, quantity=Decimal(2), reason="COUNT", source="t", source_id="2"),
        ]
    )
    return milk, butter, wine


@pytest.fixture
def manager(client):
    client.force_login(StaffFactory(username="mara", role=Staff.Role.MANAGER))
    return client


@pytest.fixture
def cashier(client):
    client.force_login(StaffFactory(username="anna", role=Staff.Role.CASHIER))
    return client


def skus(response):
    return [row.sku for row in response.context["rows"]]


def test_list_shows_every_product_by_name(cashier, goods):
    response = cashier.get(reverse(LIST))
    assert response.status_code == 200
    assert skus(response) == ["D-2", "D-1", "W-1"]


def test_list_is_for_people_who_signed_in(client, goods):
    assert client.get(reverse(LIST)).status_code == 302


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=milk", ["D-1"]),
        ("q=mlik", []),
        ("q=Frischmi", ["D-1"]),
        ("q=fenni", ["D-1"]),
        ("q=D-2", ["D-2"]),
        ("department=dairy", ["D-2"]),
        ("only=age", ["W-1"]),
        ("only=low&sort=stock", ["D-2", "W-1"]),
        ("sort=-price", ["W-1", "D-2", "D-1"]),
        ("sort=price", ["D-1", "D-2", "W-1"]),
        ("sort=-stock", ["D-1", "W-1", "D-2"]),
        ("sort=drop+table", ["D-2", "D-1", "W-1"]),
        ("page=99", ["D-2", "D-1", "W-1"]),
        ("page=-1", ["D-2", "D-1", "W-1"]),
        ("q=%25", []),
        ("q='--", []),
    ],
)
def test_list_finds_filters_and_sorts(cashier, goods, query, expected):
    assert skus(cashier.get(f"{reverse(LIST)}?{query}")) == expected


def test_list_finds_by_barcode_as_printed(cashier, goods):
    printed = goods[0].gtins.get().gtin14.lstrip("0")
    assert skus(cashier.get(reverse(LIST), {"q": printed})) == ["D-1"]


def test_list_answers_htmx_with_the_results_alone(cashier, goods):
    response = cashier.get(reverse(LIST), {"q": "milk"}, headers={"HX-Request": "true"})
    page = response.content.decode()
    assert page.lstrip().startswith('<section id="results"')
    assert "<html" not in page


def test_empty_list_says_what_to_do(cashier, goods):
    page = cashier.get(reverse(LIST), {"q": "zzzz"}).content.decode()
    assert "No product fits" in page
    assert "Show all products" in page


def test_list_shows_german_names_to_germans(cashier, goods):
    page = cashier.get(reverse(LIST), headers={"Accept-Language": "de"}).content.decode()
    assert "Frischmilch" in page
    assert "Molkerei" in page


def test_held_products_are_marked(cashier, goods):
    holds.place_hold(product=goods[0], reason="Recall", source="test", source_id="1")
    response = cashier.get(reverse(LIST), {"only": "held"})
    assert skus(response) == ["D-1"]
    assert "Held" in response.content.decode()


def test_list_takes_two_queries_whatever_its_length(goods, django_assert_num_queries):
    for number in range(30):
        ProductFactory(name=f"Biscuit {number}")
    with django_assert_num_queries(2):
        found = assortment.list_products(assortment.Wanted(), at=timezone.now())
    assert found.total == 33


def test_pages_divide_the_list(cashier, goods):
    for number in range(assortment.PAGE_SIZE):
        ProductFactory(name=f"Biscuit {number:02}")
    first, second = (cashier.get(reverse(LIST), {"page": page}) for page in (1, 2))
    assert (len(skus(first)), len(skus(second))) == (48, 3)
    assert not set(skus(first)) & set(skus(second))


def test_export_holds_all_rows_and_defuses_formulas(cashier, goods):
    Product.objects.filter(sku="D-1").update(name='=HYPERLINK("x")')
    response = cashier.get(reverse("store:catalogue_export"))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(StringIO(response.content.decode())))
    by_sku = {row["sku"]: row for row in rows}
    assert by_sku["D-1"]["name"] == '\'=HYPERLINK("x")'
    assert (by_sku["D-2"]["price"], by_sku["D-1"]["on_hand"]) == ("2.29", "20.000")
    assert by_sku["W-1"]["gtin"] == goods[2].gtins.get().gtin14


def product_url(sku="D-1"):
    return reverse("store:catalogue_product", args=[sku])


def test_product_page_shows_price_stock_and_codes(cashier, goods):
    page = cashier.get(product_url()).content.decode()
    assert "€1.19" in page
    assert goods[0].gtins.get().gtin14[1:] in page
    assert "Free to sell" in page
    assert 'name="price"' not in page


def test_unknown_product_is_not_found(cashier, goods):
    assert cashier.get(product_url("nope")).status_code == 404


def change(client, **data):
    return client.post(reverse("store:catalogue_price", args=["D-1"]), data)


def test_manager_changes_a_price_now(manager, goods):
    response = change(manager, price="1,29", starts_at="")
    assert response.status_code == 200
    now = timezone.now()
    assert goods[0].prices.effective(now).get().price_minor == 129
    assert list(goods[0].prices.order_by("version").values_list("price_minor", flat=True)) == [119, 129]
    assert AuditEntry.objects.get(action="price.changed").actor == "mara"
    assert OutboxEvent.objects.get(type="store.price.changed.v1").payload["price_minor"] == 129


def test_manager_plans_a_price_in_the_stores_own_time(manager, goods):
    tomorrow = timezone.localdate() + timedelta(days=1)
    response = change(manager, price="0.99", starts_at=f"{tomorrow}T07:00")
    assert response.status_code == 200
    planned = Price.objects.get(product=goods[0], version=2)
    assert planned.starts_at.astimezone(ZoneInfo("Europe/Berlin")).strftime("%H:%M") == "07:00"
    assert goods[0].prices.effective(timezone.now()).get().price_minor == 119


@pytest.mark.parametrize(
    "data",
    [
        {"price": ""},
        {"price": "abc"},
        {"price": "-1"},
        {"price": "1.234"},
        {"price": "1e3"},
        {"price": "NaN"},
        {"price": "99999999"},
        {"price": "1.00", "starts_at": "2020-01-01T00:00"},
        {"price": "1.00", "starts_at": "soon"},
    ],
)
def test_impossible_prices_are_refused_at_the_field(manager, goods, data):
    response = change(manager, **data)
    assert response.status_code == 422
    assert "field__error" in response.content.decode()
    assert goods[0].prices.count() == 1
    assert AuditEntry.objects.count() == 0


def test_prices_are_the_managers(cashier, goods):
    assert change(cashier, price="0.01").status_code == 403
    assert goods[0].prices.count() == 1


def test_price_of_an_unknown_product_is_not_found(manager, goods):
    assert manager.post(reverse("store:catalogue_price", args=["nope"]), {"price": "1.00"}).status_code == 404


def test_price_does_not_change_by_get(manager, goods):
    assert manager.get(reverse("store:catalogue_price", args=["D-1"])).status_code == 405

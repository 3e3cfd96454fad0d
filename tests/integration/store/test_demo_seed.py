"""The demo store in the database: complete, repeatable, fast in statements, and never written into a real store."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from store import verify
from store.demo import load, people, planogram
from store.demo.assortment import products
from store.demo.scale import catalogue
from store.models import (
    Department,
    Device,
    Fixture,
    Gtin,
    Location,
    Price,
    Product,
    ProductLocation,
    Site,
    Staff,
    StockBalance,
    StockLedger,
)
from store.queries.catalogue import find_by_gtin, find_by_plu, search
from store.services import staff as staff_services
from tests.factories.store import ProductFactory, SiteFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
COUNTED = (
    Department,
    Device,
    Fixture,
    Gtin,
    Location,
    Price,
    Product,
    ProductLocation,
    Site,
    Staff,
    StockBalance,
)


def run(*arguments):
    told = StringIO()
    call_command("demo_seed", *arguments, stdout=told)
    return told.getvalue()


def counts():
    return {model.__name__: model.objects.count() for model in (*COUNTED, StockLedger)}


@pytest.fixture
def seeded():
    return run("--no-history")


def test_seed_fills_the_store_and_says_what_it_does(seeded):
    found = counts()
    number = len(products())
    assert (found["Product"], found["StockBalance"], found["ProductLocation"]) == (number, number, number)
    assert (found["Department"], found["Fixture"], found["Staff"], found["Device"]) == (14, 21, 9, 19)
    assert found["Price"] > number
    assert f"{number} products added" in seeded
    assert seeded.rstrip().endswith("demo ready")
    assert verify.base() == []


def test_seeding_again_changes_nothing(seeded):
    before = counts()
    told = run("--no-history")
    assert counts() == before
    assert "0 products added" in told


def test_seeding_again_leaves_changes_alone(seeded):
    Site.objects.update(name="My shop")
    product = Product.objects.get(sku="10-001")
    Price.objects.filter(product=product).update(price_minor=333)
    Staff.objects.filter(username="anna").update(display_name="Anna L.")
    run("--no-history")
    assert Site.objects.get().name == "My shop"
    assert set(product.prices.values_list("price_minor", flat=True)) == {333}
    assert Staff.objects.get(username="anna").display_name == "Anna L."


def test_every_product_has_one_price_now(seeded):
    effective = Price.objects.effective(datetime.now(UTC))
    assert effective.count() == effective.values("product").distinct().count() == len(products())


def test_seeded_goods_are_found_by_code_and_words(seeded):
    now = datetime.now(UTC)
    bananas = find_by_plu("1001", at=now)
    assert (bananas.name, bananas.is_weighed, bananas.price_minor) == ("Bananas", True, 179)
    assert find_by_gtin(products()[0].gtins[0][0], at=now).sku == bananas.sku
    assert search("spagheti", at=now)[0].name == "Spaghetti"


def test_logins_are_printed_as_json_and_work(seeded):
    logins = json.loads(run("--print-logins"))
    by_name = {login["username"]: login for login in logins}
    assert by_name["manager"]["password"] == "demo-manager"
    assert {login["role"] for login in logins} == set(Staff.Role.values)
    anna = Staff.objects.get(username="anna")
    assert anna.check_password("demo-anna")
    assert staff_services.check_pin(staff=anna, pin=by_name["anna"]["pin"]).pk == anna.pk


def test_devices_have_the_codes_the_simulators_use(seeded):
    codes = set(Device.objects.values_list("code", flat=True))
    assert {
        "till-1",
        "till-4",
        "picker-2",
        "display-4",
        "edge-1",
        "sensor-freezer-1",
        "sensor-chiller-4",
    } <= codes
    assert set(Device.objects.trusted().values_list("kind", flat=True)) == {"SENSOR", "GATEWAY", "EDGE"}


def test_a_real_store_is_refused_and_left_alone():
    SiteFactory(code="berlin-3", name="Berlin 3")
    with pytest.raises(CommandError, match="Berlin 3 is a real store"):
        run()
    assert (Product.objects.count(), Staff.objects.count()) == (0, 0)


def test_sales_without_a_site_are_refused():
    StockLedger.objects.create(
        product=ProductFactory(),
        quantity=Decimal(-1),
        reason="SALE",
        source="receipt",
        source_id="1",
        occurred_at=NOW,
    )
    with pytest.raises(CommandError, match="holds sales"):
        run()
    assert Site.objects.count() == 0


def test_force_writes_into_a_real_store():
    SiteFactory(code="berlin-3", name="Berlin 3")
    run("--force", "--no-history")
    assert Product.objects.count() == len(products())
    assert Site.objects.get().name == "Berlin 3"


def test_loading_takes_the_same_statements_whatever_the_number(django_assert_max_num_queries):
    people.load_site()
    load.load_planogram()
    everything = list(catalogue(3000))
    with django_assert_max_num_queries(15):
        loaded = load.load_products(everything, now=NOW, places=planogram.assign(everything))
    assert (loaded.products, loaded.stock_rows) == (3000, 3000)
    assert verify.base() == []


def test_catalogue_command_grows_the_store_to_a_size():
    told = StringIO()
    call_command("demo_catalogue", "--products", "700", stdout=told)
    assert Product.objects.count() == 700
    call_command("demo_catalogue", "--products", "800", stdout=told)
    assert Product.objects.count() == 800
    assert "100 products added (800 wanted" in told.getvalue()


@pytest.mark.parametrize("count", ["0", "-1", "1000001"])
def test_catalogue_command_refuses_impossible_sizes(count):
    with pytest.raises(CommandError, match="must be 1 to"):
        call_command("demo_catalogue", "--products", count)

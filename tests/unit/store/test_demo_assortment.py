"""The demo assortment: our own goods, with right numbers, at right places, with pictures."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from store.demo import pictures, planogram
from store.demo.assortment import (
    alternatives,
    demo_gtin14,
    departments,
    net_grams,
    outer_case_gtin14,
    products,
    read_table,
)
from store.demo.scale import catalogue
from store.domain import barcode

ALLERGENS = {
    "celery",
    "crustaceans",
    "eggs",
    "fish",
    "gluten",
    "milk",
    "mustard",
    "nuts",
    "peanuts",
    "sesame",
    "soya",
    "sulphites",
}


def test_assortment_has_400_to_600_products_in_14_departments():
    assert 400 <= len(products()) <= 600
    assert len(departments()) == 14
    assert Counter(product.department for product in products()).keys() == {row.code for row in departments()}


def test_assortment_keys_are_unique():
    everything = products()
    numbers = [gtin for product in everything for gtin, _ in product.gtins]
    assert len({product.sku for product in everything}) == len(everything)
    assert len(set(numbers)) == len(numbers)
    plus = [product.plu for product in everything if product.plu]
    assert len(set(plus)) == len(plus) >= 50
    labels = [(product.name, product.brand, product.size_label) for product in everything]
    assert [label for label, count in Counter(labels).items() if count > 1] == []


def test_assortment_texts_fit_and_both_languages_are_there():
    for product in products():
        assert 0 < len(product.name) <= 60
        assert 0 < len(product.name_de) <= 60
        assert "{" not in product.name + product.name_de + product.picture
        assert product.price_minor > 0
        assert set(product.allergens) <= ALLERGENS
        assert 1 <= product.popularity <= 9


def test_gtins_are_read_back_by_the_till():
    for product in products():
        for gtin14, _ in product.gtins:
            assert barcode.parse(gtin14).gtin14 == gtin14
            assert gtin14[1:4] == "952" or (product.is_weighed and gtin14[1:3] == "28")


def test_weighed_goods_carry_their_weight_in_the_label():
    bananas = next(product for product in products() if product.name == "Bananas")
    label = barcode.compose("28", bananas.plu, 1240)
    read = barcode.parse(label)
    assert (read.gtin14, read.weight_grams) == (bananas.gtins[0][0], 1240)
    assert bananas.unit == "kg"


def test_loose_goods_have_no_size_that_says_nothing():
    sizes = {product.size_label for product in products() if product.is_weighed}
    assert sizes == {""}


def test_taxes_ages_and_zones_follow_the_goods():
    by_department = {code: [p for p in products() if p.department == code] for code in ("alcohol", "frozen")}
    spirits = [p for p in products() if p.min_age == 18]
    beer_and_wine = [p for p in products() if p.min_age == 16]
    assert len(spirits) >= 6
    assert len(beer_and_wine) >= 15
    assert {p.tax for p in spirits + beer_and_wine} == {"A"}
    assert {p.zone for p in by_department["frozen"]} == {"FROZEN"}
    assert {p.tax for p in products() if p.department in {"fruit_veg", "bakery", "dairy"}} == {"B"}
    assert {p.zone for p in products()} == {"AMBIENT", "CHILLED", "FROZEN"}


def test_demo_gtin_has_the_demonstration_prefix_and_check_digit():
    assert demo_gtin14(1234, 5678) == "09521234056782"
    assert outer_case_gtin14("09521234056782") == "19521234056789"


@pytest.mark.parametrize(
    ("text", "count", "expected"),
    [
        ("Jam", 2, ["Jam", "Jam"]),
        ("{Cherry|Plum} jam", 2, ["Cherry jam", "Plum jam"]),
        ("tub {red|blue} {a|b}", 2, ["tub red a", "tub blue b"]),
        ("{only} one", 2, ["only one", "only one"]),
    ],
)
def test_alternatives_run_in_step(text, count, expected):
    assert alternatives(text, count) == expected


def test_alternatives_that_do_not_match_are_refused():
    with pytest.raises(ValueError, match="needs 3 alternatives"):
        alternatives("{a|b}", 3)


@pytest.mark.parametrize(
    ("label", "grams"),
    [("500 g", 500), ("1.5 l", 1500), ("6 × 25 g", 150), ("2 kg bag", 2000), ("each", None), ("bunch", None)],
)
def test_net_grams_reads_size_labels(label, grams):
    assert net_grams(label) == grams


def test_every_product_stands_in_its_zone():
    placed = planogram.assign(products())
    fixture_of = {place.code: place.fixture for place in planogram.locations()}
    zone_of = {fixture.code: fixture.zone for fixture in planogram.fixtures()}
    assert placed.keys() == {product.sku for product in products()}
    wrong = [p.name for p in products() if zone_of[fixture_of[placed[p.sku]]] != p.zone]
    assert wrong == []


def test_walk_goes_ambient_then_chilled_then_frozen():
    places = planogram.locations()
    orders = [place.walk_order for place in places]
    assert orders == sorted(orders)
    assert len(set(orders)) == len(orders)
    zone_of = {fixture.code: fixture.zone for fixture in planogram.fixtures()}
    zones = [zone_of[place.fixture] for place in places]
    assert [zone for index, zone in enumerate(zones) if zones[index - 1 : index] != [zone]] == [
        "AMBIENT",
        "CHILLED",
        "FROZEN",
    ]


def test_serpentine_turns_every_second_aisle():
    by_code = {fixture.code: fixture for fixture in planogram.fixtures()}
    assert by_code["A01"].locations[0].code == "A01-1-1"
    assert by_code["A02"].locations[0].code == "A02-4-1"


def test_freezers_and_chillers_have_the_codes_their_sensors_name():
    cold = {fixture.code for fixture in planogram.fixtures() if fixture.kind in {"CHILLER", "FREEZER"}}
    assert cold == {
        "chiller-1",
        "chiller-2",
        "chiller-3",
        "chiller-4",
        "freezer-1",
        "freezer-2",
        "freezer-3",
    }


def test_pictures_are_written_and_current():
    assert pictures.differences() == [], "run: python -m store.demo.pictures"


def test_pictures_are_small_plain_drawings():
    for name, text in pictures.wanted().items():
        assert len(text) < 2000, name
        assert pictures.is_drawing(text), name
        assert "style" not in text, name
        assert "$" not in text, name


def test_unknown_picture_is_refused():
    with pytest.raises(KeyError):
        pictures.render("store/products/rocket-red.svg")


def test_every_glyph_and_colour_is_used():
    used = [pictures.split(product.picture) for product in products()]
    assert set(pictures.glyphs()) == {glyph for glyph, _, _ in used}
    palette = {row["name"] for row in read_table("colours.csv")}
    assert palette == {colour for _, *pair in used for colour in pair}


def test_catalogue_grows_deterministically_with_unique_keys():
    small, large = list(catalogue(700)), list(catalogue(3000))
    assert [p.sku for p in small] == [p.sku for p in large[:700]]
    assert small == large[:700]
    assert len({p.sku for p in large}) == 3000
    assert len({gtin for p in large for gtin, _ in p.gtins}) >= 3000
    assert all(barcode.parse(p.gtins[0][0]).gtin14 == p.gtins[0][0] for p in large[-200:])


def test_catalogue_smaller_than_the_assortment_is_its_beginning():
    assert list(catalogue(10)) == list(products()[:10])


def test_prices_are_plausible():
    mean = sum(Decimal(p.price_minor) for p in products()) / len(products())
    assert 200 < mean < 600

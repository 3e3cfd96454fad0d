"""A catalogue of any size for benchmarks: the demo assortment, then variations on it under more invented
brands.

Standard library only. The same seed gives the same catalogue; a larger one begins with the smaller one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from store.demo.assortment import DemoProduct, demo_gtin14, products

SEED = 20261123
# Brand numbers of the assortment end below this, so that no GTIN is given twice.
FIRST_BRAND = 5000
ITEMS_PER_BRAND = 100_000
_STARTS = (
    "Al",
    "Bren",
    "Cor",
    "Dal",
    "Ekel",
    "Fjor",
    "Gris",
    "Hol",
    "Ilm",
    "Jor",
    "Kal",
    "Lun",
    "Mer",
    "Nor",
)
_MIDDLES = ("ba", "de", "fo", "gu", "ki", "lo", "ma", "ne", "pu", "ra", "so", "ti", "ve", "zu")
_ENDS = ("bach", "dorf", "felder", "gard", "holm", "kamp", "lind", "mark", "ried", "stett", "thal", "wyn")
_KINDS = (
    ("", ""),
    ("Classic", "Klassik"),
    ("Fine", "Fein"),
    ("Country", "Land"),
    ("Light", "Leicht"),
    ("Family", "Familie"),
    ("Selection", "Auslese"),
    ("Reserve", "Reserve"),
)


def catalogue(count: int, *, seed: int = SEED) -> Iterator[DemoProduct]:
    """`count` products: those of the demo store first, as many as fit, then generated ones."""
    own = products()
    yield from own[:count]
    rng = Random(seed)
    patterns = [product for product in own if not product.is_weighed]
    for number in range(count - len(own)):
        yield _variation(rng.choice(patterns), number, rng)


def _variation(pattern: DemoProduct, number: int, rng: Random) -> DemoProduct:
    kind, kind_de = rng.choice(_KINDS)
    brand = f"{rng.choice(_STARTS)}{rng.choice(_MIDDLES)}{rng.choice(_ENDS)}"
    gtin14 = demo_gtin14(FIRST_BRAND + number // ITEMS_PER_BRAND, number % ITEMS_PER_BRAND)
    cents = max(9, round(pattern.price_minor * rng.lognormvariate(0, 0.25)))
    return replace(
        pattern,
        sku=f"X-{number + 1:06d}",
        name=f"{pattern.name} {kind}".strip(),
        name_de=f"{pattern.name_de} {kind_de}".strip(),
        brand=brand,
        # Shelf prices end on 9 or 5.
        price_minor=cents // 10 * 10 + rng.choice((5, 9, 9, 9)),
        gtins=((gtin14, 1),),
        popularity=1,
    )

"""Where the demo products stand, in the order in which a picker walks past them.

Standard library only. A location reads aisle-bay-shelf, `A03-2-1` is aisle A03, second bay, lowest shelf.
The walk goes through the ambient aisles first, then counters and chillers, then the freezers, so that frozen
goods stay frozen; within an aisle it goes bay by bay, every second aisle backwards (a serpentine).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from store.demo.assortment import DemoProduct, departments, read_table

WALK_STEP = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFixture:
    """A run of shelves, a counter, chiller or freezer with its bays and shelves."""

    code: str
    name: str
    name_de: str
    kind: str
    zone: str
    aisle: str
    bays: int
    shelves: int
    walk: int

    @property
    def locations(self) -> list[DemoLocation]:
        """Its places, in the order one walks past them."""
        bays = range(1, self.bays + 1)
        ordered = bays if self.walk % 2 else reversed(bays)
        places = [(bay, shelf) for bay in ordered for shelf in range(1, self.shelves + 1)]
        return [
            DemoLocation(
                code=f"{self.aisle}-{bay}-{shelf}",
                fixture=self.code,
                aisle=self.aisle,
                bay=bay,
                shelf=shelf,
                walk_order=self.walk * WALK_STEP + number,
            )
            for number, (bay, shelf) in enumerate(places, start=1)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLocation:
    """One place on a fixture."""

    code: str
    fixture: str
    aisle: str
    bay: int
    shelf: int
    walk_order: int


@cache
def fixtures() -> tuple[DemoFixture, ...]:
    """The fixtures, in the order of the walk."""
    numbers = ("bays", "shelves", "walk")
    rows = read_table("fixtures.csv")
    return tuple(
        DemoFixture(**{**row, **{name: int(row[name]) for name in numbers}})  # type: ignore[arg-type]
        for row in rows
    )


def locations() -> list[DemoLocation]:
    """Every location of the store, in the order of the walk."""
    return [place for fixture in fixtures() for place in fixture.locations]


def assign(products: Iterable[DemoProduct]) -> dict[str, str]:
    """Location code of each product, by SKU.

    Products fill the fixtures of their department evenly and in their order, so that families stand
    together; a product whose row names a fixture stands there.
    """
    shares: dict[str, list[DemoProduct]] = defaultdict(list)
    for department, own in _by_department(products).items():
        free = [product for product in own if not product.fixture]
        homes = _homes()[department]
        for number, product in enumerate(free):
            shares[homes[number * len(homes) // len(free)]].append(product)
        for product in own:
            if product.fixture:
                shares[product.fixture].append(product)
    by_code = {fixture.code: fixture for fixture in fixtures()}
    placed: dict[str, str] = {}
    for code, share in shares.items():
        placed |= _spread(share, by_code[code].locations)
    return placed


def _by_department(products: Iterable[DemoProduct]) -> Mapping[str, list[DemoProduct]]:
    grouped: dict[str, list[DemoProduct]] = defaultdict(list)
    for product in products:
        grouped[product.department].append(product)
    return grouped


@cache
def _homes() -> dict[str, tuple[str, ...]]:
    return {department.code: department.fixtures for department in departments()}


def _spread(products: Sequence[DemoProduct], places: Sequence[DemoLocation]) -> dict[str, str]:
    return {
        product.sku: places[number * len(places) // len(products)].code
        for number, product in enumerate(products)
    }

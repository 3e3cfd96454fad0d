"""The assortment of the demo store, read from the tables in `store/demo/data`.

Standard library only, no clock, no randomness: the same tables always give the same products, SKUs and GTINs.

A row of `data/products/<department>.csv` is a family. `{a|b}` in its name makes one product per alternative,
with the alternatives of the German name and of the picture running along; `|` in size and price makes one
product per size. Flags: `kg` sold by weight (gets a PLU and a restricted-circulation number), `age=16`,
`tax=A`, `zone=CHILLED`, `at=<fixture>`, `pack=12` (units in the outer case, which has a GTIN-14 of its own),
`pop=1..9` (how often it is bought), `lot`, `expiry`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import chain
from pathlib import Path

from store.domain.barcode import check_digit, compose

DATA = Path(__file__).parent / "data"
GS1_DEMO_PREFIX = "952"
WEIGHED_PREFIX = "28"
OUTER_CASE = "1"
# The tables say how loose goods come; on a receipt "Bread rolls each" reads badly.
SIZES_THAT_SAY_NOTHING = ("each", "piece", "loose", "counter", "packed")

_ALTERNATIVES = re.compile(r"\{([^{}]*)\}")
_WEIGHT = re.compile(r"^(?:(\d+) × )?(\d+(?:\.\d+)?) (kg|g|l|ml)\b")
_GRAMS = {"kg": 1000, "l": 1000, "g": 1, "ml": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoDepartment:
    """A department, the rules its products follow unless their row says otherwise, and the fixtures it
    fills.
    """

    code: str
    name: str
    name_de: str
    colour: str
    icon: str
    zone: str
    tax: str
    fixtures: tuple[str, ...]
    prefix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoProduct:
    """One product. `price_minor` in cents, per kg for weighed goods; `gtins` are (GTIN-14, units) pairs."""

    sku: str
    name: str
    name_de: str
    brand: str
    size_label: str
    department: str
    price_minor: int
    tax: str
    zone: str
    picture: str
    allergens: tuple[str, ...]
    gtins: tuple[tuple[str, int], ...]
    fixture: str
    popularity: int
    min_age: int | None = None
    plu: str | None = None
    weight_grams: int | None = None
    tracks_lot: bool = False
    tracks_expiry: bool = False

    @property
    def is_weighed(self) -> bool:
        return self.plu is not None

    @property
    def unit(self) -> str:
        return "kg" if self.is_weighed else "ea"


@cache
def departments() -> tuple[DemoDepartment, ...]:
    """The departments, in the order in which the store shows them."""
    return tuple(
        DemoDepartment(
            code=row["code"],
            name=row["name"],
            name_de=row["name_de"],
            colour=row["colour"],
            icon=row["icon"],
            zone=row["zone"],
            tax=row["tax"],
            fixtures=tuple(row["fixtures"].split()),
            prefix=row["prefix"],
        )
        for row in read_table("departments.csv")
    )


@cache
def products() -> tuple[DemoProduct, ...]:
    """Every product of the demo store, department by department."""
    return tuple(chain.from_iterable(_department_products(department) for department in departments()))


def read_table(name: str) -> list[dict[str, str]]:
    """The rows of a table under `data`, as dictionaries by heading."""
    with (DATA / name).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def picture_path(picture: str) -> str:
    """Static path of a picture: `tub red white` is `store/products/tub-red-white.svg`."""
    return f"store/products/{picture.replace(' ', '-')}.svg"


def demo_gtin14(brand: int, item: int) -> str:
    """GTIN-14 of an article: the GS1 demonstration prefix 952, a brand (0-9999), an item (0-99999), a check
    digit.
    """
    payload = f"{GS1_DEMO_PREFIX}{brand:04d}{item:05d}"
    return f"0{payload}{check_digit(payload)}"


def outer_case_gtin14(gtin14: str) -> str:
    """GTIN-14 of the outer case of an article: indicator digit 1 and a check digit of its own."""
    payload = OUTER_CASE + gtin14[1:13]
    return payload + check_digit(payload)


def alternatives(text: str, count: int) -> list[str]:
    """The texts a template with `{a|b}` stands for.

    Every group runs in step; a text without a group, or a group with one member, is the same for all.

    Raises:
        ValueError: a group has neither one nor `count` members.
    """
    groups = [match.split("|") for match in _ALTERNATIVES.findall(text)]
    if any(len(group) not in (1, count) for group in groups):
        raise ValueError(f"{text!r} needs {count} alternatives")
    return [_pick(text, groups, index) for index in range(count)]


def net_grams(size_label: str) -> int | None:
    """Net contents in grams (millilitres count as grams) that a size label such as `6 × 25 g` states, or
    None.
    """
    found = _WEIGHT.match(size_label)
    if not found:
        return None
    times, amount, unit = found.groups()
    return int(Decimal(times or 1) * Decimal(amount) * _GRAMS[unit])


def _pick(text: str, groups: list[list[str]], index: int) -> str:
    parts = iter(groups)

    def choose(_: re.Match[str]) -> str:
        group = next(parts)
        return group[index] if len(group) > 1 else group[0]

    return _ALTERNATIVES.sub(choose, text)


@cache
def _brand_numbers() -> dict[str, int]:
    tables = [read_table(f"products/{department.code}.csv") for department in departments()]
    brands = sorted({row["brand"] for table in tables for row in table})
    return {brand: 1000 + 7 * number for number, brand in enumerate(brands)}


def _department_products(department: DemoDepartment) -> Iterator[DemoProduct]:
    families = read_table(f"products/{department.code}.csv")
    variants = chain.from_iterable(_variants(row) for row in families)
    for number, variant in enumerate(variants, start=1):
        yield _product(department, number, variant)


def _variants(row: dict[str, str]) -> Iterator[dict[str, str]]:
    groups = [
        match.split("|") for match in _ALTERNATIVES.findall(row["name"] + row["picture"] + row["price"])
    ]
    count = max((len(group) for group in groups), default=1)
    texts = {name: alternatives(row[name], count) for name in ("name", "name_de", "price", "picture")}
    sizes = row["size"].split("|")
    for index in range(count):
        one = {**row, **{name: values[index] for name, values in texts.items()}}
        prices = one["price"].split("|")
        for size, price in zip(sizes, prices, strict=True):
            yield {**one, "size": size, "price": price}


def _product(department: DemoDepartment, number: int, row: dict[str, str]) -> DemoProduct:
    flags = dict(flag.partition("=")[::2] for flag in row["flags"].split())
    serial = int(department.prefix) * 1000 + number
    plu = f"{department.prefix}{number:02d}" if "kg" in flags else None
    return DemoProduct(
        sku=f"{department.prefix}-{number:03d}",
        name=_sentence(row["name"]),
        name_de=_sentence(row["name_de"]),
        brand=row["brand"],
        size_label="" if row["size"] in SIZES_THAT_SAY_NOTHING else row["size"],
        department=department.code,
        price_minor=int(Decimal(row["price"]) * 100),
        tax=flags.get("tax", department.tax),
        zone=flags.get("zone", department.zone),
        picture=picture_path(row["picture"]),
        allergens=tuple(row["allergens"].split()),
        gtins=_gtins(_brand_numbers()[row["brand"]], serial, plu, int(flags.get("pack", 1))),
        fixture=flags.get("at", ""),
        popularity=int(flags.get("pop", 3)),
        min_age=int(flags["age"]) if "age" in flags else None,
        plu=plu,
        weight_grams=None if plu else net_grams(row["size"]),
        tracks_lot="lot" in flags,
        tracks_expiry="expiry" in flags or "lot" in flags,
    )


def _gtins(brand: int, serial: int, plu: str | None, pack: int) -> tuple[tuple[str, int], ...]:
    if plu is not None:
        return ((compose(WEIGHED_PREFIX, plu, 0).zfill(14), 1),)
    gtin14 = demo_gtin14(brand, serial)
    if pack == 1:
        return ((gtin14, 1),)
    return ((gtin14, 1), (outer_case_gtin14(gtin14), pack))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]

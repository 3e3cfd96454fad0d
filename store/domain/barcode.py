"""Barcodes of articles: one canonical GTIN-14, and the weight or price that restricted numbers carry.

Standard library only. GS1 element strings and Digital Link addresses are read by `store.adapters.barcode`,
which asks this module first: nearly every scan is a plain number and needs no more.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

SYMBOLOGY_LENGTH = 3
UPC_E_BODY, UPC_E = 6, 8
SHORT_MEASURE = 4
MAX_SCAN = 500


class BarcodeError(ValueError):
    """A scan that names no article; `code` is one of bad_characters, bad_length, check_digit,
    measure_check_digit,
    not_plain, no_article, bad_data."""

    def __init__(self, code: str, scan: str) -> None:
        super().__init__(f"{code}: {scan[:40]!r}")
        self.code = code
        self.scan = scan


class Measure(StrEnum):
    """What the variable part of a restricted number holds."""

    WEIGHT = "WEIGHT"
    PRICE = "PRICE"
    COUNT = "COUNT"


@dataclass(frozen=True, kw_only=True, slots=True)
class Barcode:
    """What a scan says.

    `gtin14` is what to look up: a restricted number has its measure zeroed. `price_minor` is in hundredths
    of the currency unit as printed on the label.
    """

    gtin14: str
    weight_grams: int | None = None
    price_minor: int | None = None
    count: int | None = None
    lot: str = ""
    expires_on: date | None = None
    serial: str = ""
    coupon: str = ""

    @property
    def carries_measure(self) -> bool:
        """Whether the label itself says how much or for how much."""
        return self.weight_grams is not None or self.price_minor is not None or self.count is not None


@dataclass(frozen=True, slots=True)
class MeasureRule:
    """How a country lays out a restricted number: item digits after the prefix, an inner check digit,
    value digits."""

    measure: Measure
    value_digits: int
    decimals: int
    has_inner_check: bool = False


# Layouts published by the GS1 member organisations: Germany (GTIN in der Anwendung), Great Britain
# (variable measure
# items), Denmark, Sweden and Norway, Finland and the Baltic states (variable measure).
_NORDIC = {
    "20": MeasureRule(Measure.PRICE, 4, 2),
    "21": MeasureRule(Measure.PRICE, 4, 1),
    "22": MeasureRule(Measure.PRICE, 4, 0),
    "23": MeasureRule(Measure.WEIGHT, 4, 3),
    "24": MeasureRule(Measure.WEIGHT, 4, 2),
    "25": MeasureRule(Measure.WEIGHT, 4, 1),
}
_BALTIC = {prefix: _NORDIC[prefix] for prefix in ("23", "24", "25")}
RULES: dict[str, dict[str, MeasureRule]] = {
    "de": {
        "22": MeasureRule(Measure.PRICE, 5, 2, has_inner_check=True),
        "23": MeasureRule(Measure.PRICE, 5, 2, has_inner_check=True),
        "25": MeasureRule(Measure.COUNT, 5, 0, has_inner_check=True),
        "26": MeasureRule(Measure.COUNT, 5, 0, has_inner_check=True),
        "28": MeasureRule(Measure.WEIGHT, 5, 3, has_inner_check=True),
        "29": MeasureRule(Measure.WEIGHT, 5, 3, has_inner_check=True),
    },
    "gb": {"20": MeasureRule(Measure.PRICE, 4, 2, has_inner_check=True)},
    "dk": {
        **{prefix: MeasureRule(Measure.PRICE, 6, 2) for prefix in ("21", "22", "23", "24")},
        "26": MeasureRule(Measure.WEIGHT, 6, 3),
        "27": MeasureRule(Measure.WEIGHT, 5, 3),
        "28": MeasureRule(Measure.WEIGHT, 6, 3),
    },
    "se": _NORDIC,
    "no": _NORDIC,
    "fi": _BALTIC,
    "ee": _BALTIC,
    "lv": _BALTIC,
    "lt": _BALTIC,
}
RESTRICTED = ("02", *(str(prefix) for prefix in range(20, 30)))

# GS1 General Specifications, check digits of prices and weights: weighting factors as products of a digit.
_TWO_MINUS = (0, 2, 4, 6, 8, 9, 1, 3, 5, 7)
_THREE = (0, 3, 6, 9, 2, 5, 8, 1, 4, 7)
_FIVE_PLUS = (0, 5, 1, 6, 2, 7, 3, 8, 4, 9)
_FIVE_MINUS = (0, 5, 9, 4, 8, 3, 7, 2, 6, 1)


def parse(scan: str, *, country: str = "de") -> Barcode:
    """Read a plain article number, as a scanner or a person enters it.

    GTIN-8, -12, -13, -14 and UPC-E (6 digits, or 8 with number system 0 or 1 whose check digit only fits
    UPC-E). A symbology identifier such as `]E0` is allowed in front.

    Raises:
        BarcodeError: not a plain number (`not_plain`: perhaps an element string), wrong length or check
        digit.
    """
    text = strip_symbology(scan)
    if not text:
        raise BarcodeError("bad_length", scan)
    if not (text.isascii() and text.isdigit()):
        raise BarcodeError("not_plain", scan)
    gtin14 = to_gtin14(text)
    if gtin14.startswith("0") and gtin14[1:3] in RESTRICTED:
        return _restricted(gtin14, RULES.get(country, {}), scan)
    return Barcode(gtin14=gtin14)


def strip_symbology(scan: str) -> str:
    """The scan without blanks around it and without its symbology identifier."""
    text = scan.strip()
    if len(text) > MAX_SCAN:
        raise BarcodeError("bad_length", scan)
    return text[SYMBOLOGY_LENGTH:] if text.startswith("]") else text


def to_gtin14(digits: str) -> str:
    """Canonical GTIN-14 of a number with its check digit.

    Raises:
        BarcodeError: wrong length or check digit.
    """
    if len(digits) == UPC_E_BODY:
        return expand_upc_e(f"0{digits}").zfill(14)
    if len(digits) not in (8, 12, 13, 14):
        raise BarcodeError("bad_length", digits)
    if check_digit(digits[:-1]) == digits[-1]:
        return digits.zfill(14)
    if len(digits) == UPC_E and digits[0] in "01":
        expanded = expand_upc_e(digits[:7])
        if expanded[-1] == digits[-1]:
            return expanded.zfill(14)
    raise BarcodeError("check_digit", digits)


def check_digit(payload: str) -> str:
    """GS1 check digit (modulo 10, weights 3 and 1 from the right) of the digits before it."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(payload)))
    return str(-total % 10)


def expand_upc_e(payload: str) -> str:
    """UPC-A with check digit of a zero-suppressed UPC-E (number system and six digits)."""
    system, body, last = payload[0], payload[1:6], payload[6]
    if last in "012":
        upc = f"{system}{body[:2]}{last}0000{body[2:]}"
    elif last == "3":
        upc = f"{system}{body[:3]}00000{body[3:]}"
    elif last == "4":
        upc = f"{system}{body[:4]}00000{body[4]}"
    else:
        upc = f"{system}{body}0000{last}"
    return upc + check_digit(upc)


def measure_check_digit(value: str) -> str:
    """Inner check digit of a four- or five-digit price or weight (GS1 General Specifications)."""
    digits = [int(digit) for digit in value]
    if len(digits) == SHORT_MEASURE:
        weights = (_TWO_MINUS, _TWO_MINUS, _THREE, _FIVE_MINUS)
        total = sum(weight[digit] for weight, digit in zip(weights, digits, strict=True))
        return str(total * 3 % 10)
    weights_five = (_FIVE_PLUS, _TWO_MINUS, _FIVE_MINUS, _FIVE_PLUS, _TWO_MINUS)
    total = sum(weight[digit] for weight, digit in zip(weights_five, digits, strict=True))
    return str(_FIVE_MINUS.index(-total % 10))


def compose(prefix: str, item: str, value: int, *, country: str = "de") -> str:
    """Restricted GTIN-13 for an item and a measure; value 0 gives the number to keep in the catalogue.

    Raises:
        ValueError: the country has no rule for the prefix, or item or value do not fit.
    """
    rule = RULES.get(country, {}).get(prefix)
    if rule is None:
        raise ValueError(f"no rule for prefix {prefix} in {country}")
    item_digits = 12 - 2 - rule.value_digits - rule.has_inner_check
    digits = str(value).zfill(rule.value_digits)
    if len(item) != item_digits or len(digits) != rule.value_digits:
        raise ValueError(f"item needs {item_digits} digits and the value {rule.value_digits}")
    inner = measure_check_digit(digits) if rule.has_inner_check else ""
    payload = f"{prefix}{item}{inner}{digits}"
    return payload + check_digit(payload)


def _restricted(gtin14: str, rules: dict[str, MeasureRule], scan: str) -> Barcode:
    gtin13 = gtin14[1:]
    rule = rules.get(gtin13[:2])
    if rule is None:
        return Barcode(gtin14=gtin14)
    start = 12 - rule.value_digits
    value = gtin13[start:12]
    if rule.has_inner_check and gtin13[start - 1] != measure_check_digit(value):
        raise BarcodeError("measure_check_digit", scan)
    item_end = start - rule.has_inner_check
    zeros = "0" * rule.value_digits
    inner = measure_check_digit(zeros) if rule.has_inner_check else ""
    payload = gtin13[:item_end] + inner + zeros
    lookup = (payload + check_digit(payload)).zfill(14)
    amount = Decimal(int(value)).scaleb(-rule.decimals)
    if int(value) == 0:
        return Barcode(gtin14=lookup)
    if rule.measure is Measure.WEIGHT:
        return Barcode(gtin14=lookup, weight_grams=int(amount * 1000))
    if rule.measure is Measure.PRICE:
        return Barcode(gtin14=lookup, price_minor=int(amount * 100))
    return Barcode(gtin14=lookup, count=int(amount))

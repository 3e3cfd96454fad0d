"""Barcodes: one canonical GTIN-14, measures of restricted numbers, GS1 syntax."""

import contextlib
from datetime import date

import pytest
from biip import ParseConfig
from biip.checksums import gs1_price_weight_check_digit
from biip.gtin import Gtin
from hypothesis import given
from hypothesis import strategies as st

from store.adapters import barcode as scanner
from store.domain.barcode import (
    RULES,
    Barcode,
    BarcodeError,
    check_digit,
    compose,
    measure_check_digit,
    parse,
)


@pytest.mark.parametrize(
    ("scan", "gtin14"),
    [
        ("9520123456788", "09520123456788"),
        (" 9520123456788\r", "09520123456788"),
        ("]E09520123456788", "09520123456788"),
        ("19520123456785", "19520123456785"),
        ("042100005264", "00042100005264"),
        ("04252614", "00042100005264"),
        ("425261", "00042100005264"),
        ("95200002", "00000095200002"),
    ],
)
def test_parse_gives_one_canonical_gtin(scan: str, gtin14: str) -> None:
    assert parse(scan) == Barcode(gtin14=gtin14)
    assert scanner.parse(scan) == Barcode(gtin14=gtin14)


@pytest.mark.parametrize(
    ("scan", "code"),
    [
        ("9520123456789", "check_digit"),
        ("952012345678", "check_digit"),
        ("123", "bad_length"),
        ("", "bad_length"),
        ("12345678901234567", "bad_length"),
        ("9" * 501, "bad_length"),
        ("952012345678x", "not_plain"),
        ("٩٥٢٠١٢٣٤٥٦٧٨٨", "not_plain"),
        ("-520123456788", "not_plain"),
    ],
)
def test_parse_refuses(scan: str, code: str) -> None:
    with pytest.raises(BarcodeError) as caught:
        parse(scan)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("country", "prefix", "item", "value", "expected"),
    [
        ("de", "28", "1234", 1250, {"weight_grams": 1250}),
        ("de", "22", "1234", 499, {"price_minor": 499}),
        ("de", "25", "1234", 12, {"count": 12}),
        ("gb", "20", "12345", 199, {"price_minor": 199}),
        ("se", "24", "123456", 125, {"weight_grams": 1250}),
        ("no", "21", "123456", 125, {"price_minor": 1250}),
        ("dk", "27", "12345", 1250, {"weight_grams": 1250}),
    ],
)
def test_restricted_numbers_carry_a_measure(
    country: str, prefix: str, item: str, value: int, expected: dict[str, int]
) -> None:
    label, catalogue = (
        compose(prefix, item, value, country=country),
        compose(prefix, item, 0, country=country),
    )
    assert parse(label, country=country) == Barcode(gtin14=catalogue.zfill(14), **expected)  # type: ignore[arg-type]
    assert parse(catalogue, country=country) == Barcode(gtin14=catalogue.zfill(14))


def test_inner_check_digit_is_verified() -> None:
    label = compose("28", "1234", 1250)
    payload = label[:6] + str((int(label[6]) + 1) % 10) + label[7:12]
    with pytest.raises(BarcodeError) as caught:
        parse(payload + check_digit(payload))
    assert caught.value.code == "measure_check_digit"


def test_restricted_numbers_of_no_rule_are_opaque() -> None:
    label = "21" + "0" * 10
    assert parse(label + check_digit(label)).gtin14 == "0" + label + check_digit(label)


def test_rules_agree_with_biip() -> None:
    for value in range(0, 100_000, 7):
        assert measure_check_digit(f"{value:05}") == str(gs1_price_weight_check_digit(f"{value:05}"))
        assert measure_check_digit(f"{value % 10_000:04}") == str(
            gs1_price_weight_check_digit(f"{value % 10_000:04}")
        )
    for country, rules in RULES.items():
        for prefix, rule in rules.items():
            label = compose(
                prefix, "1" * (10 - rule.value_digits - rule.has_inner_check), 321, country=country
            )
            ours, theirs = (
                parse(label, country=country),
                Gtin.parse(label, config=ParseConfig(rcn_region=country)),
            )
            assert ours.gtin14 == theirs.without_variable_measure().as_gtin_14()  # type: ignore[attr-defined]
            assert ours.weight_grams == (int(theirs.weight * 1000) if theirs.weight is not None else None)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("scan", "expected"),
    [
        (
            "(01)09520123456788(10)AB1(17)271231(3103)001250",
            Barcode(gtin14="09520123456788", lot="AB1", expires_on=date(2027, 12, 31), weight_grams=1250),
        ),
        (
            "]C1010952012345678817271231\x1d10AB",
            Barcode(gtin14="09520123456788", lot="AB", expires_on=date(2027, 12, 31)),
        ),
        ("0109520123456788" + "21S1", Barcode(gtin14="09520123456788", serial="S1")),
        ("0109520123456788" + "3922" + "499", Barcode(gtin14="09520123456788", price_minor=499)),
        (
            "https://id.gs1.org/01/09520123456788/10/LOT?17=271231",
            Barcode(gtin14="09520123456788", lot="LOT", expires_on=date(2027, 12, 31)),
        ),
    ],
)
def test_scanner_reads_gs1_syntax(scan: str, expected: Barcode) -> None:
    assert scanner.parse(scan) == expected


@pytest.mark.parametrize(
    ("scan", "code"),
    [
        ("hello", "bad_data"),
        ("9520123456789", "check_digit"),
        ("123", "bad_length"),
        ("https://example.com/", "bad_data"),
        ("(10)LOT", "no_article"),
        ("]C1zzz", "bad_data"),
    ],
)
def test_scanner_refuses(scan: str, code: str) -> None:
    with pytest.raises(BarcodeError) as caught:
        scanner.parse(scan)
    assert caught.value.code == code


@given(st.text(max_size=60))
def test_scanner_never_fails_otherwise(scan: str) -> None:
    with contextlib.suppress(BarcodeError):
        scanner.parse(scan)

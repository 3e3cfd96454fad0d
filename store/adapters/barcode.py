"""Every barcode a store scanner delivers: plain numbers by our own fast path, GS1 syntax through biip."""

from datetime import date
from decimal import Decimal

from biip import ParseError
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_element_strings import GS1ElementStrings
from biip.gs1_messages import GS1Message

from store.domain import barcode
from store.domain.barcode import Barcode, BarcodeError

LONGEST_GTIN = 14
GS1_SYMBOLOGIES = ("]C1", "]e0", "]d2", "]Q3", "]J1")


def parse(scan: str, *, country: str = "de") -> Barcode:
    """Read any article barcode.

    A plain number with a right check digit wins over an element string unless a GS1 symbology identifier says
    otherwise: `9520123456788` is a GTIN, not AI 95.

    Raises:
        BarcodeError: the scan names no article or does not check.
    """
    if scan.strip().startswith(GS1_SYMBOLOGIES):
        return _from_gs1(scan)
    try:
        return barcode.parse(scan, country=country)
    except BarcodeError as error:
        if error.code == "check_digit" or (error.code == "bad_length" and len(scan.strip()) <= LONGEST_GTIN):
            raise
        if error.code in ("not_plain", "bad_length"):
            return _from_gs1(scan)
        raise


def _from_gs1(scan: str) -> Barcode:
    text = barcode.strip_symbology(scan)
    try:
        if text.lower().startswith(("http://", "https://")):
            elements = GS1DigitalLinkURI.parse(text).element_strings
        elif text.startswith("("):
            elements = GS1Message.parse_hri(text).element_strings
        else:
            elements = GS1Message.parse(text).element_strings
    except (ParseError, ValueError) as error:
        raise BarcodeError("bad_data", scan) from error
    return _from_elements(elements, scan)


def _from_elements(elements: GS1ElementStrings, scan: str) -> Barcode:
    gtin = elements.get(ai="01") or elements.get(ai="02")
    coupon = elements.get(ai="8110")
    if gtin is None and coupon is None:
        raise BarcodeError("no_article", scan)
    lot, serial = elements.get(ai="10"), elements.get(ai="21")
    return Barcode(
        gtin14=gtin.value if gtin else "",
        weight_grams=_weight(elements),
        price_minor=_price(elements),
        lot=lot.value if lot else "",
        serial=serial.value if serial else "",
        expires_on=_expiry(elements),
        coupon=coupon.value if coupon else "",
    )


def _weight(elements: GS1ElementStrings) -> int | None:
    element = elements.get(ai="310")
    if element is None or element.decimal is None:
        return None
    return int((element.decimal * 1000).to_integral_value())


def _price(elements: GS1ElementStrings) -> int | None:
    element = elements.get(ai="392")
    if element is None or element.decimal is None:
        return None
    return int((Decimal(element.decimal) * 100).to_integral_value())


def _expiry(elements: GS1ElementStrings) -> date | None:
    element = elements.get(ai="17")
    return element.date if element else None

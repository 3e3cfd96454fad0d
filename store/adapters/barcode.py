"""Every barcode a scanner delivers: plain numbers by our own fast path, GS1 syntax through biip (gs1.py)."""

import functools
from collections.abc import Callable
from importlib import import_module

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
        return _gs1()(scan)
    try:
        return barcode.parse(scan, country=country)
    except BarcodeError as error:
        if error.code == "check_digit" or (error.code == "bad_length" and len(scan.strip()) <= LONGEST_GTIN):
            raise
        if error.code in ("not_plain", "bad_length"):
            return _gs1()(scan)
        raise


@functools.cache
def _gs1() -> Callable[[str], Barcode]:
    reader: Callable[[str], Barcode] = import_module("store.adapters.gs1").parse
    return reader

"""EAN-13 bars."""

import pytest

from store.domain.ean13 import MODULES, draw, encode

_LEFT = {
    "A": [
        "0001101",
        "0011001",
        "0010011",
        "0111101",
        "0100011",
        "0110001",
        "0101111",
        "0111011",
        "0110111",
        "0001011",
    ],
    "B": [
        "0100111",
        "0110011",
        "0011011",
        "0100001",
        "0011101",
        "0111001",
        "0000101",
        "0010001",
        "0001001",
        "0010111",
    ],
}
_RIGHT = [
    "1110010",
    "1100110",
    "1101100",
    "1000010",
    "1011100",
    "1001110",
    "1010000",
    "1000100",
    "1001000",
    "1110100",
]
_MIX = ["AAAAAA", "AABABB", "AABBAB", "AABBBA", "ABAABB", "ABBAAB", "ABBBAA", "ABABAB", "ABABBA", "ABBABA"]


def decode(modules: str) -> str:
    """A reader written apart from the encoder, with all three number sets spelled out."""
    assert modules[:3] == modules[-3:] == "101"
    assert modules[45:50] == "01010"
    mix, left = "", ""
    for start in range(3, 45, 7):
        name, digit = next(
            (n, s.index(modules[start : start + 7]))
            for n, s in _LEFT.items()
            if modules[start : start + 7] in s
        )
        mix, left = mix + name, left + str(digit)
    right = "".join(str(_RIGHT.index(modules[start : start + 7])) for start in range(50, 92, 7))
    return f"{_MIX.index(mix)}{left}{right}"


@pytest.mark.parametrize("digits", ["9520123456788", "2810010012401", "0000000000000", "4006381333931"])
def test_bars_read_back(digits):
    modules = encode(digits)
    assert len(modules) == MODULES
    assert decode(modules) == digits


def test_drawing_has_the_thirty_bars_of_every_ean():
    bars = draw("09520123456788")
    assert bars.digits == "9520123456788"
    assert bars.path.count("M") == 30


def test_outer_cases_have_no_ean_bars():
    assert draw("19520123456785") is None


@pytest.mark.parametrize("digits", ["", "123", "12345678901234", "95201234567a8"])
def test_other_numbers_are_refused(digits):
    with pytest.raises(ValueError, match="13 digits"):
        encode(digits)

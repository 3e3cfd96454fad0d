"""EAN-13 bars of an article number, for screens and labels.

The encoding follows ISO/IEC 15420: three guard patterns, six digits left in number sets A and B (the mix
says the first digit), six digits right in set C; 95 modules.
"""

from dataclasses import dataclass

MODULES = 95
DIGITS = 13
_SET_A = (
    "0001101", "0011001", "0010011", "0111101", "0100011",
    "0110001", "0101111", "0111011", "0110111", "0001011",
)  # fmt: skip
_PARITIES = (
    "AAAAAA", "AABABB", "AABBAB", "AABBBA", "ABAABB", "ABBAAB", "ABBBAA", "ABABAB", "ABABBA", "ABBABA",
)  # fmt: skip
_INVERTED = str.maketrans("01", "10")


@dataclass(frozen=True, slots=True)
class Bars:
    """Dark bars as an SVG path on a field of `width` modules, and the digits to print below."""

    digits: str
    path: str
    width: int = MODULES


def draw(gtin14: str, *, height: int = 40) -> Bars | None:
    """Bars of a GTIN-14 that fits into 13 digits; None for one that does not (an outer case)."""
    if not gtin14.startswith("0"):
        return None
    digits = gtin14[1:]
    modules = encode(digits)
    runs = "".join(f"M{start} 0h{length}v{height}h-{length}z" for start, length in _dark_runs(modules))
    return Bars(digits=digits, path=runs)


def encode(digits: str) -> str:
    """The 95 modules of a 13-digit number, 1 for dark.

    Raises:
        ValueError: not 13 digits.
    """
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        raise ValueError("EAN-13 needs 13 digits")
    left = (
        _left(int(digit), number_set)
        for digit, number_set in zip(digits[1:7], _PARITIES[int(digits[0])], strict=True)
    )
    right = (_SET_A[int(digit)].translate(_INVERTED) for digit in digits[7:])
    return "101" + "".join(left) + "01010" + "".join(right) + "101"


def _left(digit: int, number_set: str) -> str:
    pattern = _SET_A[digit]
    return pattern if number_set == "A" else pattern.translate(_INVERTED)[::-1]


def _dark_runs(modules: str) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for place, module in enumerate(modules):
        if module != "1":
            continue
        if runs and sum(runs[-1]) == place:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((place, 1))
    return runs

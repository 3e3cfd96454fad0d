"""ULIDs: 26 characters that sort by time (https://github.com/ulid/spec)."""

from __future__ import annotations

import re

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SHAPE = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_RANDOM_BITS = 80


def encode(milliseconds: int, randomness: int) -> str:
    """Return the ULID of a time in milliseconds since 1970 and 80 random bits."""
    if not 0 <= milliseconds < 1 << 48:
        raise ValueError("the time does not fit into 48 bits")
    if not 0 <= randomness < 1 << _RANDOM_BITS:
        raise ValueError("the randomness does not fit into 80 bits")
    number = milliseconds << _RANDOM_BITS | randomness
    return "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def milliseconds(ulid: str) -> int:
    """Return the time inside a ULID, in milliseconds since 1970."""
    if not is_ulid(ulid):
        raise ValueError("not a ULID")
    number = 0
    for character in ulid[:10]:
        number = number << 5 | ALPHABET.index(character)
    return number


def is_ulid(text: object) -> bool:
    """Say whether a value is a ULID in its canonical upper case."""
    return isinstance(text, str) and _SHAPE.fullmatch(text) is not None

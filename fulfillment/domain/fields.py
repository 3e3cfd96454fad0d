"""Readers of untrusted JSON that say which field is wrong."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

MAX_TEXT = 200
MAX_INT = 2**53
PLAUSIBLE_YEARS = range(2000, 2200)


class EnvelopeError(Exception):
    """A message cannot become an order command: `code` for machines, `reason` for the quarantine page."""

    def __init__(self, code: str, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"{code}: {reason}")


def mapping(value: object, path: str) -> Mapping[str, object]:
    """Return `value` as an object, or say that `path` is none."""
    if not isinstance(value, Mapping):
        raise EnvelopeError("not_an_object", f"{path} is not an object")
    return value


def text(
    data: Mapping[str, object], key: str, *, path: str, default: str | None = None, longest: int = MAX_TEXT
) -> str:
    """Read a non-empty string of at most `longest` characters; `default` makes the field optional."""
    value = data.get(key)
    if value is None or value == "":
        if default is None:
            raise EnvelopeError("missing_field", f"{path}.{key} is missing")
        return default
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise EnvelopeError("wrong_type", f"{path}.{key} is not a text")
    result = str(value).strip()
    if len(result) > longest or "\x00" in result:
        raise EnvelopeError("text_too_long", f"{path}.{key} is longer than {longest} characters or binary")
    return result


def integer(data: Mapping[str, object], key: str, *, path: str, minimum: int = 0) -> int:
    """Read a whole number between `minimum` and 2^53 (JSON's exact range); booleans are no numbers."""
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        raise EnvelopeError("wrong_type", f"{path}.{key} is not a whole number")
    if not minimum <= value <= MAX_INT:
        raise EnvelopeError("out_of_range", f"{path}.{key} is out of range")
    return value


def quantity(data: Mapping[str, object], key: str, *, path: str) -> Decimal:
    """Read a positive quantity with at most three decimals, at most 9999."""
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise EnvelopeError("wrong_type", f"{path}.{key} is not a number")
    try:
        result = Decimal(str(value))
    except InvalidOperation:
        raise EnvelopeError("wrong_type", f"{path}.{key} is not a number") from None
    if not result.is_finite() or not Decimal(0) < result <= Decimal(9999):
        raise EnvelopeError("out_of_range", f"{path}.{key} is not between 0 and 9999")
    if result != result.quantize(Decimal("0.001")):
        raise EnvelopeError("out_of_range", f"{path}.{key} has more than three decimals")
    return result.quantize(Decimal("0.001"))


def moment(data: Mapping[str, object], key: str, *, path: str, required: bool = True) -> datetime | None:
    """Read an RFC 3339 time with a zone as UTC."""
    raw = text(data, key, path=path, default=None if required else "")
    if not raw:
        return None
    try:
        value = datetime.fromisoformat(raw)
    except ValueError:
        raise EnvelopeError("wrong_type", f"{path}.{key} is not a time") from None
    if value.tzinfo is None:
        raise EnvelopeError("wrong_type", f"{path}.{key} has no time zone")
    if value.year not in PLAUSIBLE_YEARS:
        raise EnvelopeError("out_of_range", f"{path}.{key} is not a plausible time")
    return value.astimezone(UTC)

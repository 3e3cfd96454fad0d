"""In which order a picker walks: heavy and ambient first, then chilled, frozen last."""

from collections.abc import Iterable
from dataclasses import dataclass

ZONE_RANK = {"AMBIENT": 0, "CHILLED": 1, "FROZEN": 2}


@dataclass(frozen=True, kw_only=True)
class Stop:
    """One line of a pick list with its place on the shop floor; `walk_order` None when the place is not
    known."""

    line_id: int
    zone: str
    walk_order: int | None
    location_code: str = ""


def walk(stops: Iterable[Stop]) -> list[Stop]:
    """Sort stops by zone, then along the shop floor; unknown places come last within their zone."""
    return sorted(stops, key=_key)


def _key(stop: Stop) -> tuple[int, bool, int, str, int]:
    rank = ZONE_RANK.get(stop.zone, len(ZONE_RANK))
    return (rank, stop.walk_order is None, stop.walk_order or 0, stop.location_code, stop.line_id)

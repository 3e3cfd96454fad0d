"""The shared schedule vectors, read into domain objects."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

from signage.domain.schedule import Interrupt, Ladder, Rule, Window

VECTORS_PATH = Path(__file__).parents[2] / "vectors" / "schedule.json"
VECTORS: dict[str, Any] = json.loads(VECTORS_PATH.read_text())


def minute(text: str) -> int:
    """`08:30` as minutes since midnight."""
    hour, rest = text.split(":")
    return int(hour) * 60 + int(rest)


def rule(raw: dict[str, Any]) -> Rule:
    """A rule from its wire form."""
    return Rule(
        id=raw["id"],
        playlist=raw["playlist"],
        name=raw.get("name", ""),
        ladder=Ladder[raw["ladder"]],
        priority=raw["priority"],
        order=raw["order"],
        weekdays=frozenset(raw["weekdays"]),
        first_on=date.fromisoformat(raw["first_on"]) if raw.get("first_on") else None,
        last_on=date.fromisoformat(raw["last_on"]) if raw.get("last_on") else None,
        windows=tuple(Window(starts=minute(a), ends=minute(b)) for a, b in raw["windows"]),
    )


def interrupt(raw: dict[str, Any]) -> Interrupt:
    """An interrupt from its wire form."""
    return Interrupt(
        id=raw["id"],
        playlist=raw["playlist"],
        ladder=Ladder[raw["ladder"]],
        priority=raw["priority"],
        order=raw["order"],
        starts_at=datetime.fromisoformat(raw["starts_at"]),
        ends_at=datetime.fromisoformat(raw["ends_at"]),
    )

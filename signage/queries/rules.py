"""Rules as the schedule algorithm and the player want them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from signage.domain.schedule import DAYPARTS, Interrupt, Ladder, Rule, Window
from signage.models import Display, ScheduleRule, TargetRule


def minutes(value: time) -> int:
    """Minutes since midnight."""
    return value.hour * 60 + value.minute


def window_of(rule: ScheduleRule) -> Window:
    """The rule's daypart, or its own times."""
    if rule.daypart != ScheduleRule.Daypart.CUSTOM or rule.from_time is None or rule.until_time is None:
        return DAYPARTS.get(rule.daypart, DAYPARTS["ALL_DAY"])
    return Window(starts=minutes(rule.from_time), ends=minutes(rule.until_time))


def as_rule(row: ScheduleRule) -> Rule:
    """A schedule rule for the algorithm."""
    return Rule(
        id=row.pk or 0,
        playlist=row.playlist_id,
        name=row.name,
        ladder=Ladder[row.ladder],
        priority=row.priority,
        order=row.order,
        weekdays=frozenset(row.weekdays),
        first_on=row.first_on,
        last_on=row.last_on,
        windows=(window_of(row),),
    )


def as_interrupt(row: TargetRule) -> Interrupt | None:
    """The window that an audience rule has planned, if any."""
    if row.starts_at is None or row.ends_at is None:
        return None
    return Interrupt(
        id=row.pk,
        playlist=row.playlist_id,
        name=row.name,
        priority=row.priority,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
    )


def rules_for(display: Display, rows: Iterable[ScheduleRule]) -> list[Rule]:
    """The rules a screen obeys."""
    return [as_rule(row) for row in rows if row.applies_to(display)]


def interrupts_for(display: Display, rows: Iterable[TargetRule], now: datetime) -> list[Interrupt]:
    """The audience windows of a screen that are not over."""
    found = [as_interrupt(row) for row in rows if row.applies_to(display)]
    return [each for each in found if each is not None and now < each.ends_at]


def clock_text(minute: int) -> str:
    """Minutes since midnight as `08:30`."""
    return f"{minute // 60:02}:{minute % 60:02}"


def rule_json(rule: Rule) -> dict[str, Any]:
    """The wire form of a rule (tests/vectors/schedule.json)."""
    return {
        "id": rule.id,
        "playlist": rule.playlist,
        "name": rule.name,
        "ladder": rule.ladder.name,
        "priority": rule.priority,
        "order": rule.order,
        "weekdays": sorted(rule.weekdays),
        "first_on": rule.first_on.isoformat() if rule.first_on else None,
        "last_on": rule.last_on.isoformat() if rule.last_on else None,
        "windows": [[clock_text(each.starts), clock_text(each.ends)] for each in rule.windows],
    }


def interrupt_json(interrupt: Interrupt) -> dict[str, Any]:
    """The wire form of an audience window."""
    return {
        "id": interrupt.id,
        "playlist": interrupt.playlist,
        "name": interrupt.name,
        "ladder": interrupt.ladder.name,
        "priority": interrupt.priority,
        "order": interrupt.order,
        "starts_at": interrupt.starts_at.isoformat(),
        "ends_at": interrupt.ends_at.isoformat(),
    }

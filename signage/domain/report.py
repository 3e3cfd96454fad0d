"""What a rule would do to the others, asked before it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from signage.domain.schedule import Rule, Segment, stretches


@dataclass(frozen=True, kw_only=True)
class Hidden:
    """A rule that loses screen time: before and after, in the range asked for."""

    rule_id: int
    name: str
    before: timedelta
    after: timedelta
    first_at: datetime

    @property
    def entirely(self) -> bool:
        """Whether the rule is not seen any more at all."""
        return self.after == timedelta()


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a new rule hides, how long it is seen itself, and who hides it."""

    shown: timedelta
    asked: timedelta
    hides: tuple[Hidden, ...]
    hidden_by: tuple[str, ...]

    @property
    def never_seen(self) -> bool:
        """Whether the rule never reaches the screen in the range."""
        return self.shown == timedelta()


def effect(
    rules: Sequence[Rule], new: Rule, starts_at: datetime, ends_at: datetime, zone: ZoneInfo, *, default: int
) -> Effect:
    """Compare the timeline without and with a rule; a rule with the same id is replaced."""
    others = [rule for rule in rules if rule.id != new.id]
    old = stretches(others, starts_at, ends_at, zone, default=default)
    fresh = stretches([*others, new], starts_at, ends_at, zone, default=default)
    before, after = _screen_time(old), _screen_time(fresh)
    names = {rule.id: rule.name for rule in others}
    hides = tuple(
        Hidden(
            rule_id=rule_id,
            name=names[rule_id],
            before=length,
            after=after.get(rule_id, timedelta()),
            first_at=_first_loss(old, fresh, rule_id),
        )
        for rule_id, length in sorted(before.items())
        if after.get(rule_id, timedelta()) < length
    )
    return Effect(
        shown=after.get(new.id, timedelta()),
        asked=_asked(fresh, new.id),
        hides=hides,
        hidden_by=_hidden_by(fresh, new.id),
    )


def _screen_time(segments: Sequence[Segment]) -> dict[int, timedelta]:
    """Seconds on screen per rule."""
    total: dict[int, timedelta] = {}
    for segment in segments:
        cause = segment.choice.cause_id
        if cause is not None:
            total[cause] = total.get(cause, timedelta()) + (segment.ends_at - segment.starts_at)
    return total


def _asked(segments: Sequence[Segment], rule_id: int) -> timedelta:
    """How long a rule wanted the screen, won or not."""
    wanted = timedelta()
    for segment in segments:
        spots = (segment.choice.winner, *segment.choice.beaten)
        if any(spot and spot.cause.id == rule_id for spot in spots):
            wanted += segment.ends_at - segment.starts_at
    return wanted


def _hidden_by(segments: Sequence[Segment], rule_id: int) -> tuple[str, ...]:
    """Names of the rules that beat this one somewhere in the range."""
    winners = {
        segment.choice.winner.cause.name
        for segment in segments
        if segment.choice.winner and any(spot.cause.id == rule_id for spot in segment.choice.beaten)
    }
    return tuple(sorted(winners))


def _first_loss(old: Sequence[Segment], fresh: Sequence[Segment], rule_id: int) -> datetime:
    """The first instant at which a rule that played before does not play any more."""
    for segment in old:
        if segment.choice.cause_id != rule_id:
            continue
        for other in fresh:
            overlaps = other.starts_at < segment.ends_at and segment.starts_at < other.ends_at
            if overlaps and other.choice.cause_id != rule_id:
                return max(other.starts_at, segment.starts_at)
    return old[0].starts_at

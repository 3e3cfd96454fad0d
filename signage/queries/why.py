"""Why a screen plays what it plays, now or at any other time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from signage.domain.playhead import playhead
from signage.domain.schedule import EPOCH, Occurrence, Rule, active, stretches
from signage.models import AudienceFact, Decision, Display, Playlist, TargetRule
from signage.queries.manifest import content_of, rows_for_schedule, title_of
from signage.queries.rules import interrupts_for, rules_for
from store.models import Site

DECISIONS_SHOWN = 8


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Something that asks for the screen."""

    kind: str
    id: int
    name: str
    playlist: str
    ladder: str
    priority: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class AudienceView:
    """An audience rule with the fact it looks at; `count` is None when nothing is known."""

    rule: TargetRule
    count: int | None
    observed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Why:
    """The answer: the winner, what it beat, what could not play, and what the cameras said."""

    at: datetime
    playlist: str
    item: str
    winner: Candidate | None
    beaten: tuple[Candidate, ...]
    empty: tuple[str, ...]
    held: tuple[str, ...]
    audiences: tuple[AudienceView, ...]
    decisions: tuple[Decision, ...]


def why(display: Display, *, at: datetime, now: datetime) -> Why:
    """Explain what a screen plays at `at`; audience windows count only where they are known."""
    site = Site.objects.current()
    schedule, targets = rows_for_schedule()
    mine = [row for row in targets if row.applies_to(display)]
    rules = rules_for(display, schedule)
    interrupts = interrupts_for(display, mine, now)
    names = dict(Playlist.objects.values_list("pk", "name"))
    wanted = {rule.playlist for rule in rules} | {row.playlist_id for row in mine}
    content = content_of(wanted | {display.default_playlist_id})
    asking = active(rules, at, ZoneInfo(site.timezone), interrupts=interrupts)
    able = [each for each in asking if each.cause.playlist in content.playable]
    playlist = able[0].cause.playlist if able else display.default_playlist_id
    items = content.items.get(playlist, [])
    since = able[0].starts_at if able else EPOCH
    position = playhead([item.duration_ms for item in items], since, at)
    return Why(
        at=at,
        playlist=names.get(playlist, ""),
        item=title_of(items[position.index]) if position else "",
        winner=_candidate(able[0], names) if able else None,
        beaten=tuple(_candidate(each, names) for each in able[1:]),
        empty=tuple(each.cause.name for each in asking if each.cause.playlist not in content.playable),
        held=tuple(sorted(set(content.held.values()))),
        audiences=_audiences(mine, now),
        decisions=_decisions(mine),
    )


def _candidate(spot: Occurrence, names: dict[int, str]) -> Candidate:
    cause = spot.cause
    return Candidate(
        kind=spot.kind,
        id=cause.id,
        name=cause.name,
        playlist=names.get(cause.playlist, ""),
        ladder=cause.ladder.name,
        priority=cause.priority,
        starts_at=spot.starts_at,
        ends_at=spot.ends_at,
    )


def _audiences(targets: list[TargetRule], now: datetime) -> tuple[AudienceView, ...]:
    facts = {(fact.camera, fact.zone): fact for fact in AudienceFact.objects.filter(expires_at__gt=now)}
    found = []
    for rule in targets:
        fact = facts.get((rule.camera, rule.zone))
        found.append(
            AudienceView(
                rule=rule,
                count=fact.count if fact else None,
                observed_at=fact.observed_at if fact else None,
            )
        )
    return tuple(found)


def _decisions(targets: list[TargetRule]) -> tuple[Decision, ...]:
    found = Decision.objects.filter(rule__in=[rule.pk for rule in targets]).select_related("rule")
    return tuple(found[:DECISIONS_SHOWN])


@dataclass(frozen=True, kw_only=True)
class Block:
    """A stretch of one day of the week grid; minutes are wall-clock minutes of that day."""

    rule_id: int | None
    name: str
    playlist: str
    ladder: str
    starts: int
    ends: int
    beaten: tuple[str, ...]

    @property
    def from_text(self) -> str:
        """`08:30`."""
        return f"{self.starts // 60:02}:{self.starts % 60:02}"

    @property
    def until_text(self) -> str:
        """`24:00` for the end of the day."""
        return f"{self.ends // 60:02}:{self.ends % 60:02}"


@dataclass(frozen=True, kw_only=True)
class DayColumn:
    """One day of the week grid."""

    day: datetime
    blocks: tuple[Block, ...]


def week(display: Display, *, monday: datetime) -> list[DayColumn]:
    """The winners of a week on a screen, day by day; `monday` is local midnight of the first day."""
    zone = ZoneInfo(Site.objects.current().timezone)
    schedule, _targets = rows_for_schedule()
    rules = rules_for(display, schedule)
    names = dict(Playlist.objects.values_list("pk", "name"))
    return [
        DayColumn(day=day, blocks=_blocks(rules, day, zone, display.default_playlist_id, names))
        for day in (_midnight(monday, offset, zone) for offset in range(7))
    ]


def _midnight(monday: datetime, offset: int, zone: ZoneInfo) -> datetime:
    local = monday.astimezone(zone).date() + timedelta(days=offset)
    return datetime(local.year, local.month, local.day, tzinfo=zone)


def _blocks(
    rules: list[Rule], day: datetime, zone: ZoneInfo, default: int, names: dict[int, str]
) -> tuple[Block, ...]:
    end = _midnight(day, 1, zone)
    blocks = []
    for segment in stretches(rules, day, end, zone, default=default):
        choice = segment.choice
        winner = choice.winner.cause if choice.winner else None
        begin, finish = segment.starts_at.astimezone(zone), segment.ends_at.astimezone(zone)
        ends = 1440 if finish >= end else finish.hour * 60 + finish.minute
        block = Block(
            rule_id=winner.id if winner else None,
            name=winner.name if winner else "",
            playlist=names.get(choice.playlist, ""),
            ladder=winner.ladder.name if winner else "DEFAULT",
            starts=begin.hour * 60 + begin.minute,
            ends=ends,
            beaten=tuple(spot.cause.name for spot in choice.beaten),
        )
        if block.ends > block.starts:
            blocks.append(block)
    return tuple(blocks)

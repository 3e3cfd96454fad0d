"""Which playlist a screen plays at an instant: rules, windows, ladders.

The player carries the same algorithm in JavaScript (`signage/static/signage/js/schedule.js`); both run
`tests/vectors/schedule.json`. Rules are shipped to the screen, not expanded occurrences, so a screen that
has been away for weeks is still right.

Time rules:
- windows are half-open [starts, ends) in wall-clock minutes of the screen's zone; `ends <= starts` runs into
  the next day and belongs to the day on which it starts (weekday and date range are those of the start day);
- an ambiguous local time is its first pass; a local time that does not exist is the transition instant;
  an occurrence left empty by that is dropped and the next one is unaffected.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

DAY_MINUTES = 1440
EVERY_DAY: frozenset[int] = frozenset(range(1, 8))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Ladder(IntEnum):
    """Order of precedence; a higher ladder always beats a lower one."""

    NORMAL = 1
    TARGET = 2
    OVERRIDE = 3
    EMERGENCY = 4


@dataclass(frozen=True, kw_only=True)
class Window:
    """Wall-clock minutes since midnight, half-open; `ends <= starts` means the next day."""

    starts: int
    ends: int

    def __post_init__(self) -> None:
        for minute in (self.starts, self.ends):
            if not 0 <= minute < DAY_MINUTES:
                raise ValueError(f"minute of day out of range: {minute}")


ALL_DAY = Window(starts=0, ends=0)

DAYPARTS: dict[str, Window] = {
    "ALL_DAY": ALL_DAY,
    "MORNING": Window(starts=6 * 60, ends=11 * 60),
    "LUNCH": Window(starts=11 * 60, ends=14 * 60),
    "AFTERNOON": Window(starts=14 * 60, ends=17 * 60),
    "EVENING": Window(starts=17 * 60, ends=22 * 60),
    "NIGHT": Window(starts=22 * 60, ends=6 * 60),
}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A recurring wall-clock rule; `first_on` and `last_on` are inclusive start days (None: open)."""

    id: int
    playlist: int
    name: str = ""
    ladder: Ladder = Ladder.NORMAL
    priority: int = 0
    order: int = 0
    weekdays: frozenset[int] = EVERY_DAY
    first_on: date | None = None
    last_on: date | None = None
    windows: tuple[Window, ...] = (ALL_DAY,)

    @cached_property
    def standing(self) -> tuple[int, int, int]:
        """How it ranks among rules: the smallest wins (ladder, priority, display order)."""
        return (-int(self.ladder), -self.priority, self.order)

    def runs_on(self, day: date) -> bool:
        """Whether an occurrence may start on this local day."""
        return day.isoweekday() in self.weekdays and self.dated_for(day)

    def dated_for(self, day: date) -> bool:
        """Whether the date range holds a day."""
        return (self.first_on is None or self.first_on <= day) and (
            self.last_on is None or day <= self.last_on
        )


@dataclass(frozen=True, kw_only=True)
class Interrupt:
    """Content between two instants, such as an audience decision: [starts_at, ends_at)."""

    id: int
    playlist: int
    starts_at: datetime
    ends_at: datetime
    name: str = ""
    ladder: Ladder = Ladder.TARGET
    priority: int = 0
    order: int = 0


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """One concrete span during which a rule or interrupt asks for its playlist."""

    cause: Rule | Interrupt
    starts_at: datetime
    ends_at: datetime

    @property
    def kind(self) -> str:
        """`rule` or `target`."""
        return "rule" if isinstance(self.cause, Rule) else "target"

    @property
    def rank(self) -> tuple[int, int, int, datetime, str, int]:
        """Sort key: the smallest wins (ladder, priority, display order, start, id)."""
        cause = self.cause
        return (-cause.ladder, -cause.priority, cause.order, self.starts_at, self.kind, cause.id)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What plays: the winner, or the default playlist when nothing is active (`winner` is None)."""

    playlist: int
    since: datetime
    until: datetime | None
    winner: Occurrence | None = None
    beaten: tuple[Occurrence, ...] = ()

    @property
    def kind(self) -> str:
        """`rule`, `target` or `default`."""
        return self.winner.kind if self.winner else "default"

    @property
    def cause_id(self) -> int | None:
        """Id of the winning rule or target rule."""
        return self.winner.cause.id if self.winner else None


def local_instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The UTC instant of a wall-clock minute: first pass if ambiguous, else the transition that skips it."""
    naive = datetime.combine(day, time(minute // 60, minute % 60))
    first = naive.replace(tzinfo=zone, fold=0)
    instant = first.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == naive:
        return instant
    return _transition(naive, zone)


def _transition(naive: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the clock jumps over `naive`, to the second."""
    before = naive.replace(tzinfo=zone, fold=0).utcoffset() or timedelta()
    after = naive.replace(tzinfo=zone, fold=1).utcoffset() or timedelta()
    low, high = (naive - after).replace(tzinfo=UTC), (naive - before).replace(tzinfo=UTC)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        if middle.astimezone(zone).utcoffset() == after:
            high = middle
        else:
            low = middle
    return low if low.astimezone(zone).utcoffset() == after else high


@dataclass(slots=True)
class _Clock:
    """Wall-clock minutes of one zone turned into instants, each looked up once."""

    zone: ZoneInfo
    known: dict[tuple[date, int], datetime] = field(default_factory=dict)

    def at(self, day: date, minute: int) -> datetime:
        """The instant of a minute of a local day."""
        key = (day, minute)
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = local_instant(day, minute, self.zone)
        return found

    def span(self, window: Window, day: date) -> tuple[datetime, datetime]:
        """Start and end of a window that starts on a day; nothing is left when the end is not later."""
        ends_on = day + timedelta(days=1) if window.ends <= window.starts else day
        return self.at(day, window.starts), self.at(ends_on, window.ends)

    def occurrence(self, rule: Rule, window: Window, day: date) -> Occurrence | None:
        """The occurrence that starts on a day, or None when a clock change left it empty."""
        starts_at, ends_at = self.span(window, day)
        if ends_at <= starts_at:
            return None
        return Occurrence(cause=rule, starts_at=starts_at, ends_at=ends_at)


_BEATEN_BY_ALL = (1, 0, 0)
_Rank = tuple[int, int, int, datetime, str, int]
_Match = tuple[_Rank, Rule | Interrupt, datetime, datetime]


def _matches(
    rules: Sequence[Rule],
    instant: datetime,
    zone: ZoneInfo,
    interrupts: Iterable[Interrupt],
    *,
    best_only: bool = False,
) -> Iterator[_Match]:
    """Everything that covers an instant, with its rank; plain tuples, for a store may have 10,000 rules.

    With `best_only` what is surely beaten by an earlier one may be left out.
    """
    clock = _Clock(zone)
    today = instant.astimezone(zone).date()
    best = _BEATEN_BY_ALL
    for day in (today, today - timedelta(days=1)):
        weekday = day.isoweekday()
        spans: dict[int, tuple[datetime, datetime] | None] = {}
        for rule in rules:
            standing = rule.standing
            if (best_only and standing > best) or weekday not in rule.weekdays or not rule.dated_for(day):
                continue
            for window in rule.windows:
                key = window.starts * DAY_MINUTES + window.ends
                if key not in spans:
                    starts_at, ends_at = clock.span(window, day)
                    spans[key] = (starts_at, ends_at) if starts_at <= instant < ends_at else None
                span = spans[key]
                if span:
                    best = min(best, standing)
                    yield (*standing, span[0], "rule", rule.id), rule, span[0], span[1]
    for each in interrupts:
        if each.starts_at <= instant < each.ends_at:
            rank = (-each.ladder, -each.priority, each.order, each.starts_at, "target", each.id)
            yield rank, each, each.starts_at, each.ends_at


def _rank_of(match: _Match) -> _Rank:
    return match[0]


def _occurrence(match: _Match) -> Occurrence:
    return Occurrence(cause=match[1], starts_at=match[2], ends_at=match[3])


def active(
    rules: Sequence[Rule], instant: datetime, zone: ZoneInfo, *, interrupts: Iterable[Interrupt] = ()
) -> list[Occurrence]:
    """Everything that asks for the screen at an instant, the winner first."""
    return [_occurrence(each) for each in sorted(_matches(rules, instant, zone, interrupts), key=_rank_of)]


def resolve(
    rules: Sequence[Rule],
    instant: datetime,
    zone: ZoneInfo,
    *,
    default: int,
    interrupts: Iterable[Interrupt] = (),
) -> Choice:
    """What plays at an instant (aware); `default` is the playlist when nothing is active."""
    found = _matches(rules, instant, zone, interrupts, best_only=True)
    best = min(found, key=_rank_of, default=None)
    return _choice((_occurrence(best),) if best else (), default)


def occurrences(
    rules: Iterable[Rule],
    starts_at: datetime,
    ends_at: datetime,
    zone: ZoneInfo,
    *,
    interrupts: Iterable[Interrupt] = (),
) -> Iterator[Occurrence]:
    """Every occurrence that overlaps [starts_at, ends_at), uncut."""
    clock = _Clock(zone)
    first = starts_at.astimezone(zone).date() - timedelta(days=1)
    days = (ends_at.astimezone(zone).date() - first).days + 1
    for rule in rules:
        for offset in range(days):
            day = first + timedelta(days=offset)
            if not rule.runs_on(day):
                continue
            for window in rule.windows:
                spot = clock.occurrence(rule, window, day)
                if spot and spot.starts_at < ends_at and starts_at < spot.ends_at:
                    yield spot
    for each in interrupts:
        if each.starts_at < min(ends_at, each.ends_at) and starts_at < each.ends_at:
            yield Occurrence(cause=each, starts_at=each.starts_at, ends_at=each.ends_at)


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A stretch of the timeline with one choice, cut to the asked range."""

    starts_at: datetime
    ends_at: datetime
    choice: Choice


def stretches(
    rules: Sequence[Rule],
    starts_at: datetime,
    ends_at: datetime,
    zone: ZoneInfo,
    *,
    default: int,
    interrupts: Sequence[Interrupt] = (),
) -> list[Segment]:
    """The choice, with everything it beats, over [starts_at, ends_at): cut at every start and end."""
    spots = sorted(
        occurrences(rules, starts_at, ends_at, zone, interrupts=interrupts), key=lambda each: each.rank
    )
    edges = {starts_at, ends_at}
    for spot in spots:
        edges.update(edge for edge in (spot.starts_at, spot.ends_at) if starts_at < edge < ends_at)
    segments: list[Segment] = []
    for begin, end in pairwise(sorted(edges)):
        here = tuple(spot for spot in spots if spot.starts_at <= begin < spot.ends_at)
        segments.append(Segment(starts_at=begin, ends_at=end, choice=_choice(here, default)))
    return segments


def timeline(
    rules: Sequence[Rule],
    starts_at: datetime,
    ends_at: datetime,
    zone: ZoneInfo,
    *,
    default: int,
    interrupts: Sequence[Interrupt] = (),
) -> list[Segment]:
    """The winners over [starts_at, ends_at) without a hole; stretches of one winner are joined."""
    joined: list[Segment] = []
    for segment in stretches(rules, starts_at, ends_at, zone, default=default, interrupts=interrupts):
        last = joined[-1] if joined else None
        if last and last.choice.winner == segment.choice.winner:
            joined[-1] = Segment(starts_at=last.starts_at, ends_at=segment.ends_at, choice=last.choice)
        else:
            joined.append(segment)
    return joined


def _choice(spots: tuple[Occurrence, ...], default: int) -> Choice:
    """The choice among occurrences already sorted by rank."""
    if not spots:
        return Choice(playlist=default, since=EPOCH, until=None)
    best = spots[0]
    return Choice(
        playlist=best.cause.playlist,
        since=best.starts_at,
        until=best.ends_at,
        winner=best,
        beaten=spots[1:],
    )

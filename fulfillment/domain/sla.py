"""When an order must be started, and how urgent it looks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

BUFFER = timedelta(minutes=20)
PER_LINE = timedelta(seconds=45)
SOON = timedelta(minutes=15)


class Urgency(StrEnum):
    """Colour and word of an order on the boards."""

    CALM = "CALM"
    SOON = "SOON"
    LATE = "LATE"


@dataclass(frozen=True, kw_only=True)
class Slack:
    """Latest start of an order and its urgency at one moment."""

    start_latest_at: datetime
    urgency: Urgency


def start_latest(due_at: datetime, lines: int) -> datetime:
    """Latest moment to start picking: due − 20 min − 45 s per line."""
    return due_at - BUFFER - lines * PER_LINE


def slack(*, due_at: datetime, open_lines: int, is_ready: bool, now: datetime) -> Slack:
    """Judge an order: a ready one is calm, one past its latest start is late, one within 15 min of it is
    soon."""
    latest = start_latest(due_at, open_lines)
    if is_ready:
        return Slack(start_latest_at=latest, urgency=Urgency.CALM)
    if now > latest:
        return Slack(start_latest_at=latest, urgency=Urgency.LATE)
    urgency = Urgency.SOON if now > latest - SOON else Urgency.CALM
    return Slack(start_latest_at=latest, urgency=urgency)

"""What the screens tell the rest of the store and the cloud."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.events.base import Event, event


@event("signage.display.paired.v1", lane="metrics")
@dataclass(frozen=True, kw_only=True)
class DisplayPaired(Event):
    """A browser became a screen of the store."""

    display: str
    paired_at: datetime

    @property
    def stream(self) -> str:
        """Order is kept per screen."""
        return f"display/{self.display}"


@event("signage.plays.recorded.v1", lane="metrics", priority=8)
@dataclass(frozen=True, kw_only=True)
class PlaysRecorded(Event):
    """Proofs of play that were new: how many, and the time they cover."""

    display: str
    plays: int
    shown_ms: int
    first_started_at: datetime
    last_ended_at: datetime

    @property
    def stream(self) -> str:
        """Order is kept per screen."""
        return f"display/{self.display}"


@event("signage.target.switched.v1", lane="local")
@dataclass(frozen=True, kw_only=True)
class TargetSwitched(Event):
    """An audience rule planned, extended, shortened or took back its time on screen."""

    rule_id: int
    rule: str
    reason: str
    count: int
    starts_at: datetime | None
    ends_at: datetime | None
    decided_at: datetime

    @property
    def stream(self) -> str:
        """Order is kept per rule."""
        return f"target/{self.rule_id}"

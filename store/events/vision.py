"""What the cameras tell the rest of the store: counts of people, never anything about a person.

Times are aware datetimes in UTC. A `count` is a number of confirmed people; when a camera cannot see,
nothing is published (no observation is not zero), and the last fact runs out at its `expires_at`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from store.events.base import Event, event


@event("vision.audience.changed.v1", lane="local")
@dataclass(frozen=True, kw_only=True)
class AudienceChanged(Event):
    """The number of people in front of something (a display zone) changed.

    A receiver must treat the fact as unknown, not as zero, from `expires_at` on.
    """

    camera: str
    zone: str
    count: int
    observed_at: datetime
    expires_at: datetime

    @property
    def stream(self) -> str:
        """Order is kept per camera zone."""
        return f"zone/{self.camera}/{self.zone}"


@event("vision.queue_length.changed.v1", lane="local")
@dataclass(frozen=True, kw_only=True)
class QueueLengthChanged(Event):
    """The number of people waiting in a queue zone changed."""

    camera: str
    zone: str
    length: int
    observed_at: datetime
    expires_at: datetime

    @property
    def stream(self) -> str:
        """Order is kept per queue zone."""
        return f"zone/{self.camera}/{self.zone}"


@event("vision.queue_alert.raised.v1", lane="vision")
@dataclass(frozen=True, kw_only=True)
class QueueAlertRaised(Event):
    """A queue stayed too long for the tills that are open: open another till."""

    alert_id: UUID
    camera: str
    zone: str
    zone_name: str
    length: int
    open_tills: int
    tills_suggested: int
    raised_at: datetime

    @property
    def stream(self) -> str:
        """Raised and cleared of one queue zone arrive in order."""
        return f"queue/{self.camera}/{self.zone}"


@event("vision.queue_alert.cleared.v1", lane="vision")
@dataclass(frozen=True, kw_only=True)
class QueueAlertCleared(Event):
    """The queue is short again, the tills suffice, or the camera went blind.

    `reason` is SHORT, TILLS_OPENED or NO_DATA.
    """

    alert_id: UUID
    camera: str
    zone: str
    length: int | None
    reason: str
    cleared_at: datetime

    @property
    def stream(self) -> str:
        """Raised and cleared of one queue zone arrive in order."""
        return f"queue/{self.camera}/{self.zone}"


@event("vision.camera_state.changed.v1", lane="vision")
@dataclass(frozen=True, kw_only=True)
class CameraStateChanged(Event):
    """A camera went UP, DOWN or UNKNOWN (its edge box is silent)."""

    camera: str
    edge_device: str
    state: str
    reason: str
    changed_at: datetime

    @property
    def stream(self) -> str:
        """Order is kept per camera."""
        return f"camera/{self.camera}"

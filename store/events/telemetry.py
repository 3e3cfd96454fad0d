"""What the sensors tell the rest of the store: alarms that were raised and went away again.

Temperatures are in degrees Celsius, times aware datetimes in UTC. An `alarm_id` names one alarm from its
raising to its end; it is the source id of whatever the alarm causes (a product hold, a notice).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from store.events.base import Event, event


@event("telemetry.alarm.raised.v1", lane="alarms", priority=1)
@dataclass(frozen=True, kw_only=True)
class AlarmRaised(Event):
    """A value stayed outside a limit for its whole delay, or a sensor went silent or faulty.

    `kind` is HIGH, HIGH_WARN, LOW, LOW_WARN, STALE or FAULT, `severity` ALARM or WARNING.
    `holds_products` says whether the goods of the fixture may not be sold until the alarm is cleared.
    """

    alarm_id: UUID
    sensor: str
    sensor_name: str
    fixture: str | None
    kind: str
    severity: str
    holds_products: bool
    value: float | None
    threshold: float | None
    since: datetime
    raised_at: datetime

    @property
    def stream(self) -> str:
        """Raised and cleared of one sensor arrive in order."""
        return f"sensor/{self.sensor}"


@event("telemetry.alarm.cleared.v1", lane="alarms", priority=1)
@dataclass(frozen=True, kw_only=True)
class AlarmCleared(Event):
    """The value stayed inside its limit, past the hysteresis, for the whole off-delay.

    `peak` is the worst value of the episode, `seconds` how long it lasted from its first reading.
    """

    alarm_id: UUID
    sensor: str
    sensor_name: str
    fixture: str | None
    kind: str
    severity: str
    holds_products: bool
    peak: float | None
    seconds: int
    cleared_at: datetime

    @property
    def stream(self) -> str:
        """Raised and cleared of one sensor arrive in order."""
        return f"sensor/{self.sensor}"

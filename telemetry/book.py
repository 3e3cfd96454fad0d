"""What ingest knows of each sensor, read once and again every few seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.db import connection

from telemetry.domain.alarm import Kind, Rule
from telemetry.domain.limits import rules_of
from telemetry.domain.reading import Range
from telemetry.models import Sensor

_COMPLETE = """
with s as (select id from telemetry_sensor),
latest as (
    insert into telemetry_latest (sensor_id, quality, flags, bad_in_a_row, bad_count)
    select id, 'GOOD', 0, 0, 0 from s on conflict do nothing)
insert into telemetry_alarm (sensor_id, kind, state, resumes)
select s.id, k.kind, 'NORMAL', 'NORMAL' from s, unnest(%s::text[]) as k(kind)
on conflict do nothing
"""


@dataclass(frozen=True)
class SensorEntry:
    """A sensor as ingest needs it."""

    id: int
    device: str
    name: str
    fixture: str | None
    range: Range
    rules: tuple[Rule, ...]
    stale_after: timedelta
    holds_products: bool
    enabled: bool
    revoked: bool

    @cached_property
    def by_kind(self) -> dict[Kind, Rule]:
        """The sensor's rules by kind."""
        return {rule.kind: rule for rule in self.rules}

    @cached_property
    def normal_band(self) -> tuple[float, float]:
        """Values in this closed band violate no limit."""
        lows = [rule.threshold for rule in self.rules if rule.threshold is not None and rule.is_low]
        highs = [rule.threshold for rule in self.rules if rule.threshold is not None and not rule.is_low]
        return max(lows, default=float("-inf")), min(highs, default=float("inf"))


Book = dict[tuple[str, str], SensorEntry]


def entry_of(sensor: Sensor) -> SensorEntry:
    """The entry of one sensor; needs its device and fixture loaded."""
    return SensorEntry(
        id=sensor.pk,
        device=sensor.device.code,
        name=sensor.name,
        fixture=sensor.fixture.code if sensor.fixture else None,
        range=sensor.range,
        rules=rules_of(sensor.limits) if sensor.is_enabled else (),
        stale_after=sensor.stale_after,
        holds_products=sensor.holds_products,
        enabled=sensor.is_enabled,
        revoked=sensor.device.revoked_at is not None,
    )


def read() -> Book:
    """All sensors by (device code, channel); makes the rows of new sensors that ingest updates."""
    with connection.cursor() as cursor:
        cursor.execute(_COMPLETE, [[kind.value for kind in Kind]])
    sensors = Sensor.objects.select_related("device", "fixture")
    return {(sensor.device.code, sensor.channel): entry_of(sensor) for sensor in sensors}

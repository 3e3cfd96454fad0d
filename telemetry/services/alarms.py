"""Alarms: the pure machine's answers written down, told to the store, acknowledged by people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from store import ids, live, outbox
from store.errors import AisleError
from store.events.base import Event
from store.events.telemetry import AlarmCleared, AlarmRaised
from store.models import Staff
from store.services import audit
from telemetry import book
from telemetry.book import SensorEntry
from telemetry.domain import alarm as machine
from telemetry.domain.alarm import Condition, Kind, Outcome, Rule, State, Step, Transition
from telemetry.models import Alarm, AlarmTransition

MAX_COMMENT = 500


class NothingToAcknowledgeError(AisleError):
    """The alarm is not waiting for anybody."""

    code = "nothing_to_acknowledge"
    message = _("This alarm is not active any more, or somebody has acknowledged it already.")
    status = 409


@dataclass
class Changes:
    """What a batch does to alarms, gathered and written at once."""

    rows: list[Alarm] = field(default_factory=list)
    log: list[AlarmTransition] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def take(
        self,
        row: Alarm,
        outcome: Outcome,
        entry: SensorEntry,
        *,
        now: datetime,
        staff: Staff | None = None,
        comment: str = "",
    ) -> None:
        """Apply an outcome to a locked row; remembers log rows and events."""
        after, transitions = outcome
        rule = rule_for(entry, row)
        started, peak = row.started_at, row.peak
        for step in transitions:
            if step.step is Step.RAISED:
                row.episode = ids.uuid7()
            elif step.step is Step.STARTED and step.before is State.NORMAL:
                row.episode = None
            self.log.append(
                AlarmTransition(
                    alarm=row,
                    episode=row.episode,
                    step=step.step.value,
                    before=step.before.value,
                    after=step.after.value,
                    at=step.at,
                    recorded_at=now,
                    value=step.value,
                    staff=staff,
                    comment=comment,
                )
            )
            common = _event_fields(entry, rule, row.episode)
            if step.step is Step.RAISED:
                self.events.append(_raised(rule, after, step, common))
            elif machine.ends_episode(step):
                self.events.append(_cleared(started, peak, step, common))
        _store(row, after, rule)
        if row not in self.rows:
            self.rows.append(row)

    def write(self, *, now: datetime) -> None:
        """Write rows, log and events; needs the transaction in which the rows were locked."""
        if self.rows:
            Alarm.objects.bulk_update(self.rows, _FIELDS)
        if self.log:
            AlarmTransition.objects.bulk_create(self.log)
            live.nudge("sensors")
            live.nudge("alerts")
        outbox.publish(*self.events, now=now)


_FIELDS = [
    "state", "changed_at", "started_at", "clearing_at", "raised_at", "peak", "resumes", "until", "episode",
    "due_at",
]  # fmt: skip


def rule_for(entry: SensorEntry, row: Alarm) -> Rule:
    """The rule of an alarm row; a limit that was taken away no longer violates anything."""
    kind = Kind(row.kind)
    return entry.by_kind.get(kind) or Rule(kind, None)


def load(row: Alarm) -> machine.Alarm:
    """The row as the machine knows it."""
    return machine.Alarm(
        state=State(row.state),
        changed_at=row.changed_at,
        started_at=row.started_at,
        clearing_at=row.clearing_at,
        raised_at=row.raised_at,
        peak=row.peak,
        resumes=State(row.resumes),
        until=row.until,
    )


def fire_timers(*, now: datetime | None = None) -> int:
    """Raise, clear and unshelve what is due, and raise STALE for silent sensors; needs no reading.

    Returns how many alarms changed. Safe to run in two processes: rows another one holds are skipped.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        changes = Changes()
        due = Alarm.objects.select_for_update(skip_locked=True, of=("self",)).filter(due_at__lte=moment)
        for row in _with_sensors(due):
            entry = book.entry_of(row.sensor)
            changes.take(row, machine.tick(load(row), rule_for(entry, row), now=moment), entry, now=moment)
        for row in _silent(moment):
            entry = book.entry_of(row.sensor)
            changes.take(row, react_at_once(row, entry, Condition.VIOLATED, at=moment), entry, now=moment)
        changes.write(now=moment)
    return len(changes.rows)


def react_at_once(row: Alarm, entry: SensorEntry, condition: Condition, *, at: datetime) -> Outcome:
    """React to a condition and fire the timer if it has no delay."""
    rule = rule_for(entry, row)
    moved, first = machine.react(load(row), rule, condition, at=at)
    ticked, second = machine.tick(moved, rule, now=at)
    return ticked, (*first, *second)


def acknowledge(*, alarm_id: int, staff: Staff, comment: str, now: datetime | None = None) -> None:
    """Note who has seen an alarm and what was done; its milder sibling (the warning) goes with it.

    Raises NothingToAcknowledgeError when nothing waited for anybody.
    """
    moment = now or timezone.now()
    said = comment.strip()[:MAX_COMMENT]
    with transaction.atomic():
        changes = Changes()
        for row in _family(alarm_id):
            entry = book.entry_of(row.sensor)
            outcome = machine.acknowledge(load(row), rule_for(entry, row), now=moment)
            if any(step.step is Step.ACKNOWLEDGED for step in outcome[1]):
                changes.take(row, outcome, entry, now=moment, staff=staff, comment=said)
        if not any(row.pk == alarm_id for row in changes.rows):
            raise NothingToAcknowledgeError
        changes.write(now=moment)
        for row in changes.rows:
            audit.record(
                actor=staff.username,
                action="alarm.acknowledged",
                target=f"sensor {row.sensor.device.code}",
                data={"kind": row.kind, "comment": said},
                now=moment,
            )
            live.nudge(f"sensor:{row.sensor_id}")


def _family(alarm_id: int) -> list[Alarm]:
    wanted = Alarm.objects.filter(pk=alarm_id).first()
    if wanted is None:
        raise NothingToAcknowledgeError
    kinds = {wanted.kind, f"{wanted.kind}_WARN"}
    rows = Alarm.objects.select_for_update(of=("self",)).filter(sensor_id=wanted.sensor_id, kind__in=kinds)
    return list(_with_sensors(rows))


def _with_sensors(rows: QuerySet[Alarm]) -> QuerySet[Alarm]:
    return rows.select_related("sensor__device", "sensor__fixture", "sensor__latest").order_by("pk")


def _silent(now: datetime) -> Iterable[Alarm]:
    # A sensor that never spoke is not silent: it is not installed yet.
    return (
        row
        for row in _with_sensors(
            Alarm.objects.select_for_update(skip_locked=True, of=("self",)).filter(
                kind=Kind.STALE,
                state__in=[State.NORMAL, State.LATCHED],
                sensor__is_enabled=True,
                sensor__latest__received_at__isnull=False,
            )
        )
        if now - (row.sensor.latest.received_at or now) >= row.sensor.stale_after
    )


def _store(row: Alarm, after: machine.Alarm, rule: Rule) -> None:
    row.state, row.changed_at = after.state.value, after.changed_at
    row.started_at, row.clearing_at, row.raised_at = after.started_at, after.clearing_at, after.raised_at
    row.peak, row.resumes, row.until = after.peak, after.resumes.value, after.until
    row.due_at = machine.due_at(after, rule)


def holds(entry: SensorEntry, rule: Rule) -> bool:
    """Alarms hold the goods of the fixture; warnings, silence and probe faults do not."""
    return entry.holds_products and entry.fixture is not None and rule.severity == "ALARM"


def _event_fields(entry: SensorEntry, rule: Rule, episode: UUID | None) -> dict[str, Any]:
    return {
        "alarm_id": episode,
        "sensor": entry.device,
        "sensor_name": entry.name,
        "fixture": entry.fixture,
        "kind": rule.kind.value,
        "severity": rule.severity,
        "holds_products": holds(entry, rule),
    }


def _raised(rule: Rule, after: machine.Alarm, step: Transition, common: dict[str, Any]) -> AlarmRaised:
    return AlarmRaised(
        **common,
        value=step.value,
        threshold=rule.threshold,
        since=after.started_at or step.at,
        raised_at=step.at,
    )


def _cleared(
    started: datetime | None, peak: float | None, step: Transition, common: dict[str, Any]
) -> AlarmCleared:
    return AlarmCleared(
        **common,
        peak=step.value if step.value is not None else peak,
        seconds=max(0, int((step.at - (started or step.at)).total_seconds())),
        cleared_at=step.at,
    )

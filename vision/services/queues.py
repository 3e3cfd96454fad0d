"""Calls for another till: judged whenever a queue was seen, tills opened or closed, and time passed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from store import live, outbox
from store.errors import AisleError
from store.events.base import Event
from store.events.vision import QueueAlertCleared, QueueAlertRaised
from store.models import Device, Staff
from vision.domain.queueing import Verdict, judge
from vision.models import QueueAlert, QueueMemory, Scope, TillState

_TILL = """
insert into vision_tillstate as t (till, is_open, changed_at) values (%s, %s, %s)
on conflict (till) do update set is_open = excluded.is_open, changed_at = excluded.changed_at
where excluded.changed_at >= t.changed_at
"""


class AlertOverError(AisleError):
    """The call ended before somebody acknowledged it."""

    code = "alert_over"
    message = _("This call is already over.")
    status = 409


def judge_queues(*, now: datetime, scopes: Collection[int] | None = None) -> None:
    """Judge the queues (all, or those of the given scopes) and publish calls that begin or end."""
    queues = Scope.objects.filter(kind=Scope.Kind.QUEUE)
    if scopes is not None:
        queues = queues.filter(pk__in=scopes)
    with transaction.atomic():
        wanted = {scope.pk: scope for scope in queues.select_related("camera").order_by("pk")}
        if not wanted:
            return
        QueueMemory.objects.bulk_create([QueueMemory(pk=pk) for pk in wanted], ignore_conflicts=True)
        memories = list(QueueMemory.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))
        open_tills = TillState.objects.filter(is_open=True).count()
        tills = Device.objects.filter(kind=Device.Kind.TILL, revoked_at__isnull=True).count()
        facts: list[Event] = []
        changed = []
        for memory in memories:
            scope, before = wanted[memory.pk], memory.watch()
            length = scope.count_now(now)
            watch, verdict = judge(
                scope.queue_rule, before, length=length, open_tills=open_tills, tills=tills, now=now
            )
            facts += _act(scope, verdict, length, open_tills, now)
            if watch != before:
                memory.take(watch)
                changed.append(memory)
        fields = ["long_since", "short_since", "blind_since", "raised_at", "limit_when_raised", "quiet_until"]
        QueueMemory.objects.bulk_update(changed, fields)
        if facts:
            outbox.publish(*facts, now=now)
            _nudge()


def till_changed(*, till: str, is_open: bool, at: datetime, now: datetime) -> None:
    """Note that a till opened or closed (an older report changes nothing) and judge the queues."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_TILL, [till, is_open, at])
        judge_queues(now=now)


def acknowledge(
    *, alert_id: UUID, now: datetime, staff: Staff | None = None, device: Device | None = None
) -> QueueAlert:
    """Note that somebody takes care; a second acknowledgement keeps the first.

    Raises QueueAlert.DoesNotExist and AlertOverError.
    """
    with transaction.atomic():
        alert = QueueAlert.objects.select_for_update().get(pk=alert_id)
        if alert.acknowledged_at is None and alert.cleared_at is not None:
            raise AlertOverError
        if alert.acknowledged_at is None:
            alert.acknowledged_at = now
            alert.acknowledged_staff = staff
            alert.acknowledged_by = _name(staff, device)
            alert.save(update_fields=["acknowledged_at", "acknowledged_staff", "acknowledged_by"])
            _nudge()
    return alert


def _name(staff: Staff | None, device: Device | None) -> str:
    if staff is not None:
        return staff.display_name or staff.username
    return device.name if device is not None else ""


def _nudge() -> None:
    for topic in ("alerts", "cameras", "tills"):
        live.nudge(topic)


def _act(scope: Scope, verdict: Verdict, length: int | None, open_tills: int, now: datetime) -> list[Event]:
    if verdict.action == "RAISE" and length is not None:
        return [_raise(scope, verdict, length, open_tills, now)]
    if verdict.action == "CLEAR":
        return _clear(scope, verdict, length, now)
    if length is not None:
        QueueAlert.objects.open().filter(scope=scope, peak__lt=length).update(peak=length)
    return []


def _raise(scope: Scope, verdict: Verdict, length: int, open_tills: int, now: datetime) -> Event:
    alert = QueueAlert.objects.create(
        scope=scope,
        raised_at=now,
        length=length,
        peak=length,
        open_tills=open_tills,
        tills_suggested=verdict.tills_suggested,
    )
    return QueueAlertRaised(
        alert_id=alert.pk,
        camera=scope.camera.code,
        zone=scope.code,
        zone_name=scope.name,
        length=length,
        open_tills=open_tills,
        tills_suggested=verdict.tills_suggested,
        raised_at=now,
    )


def _clear(scope: Scope, verdict: Verdict, length: int | None, now: datetime) -> list[Event]:
    open_alerts = list(QueueAlert.objects.open().select_for_update().filter(scope=scope).order_by("pk"))
    for alert in open_alerts:
        alert.cleared_at, alert.clear_reason = now, verdict.reason
    QueueAlert.objects.bulk_update(open_alerts, ["cleared_at", "clear_reason"])
    return [
        QueueAlertCleared(
            alert_id=alert.pk,
            camera=scope.camera.code,
            zone=scope.code,
            length=length,
            reason=verdict.reason,
            cleared_at=now,
        )
        for alert in open_alerts
    ]

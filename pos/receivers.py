"""What the till makes of facts from other parts of the store."""

from __future__ import annotations

from uuid import UUID

from pos.models import QueueAlert
from store import live
from store.events.vision import QueueAlertCleared, QueueAlertRaised
from store.outbox import receiver


@receiver(QueueAlertRaised, name="pos.queue_alert.raised")
def show_queue_alert(event: QueueAlertRaised, *, event_id: UUID) -> None:
    """Ask the tills to open another one."""
    QueueAlert.objects.update_or_create(
        alert_id=event.alert_id,
        defaults={
            "zone_name": event.zone_name[:80],
            "length": event.length,
            "tills_suggested": event.tills_suggested,
            "raised_at": event.raised_at,
        },
    )
    live.nudge("tills")


@receiver(QueueAlertCleared, name="pos.queue_alert.cleared")
def clear_queue_alert(event: QueueAlertCleared, *, event_id: UUID) -> None:
    """The queue is short again, or nobody can tell any more."""
    QueueAlert.objects.filter(alert_id=event.alert_id, cleared_at__isnull=True).update(
        cleared_at=event.cleared_at
    )
    live.nudge("tills")

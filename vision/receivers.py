"""What the cameras do when something happened elsewhere: know which tills are open."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from store import outbox
from store.events.pos import ShiftClosed, ShiftOpened
from vision.services import queues


@outbox.receiver(ShiftOpened, name="vision.tills.on_shift_opened")
def till_opened(event: ShiftOpened, *, event_id: UUID) -> None:
    """One more till can take the queue."""
    queues.till_changed(till=event.till, is_open=True, at=event.opened_at, now=timezone.now())


@outbox.receiver(ShiftClosed, name="vision.tills.on_shift_closed")
def till_closed(event: ShiftClosed, *, event_id: UUID) -> None:
    """One till fewer."""
    queues.till_changed(till=event.till, is_open=False, at=event.closed_at, now=timezone.now())

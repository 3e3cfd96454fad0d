"""What the screens do when something happened elsewhere."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from signage.domain.targeting import Fact
from signage.services import audience
from store import outbox
from store.events.vision import AudienceChanged


@outbox.receiver(AudienceChanged, name="signage.targets.on_audience_changed")
def switch_by_audience(event: AudienceChanged, *, event_id: UUID) -> None:
    """People in front of a screen: the rules for that zone decide."""
    fact = Fact(count=event.count, observed_at=event.observed_at, expires_at=event.expires_at)
    audience.take_fact(camera=event.camera, zone=event.zone, fact=fact, now=timezone.now())

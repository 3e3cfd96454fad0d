"""What the screens do when something happened elsewhere."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from signage.domain.targeting import Fact
from signage.services import audience
from signage.services.nudges import nudge_advertisers
from store import outbox
from store.events.store import PriceChanged
from store.events.vision import AudienceChanged


@outbox.receiver(AudienceChanged, name="signage.targets.on_audience_changed")
def switch_by_audience(event: AudienceChanged, *, event_id: UUID) -> None:
    """People in front of a screen: the rules for that zone decide."""
    fact = Fact(count=event.count, observed_at=event.observed_at, expires_at=event.expires_at)
    audience.take_fact(camera=event.camera, zone=event.zone, fact=fact, now=timezone.now())


@outbox.receiver(PriceChanged, name="signage.prices.on_price_changed")
def show_new_price(event: PriceChanged, *, event_id: UUID) -> None:
    """A screen's price is the till's price: screens that may show the product fetch it."""
    nudge_advertisers(event.product_id)

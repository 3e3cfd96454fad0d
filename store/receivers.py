"""What the base does when something happened elsewhere."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from store import outbox
from store.events.telemetry import AlarmCleared, AlarmRaised
from store.models import Fixture
from store.services import holds


@outbox.receiver(AlarmRaised, name="store.holds.on_alarm_raised")
def hold_products_of_fixture(event: AlarmRaised, *, event_id: UUID) -> None:
    """A unit in alarm: what stands in it must not be sold, picked or advertised."""
    fixture = Fixture.objects.filter(code=event.fixture).first()
    if fixture is None or not event.holds_products:
        return
    reason = _("%(fixture)s is in alarm") % {"fixture": fixture.name}
    holds.place_hold(fixture=fixture, reason=reason, source="telemetry.alarm", source_id=str(event.alarm_id))


@outbox.receiver(AlarmCleared, name="store.holds.on_alarm_cleared")
def free_products_of_fixture(event: AlarmCleared, *, event_id: UUID) -> None:
    """The unit is well again."""
    holds.clear_holds(source="telemetry.alarm", source_id=str(event.alarm_id))

"""An audience event switches the content by rule, and says why."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from signage.models import AudienceFact, Decision, TargetRule
from signage.queries.manifest import manifest_for
from signage.queries.why import why
from store import outbox
from store.events.vision import AudienceChanged
from tests.factories.signage import RuleFactory, TargetFactory

pytestmark = pytest.mark.django_db(transaction=True)


def tell(count, *, at, zone="promo", seconds=10):
    with transaction.atomic():
        outbox.publish(
            AudienceChanged(
                camera="camera-entrance",
                zone=zone,
                count=count,
                observed_at=at,
                expires_at=at + timedelta(seconds=seconds),
            )
        )
    return outbox.deliver_pending()


def test_audience_plans_a_window_on_the_screen_and_logs_why(display):
    RuleFactory(name="All day")
    rule = TargetFactory(display=display)
    now = timezone.now()
    tell(4, at=now)
    rule.refresh_from_db()
    assert rule.starts_at is not None
    assert rule.ends_at - rule.starts_at >= timedelta(seconds=8)
    [interrupt] = manifest_for(display, now=timezone.now()).body["interrupts"]
    assert (interrupt["id"], interrupt["playlist"]) == (rule.pk, rule.playlist_id)
    decision = Decision.objects.get()
    assert (decision.reason, decision.count, decision.observed_at) == ("ENTER", 4, now)
    answer = why(display, at=rule.starts_at, now=timezone.now())
    assert answer.winner.kind == "target"
    assert [each.name for each in answer.beaten] == ["All day"]
    assert answer.audiences[0].count == 4


def test_audience_below_the_rule_changes_nothing(display):
    TargetFactory()
    tell(2, at=timezone.now())
    assert Decision.objects.count() == 0
    assert manifest_for(display, now=timezone.now()).body["interrupts"] == []
    assert AudienceFact.objects.get().count == 2


def test_audience_of_another_zone_changes_nothing(display):
    TargetFactory()
    tell(9, at=timezone.now(), zone="queue")
    assert TargetRule.objects.get().starts_at is None


def test_an_event_delivered_again_decides_once(display):
    TargetFactory()
    now = timezone.now()
    tell(4, at=now)
    assert outbox.deliver_pending() == 0
    tell(4, at=now)
    assert Decision.objects.count() == 1


def test_an_expired_fact_is_no_audience(display):
    TargetFactory()
    tell(4, at=timezone.now() - timedelta(minutes=5))
    assert Decision.objects.count() == 0


def test_an_override_beats_the_audience(display):
    RuleFactory(name="Queue", ladder="OVERRIDE")
    rule = TargetFactory(display=display)
    tell(4, at=timezone.now())
    rule.refresh_from_db()
    assert why(display, at=rule.starts_at, now=timezone.now()).winner.name == "Queue"

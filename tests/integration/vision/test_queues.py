import uuid
from datetime import timedelta

import pytest
from django.core.cache import cache

from store import outbox
from store.events.pos import ShiftClosed, ShiftOpened
from store.models import OutboxEvent
from tests.factories.store import DeviceFactory, StaffFactory
from tests.factories.vision import NOON, Edge, make_store, make_tills
from vision import invariants
from vision.models import QueueAlert, TillState
from vision.services import queues
from vision.services.ingest import store_batch
from vision.services.states import sweep

pytestmark = pytest.mark.django_db


@pytest.fixture
def edge():
    cache.clear()
    make_store()
    make_tills()
    return Edge()


def after(seconds):
    return NOON + timedelta(seconds=seconds)


def queue_of(edge, length, *seconds):
    for second in seconds:
        store_batch(messages=[edge.queue(length, at=after(second))], now=after(second))


def facts(name):
    return [event.payload for event in OutboxEvent.objects.filter(type=name).order_by("id")]


def test_a_long_queue_raises_one_call(edge):
    queue_of(edge, 7, 0, 5, 10, 15, 20)
    (alert,) = QueueAlert.objects.all()
    assert (alert.length, alert.open_tills, alert.tills_suggested) == (7, 0, 3)
    (fact,) = facts("vision.queue_alert.raised.v1")
    assert (fact["zone"], fact["length"], fact["alert_id"]) == ("queue", 7, str(alert.pk))
    assert invariants.check() == []


def test_time_alone_raises_the_call(edge):
    queue_of(edge, 7, 0)
    sweep(now=after(9))
    assert not QueueAlert.objects.exists()
    sweep(now=after(11))
    assert QueueAlert.objects.count() == 1


def test_the_peak_is_kept(edge):
    queue_of(edge, 7, 0, 10)
    queue_of(edge, 12, 12)
    queue_of(edge, 9, 14)
    assert QueueAlert.objects.get().peak == 12


def test_the_call_ends_when_the_queue_is_short(edge):
    queue_of(edge, 7, 0, 10)
    queue_of(edge, 1, 20, 31)
    alert = QueueAlert.objects.get()
    assert (alert.clear_reason, alert.cleared_at) == ("SHORT", after(31))
    (fact,) = facts("vision.queue_alert.cleared.v1")
    assert fact["reason"] == "SHORT"
    assert invariants.check() == []


def test_the_call_ends_when_nobody_can_see_the_queue(edge):
    queue_of(edge, 7, 0, 10)
    for second in (45, 80, 106):
        sweep(now=after(second))
    assert QueueAlert.objects.get().clear_reason == "NO_DATA"


def shift(cls, till, at, **more):
    common = {"shift_id": uuid.uuid4(), "till": till, "cashier": "anna", "open_tills": 1}
    return cls(**common, **more, **{"opened_at" if cls is ShiftOpened else "closed_at": at})


def opened(till, at):
    return shift(ShiftOpened, till, at, float_minor=0)


def closed(till, at):
    return shift(ShiftClosed, till, at, receipts=0, expected_minor=0, counted_minor=0)


def test_open_tills_come_from_the_tills_own_events(edge):
    outbox.publish(opened("till-1", after(0)), opened("till-2", after(1)), closed("till-2", after(2)))
    outbox.deliver_pending()
    assert sorted(TillState.objects.values_list("till", "is_open")) == [("till-1", True), ("till-2", False)]


def test_an_older_report_about_a_till_changes_nothing(edge):
    queues.till_changed(till="till-1", is_open=False, at=after(10), now=after(10))
    queues.till_changed(till="till-1", is_open=True, at=after(5), now=after(11))
    assert TillState.objects.get().is_open is False


def test_enough_open_tills_keep_it_quiet(edge):
    for till in ("till-1", "till-2", "till-3"):
        queues.till_changed(till=till, is_open=True, at=after(0), now=after(0))
    queue_of(edge, 7, 0, 5, 10, 15, 20)
    assert not QueueAlert.objects.exists()


def test_opening_tills_ends_the_call(edge):
    queue_of(edge, 7, 0, 10)
    for till in ("till-1", "till-2", "till-3"):
        queues.till_changed(till=till, is_open=True, at=after(12), now=after(12))
    queue_of(edge, 7, 15, 30)
    assert QueueAlert.objects.get().clear_reason == "TILLS_OPENED"


def test_acknowledging_keeps_the_first_name(edge):
    queue_of(edge, 7, 0, 10)
    alert = QueueAlert.objects.get()
    queues.acknowledge(alert_id=alert.pk, now=after(12), staff=StaffFactory(display_name="Anna"))
    queues.acknowledge(alert_id=alert.pk, now=after(13), device=DeviceFactory(name="Till 9", code="till-9"))
    alert.refresh_from_db()
    assert (alert.acknowledged_by, alert.acknowledged_at) == ("Anna", after(12))


def test_a_call_that_is_over_cannot_be_taken(edge):
    queue_of(edge, 7, 0, 10)
    queue_of(edge, 1, 20, 31)
    alert = QueueAlert.objects.get()
    with pytest.raises(queues.AlertOverError):
        queues.acknowledge(alert_id=alert.pk, now=after(40))
    alert.refresh_from_db()
    assert alert.acknowledged_at is None

"""Rivals on the same order, the same scan, the same last unit: one winner, and the loser is told."""

import threading
import uuid

import pytest
from django.db import connection

from fulfillment import invariants
from fulfillment.models import Order, PickWork
from fulfillment.services import collection, picking, staging
from fulfillment.services.refusals import FulfillmentError
from store.link import inbox
from store.models import OutboxEvent, Reservation
from tests.factories import fulfillment as make
from tests.factories.fulfillment import ready_order, scan, take_in

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*jobs):
    """Run jobs in threads of their own connections; returns their results in order."""
    results, barrier = [None] * len(jobs), threading.Barrier(len(jobs))

    def run(index, job):
        try:
            barrier.wait(5)
            results[index] = job()
        except FulfillmentError as refusal:
            results[index] = refusal.code
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_two_pickers_never_get_the_same_order():
    make.floor()
    bread = make.stocked(50)
    people = [make.picker(f"p{number}") for number in range(2)]
    for round_number in range(5):
        take_in(make.wire_line(bread), order_id=str(round_number))
        results = at_once(*[lambda one=one: picking.claim(staff=one) for one in people])
        assert sum(work is not None for work in results) == 1
        PickWork.objects.update(state="DONE")
        make.Tote.objects.update(order=None)


def test_the_same_scan_sent_five_times_at_once_counts_once():
    make.floor()
    person, bread = make.picker(), make.stocked(50)
    order = take_in(make.wire_line(bread, "3"))
    picking.claim(staff=person)
    line, key = order.lines.get(), uuid.uuid4()
    results = at_once(*[lambda: scan(line, bread, person, scan_id=key)] * 5)
    line.refresh_from_db()
    assert line.picked == 1
    assert sorted(result.is_replay for result in results) == [False, True, True, True, True]


def test_two_orders_never_promise_the_same_last_unit():
    make.floor()
    bread = make.stocked(1)
    messages = [make.body(lines=[make.wire_line(bread)], order_id=str(number)) for number in range(2)]
    at_once(*[lambda one=one: inbox.take_in(body=one) for one in messages])
    assert Reservation.objects.filter(released_at__isnull=True).count() == 1
    assert sorted(Order.objects.values_list("state", flat=True)) == ["REJECTED", "RELEASED"]


def test_cancellation_racing_its_creation_is_never_lost():
    make.floor()
    bread = make.stocked(50)
    for number in range(8):
        create = make.body(lines=[make.wire_line(bread)], order_id=str(number))
        cancel = make.body("order.cancelled", version=2, order_id=str(number))
        at_once(*[lambda one=one: inbox.take_in(body=one) for one in (create, cancel)])
    assert set(Order.objects.values_list("state", flat=True)) <= {"CANCELLED"}
    assert not Reservation.objects.filter(released_at__isnull=True).exists()


def test_handover_racing_a_cancellation_has_one_winner():
    make.floor()
    person = make.picker()
    for number in range(4):
        order = ready_order(person, order_id=str(number))
        code = staging.collection_code(order)
        cancel = make.body("order.cancelled", version=2, order_id=str(number))
        at_once(
            lambda pk=order.pk, code=code: collection.hand_over(order_id=pk, code=code, staff=person),
            lambda cancel=cancel: inbox.take_in(body=cancel),
        )
        order.refresh_from_db()
        last = {event.type for event in OutboxEvent.objects.filter(stream=f"order/{make.SHOP}/{number}")}
        assert order.state in {"HANDED_OVER", "RESTOWING"}
        assert ("fulfillment.handed_over.v1" in last) is (order.state == "HANDED_OVER")
        assert ("fulfillment.cancel_accepted.v1" in last) is (order.state == "RESTOWING")
        make.Tote.objects.update(order=None, bin=None)
    assert invariants.check() == []

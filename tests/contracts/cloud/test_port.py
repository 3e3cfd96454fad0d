"""What every implementation of the cloud port must do."""

import json
import time
from datetime import UTC, datetime

import pytest

from store.adapters.cloud import limits
from store.adapters.cloud.port import OutEntry

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def entry(number=1, *, kind="order.created", source="com.test.shop", detail=None):
    text = json.dumps({"n": number}) if detail is None else detail
    return OutEntry(source=source, detail_type=kind, detail=text, time=NOW)


def drain(queue, count, patience=10):
    found, until = [], time.monotonic() + patience
    while len(found) < count and time.monotonic() < until:
        found += queue.receive(wait_seconds=1)
    return found


def test_event_arrives_as_an_eventbridge_envelope(way):
    results = way.shop.put_events([entry(7)])
    assert [result.is_sent for result in results] == [True]
    message = drain(way.orders, 1)[0]
    envelope = way.envelope_of(message)
    assert (envelope["source"], envelope["detail-type"], envelope["detail"]) == (
        "com.test.shop",
        "order.created",
        {"n": 7},
    )
    # moto leaves `account` out.
    assert {"id", "time", "region", "resources", "version"} <= envelope.keys()
    assert message.receives == 1


def test_deleted_message_is_gone_and_received_one_is_hidden(way):
    way.shop.put_events([entry(1), entry(2)])
    first = drain(way.orders, 2)
    assert way.orders.receive(wait_seconds=0) == []
    for message in first:
        way.orders.delete(message)
    assert way.orders.receive(wait_seconds=0) == []
    assert len({message.message_id for message in first}) == 2


def test_refused_entries_are_told_one_by_one_inside_the_answer(way):
    results = way.out.put_events(
        [
            entry(1, source="aisle.s1", kind="a.v1"),
            entry(2, source="aisle.s1", kind="a.v1", detail="[1]"),
            entry(3, source="aisle.s1", kind="a.v1", detail="{"),
            entry(4, source="aisle.s1", kind=""),
            entry(5, source="aisle.s1", kind="a.v1"),
        ]
    )
    assert [result.is_sent for result in results] == [True, False, False, False, True]
    assert [result.code for result in results[1:4]] == [
        "MalformedDetail",
        "MalformedDetail",
        "InvalidArgument",
    ]
    assert all(result.is_permanent for result in results[1:4])
    arrived = [way.envelope_of(one)["detail"]["n"] for one in drain(way.arrived, 2)]
    assert sorted(arrived) == [1, 5]


@pytest.mark.parametrize("count", [0, 11])
def test_call_with_too_few_or_too_many_entries_is_our_mistake(way, count):
    with pytest.raises(limits.LimitExceededError):
        way.out.put_events([entry(number) for number in range(count)])


def test_entry_over_one_megabyte_is_refused_and_the_rest_goes(way):
    big = entry(1, source="aisle.s1", kind="a.v1", detail=json.dumps({"x": "a" * limits.PUT_EVENTS_BYTES}))
    assert [result.code for result in way.out.put_events([big])] == ["EntryTooLarge"]


def test_call_over_one_megabyte_is_our_mistake(way):
    half = json.dumps({"x": "a" * (limits.PUT_EVENTS_BYTES // 2)})
    with pytest.raises(limits.LimitExceededError):
        way.out.put_events([entry(n, source="aisle.s1", kind="a.v1", detail=half) for n in range(3)])


def test_messages_of_other_kinds_do_not_reach_the_order_queue(way):
    if way.name == "loopback":
        pytest.skip("the loopback has no rules: its queues are named by its caller")
    way.shop.put_events([entry(1, kind="invoice.created"), entry(2, source="org.other"), entry(3)])
    numbers = [way.envelope_of(one)["detail"]["n"] for one in drain(way.orders, 1)]
    assert numbers == [3]
    assert way.orders.receive(wait_seconds=1) == []


def test_long_poll_waits_for_what_comes(way):
    started = time.monotonic()
    assert way.orders.receive(wait_seconds=1) == []
    if way.name != "moto":
        assert 0.7 < time.monotonic() - started < 4

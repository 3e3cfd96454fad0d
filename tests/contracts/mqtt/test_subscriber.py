"""What ingest relies on: late acknowledgement, a lasting session, nothing lost, nothing confirmed too early."""

from __future__ import annotations

import signal
import socket
import time

from telemetry.adapters.mqtt import Message, Subscriber
from tests.contracts.mqtt.conftest import Broker

TOPIC = "store/s1/sensors/sensor-a/temperature"


def collect(
    source: Subscriber, count: int, *, acknowledge: bool = True, seconds: float = 15
) -> list[Message]:
    """Take until `count` different payloads came."""
    taken: list[Message] = []
    end = time.monotonic() + seconds
    while len({message.payload for message in taken}) < count and time.monotonic() < end:
        batch = source.take(1000, 0.1)
        if acknowledge:
            source.acknowledge(batch)
        taken += batch
    return taken


def payloads(messages: list[Message]) -> set[bytes]:
    return {message.payload for message in messages}


def test_messages_come_with_topic_payload_and_time(broker: Broker) -> None:
    source = broker.subscriber()
    broker.client("sensor-a").publish(TOPIC, '{"value": -18}')
    (message,) = collect(source, 1)
    assert (message.topic, message.payload) == (TOPIC, b'{"value": -18}')
    assert abs(time.time() - message.received_at.timestamp()) < 5
    source.stop()


def test_acknowledged_messages_do_not_come_again(broker: Broker) -> None:
    device = broker.client("sensor-a")
    source = broker.subscriber()
    for number in range(50):
        device.client.publish(TOPIC, str(number), qos=1)
    assert len(collect(source, 50)) == 50
    time.sleep(0.5)
    source.stop()
    again = broker.subscriber()
    device.publish(TOPIC, "new")
    assert payloads(collect(again, 1)) == {b"new"}
    again.stop()


def test_messages_that_were_not_acknowledged_come_again_in_full(broker: Broker) -> None:
    device = broker.client("sensor-a")
    source = broker.subscriber()
    for number in range(100):
        device.client.publish(TOPIC, str(number), qos=1)
    taken = collect(source, 100, acknowledge=False)
    source.acknowledge(taken[:40])
    time.sleep(0.5)
    source.stop()
    again = broker.subscriber()
    missing = payloads(taken[40:])
    assert payloads(collect(again, 60)) == missing
    again.stop()


def test_messages_wait_at_the_broker_while_nobody_listens(broker: Broker) -> None:
    broker.subscriber().stop()
    device = broker.client("sensor-a")
    for number in range(20):
        device.publish(TOPIC, str(number))
    source = broker.subscriber()
    assert [message.payload for message in collect(source, 20)] == [b"%d" % number for number in range(20)]
    source.stop()


def test_an_acknowledgement_from_before_a_reconnection_confirms_nothing(broker: Broker) -> None:
    device = broker.client("sensor-a")
    source = broker.subscriber()
    device.publish(TOPIC, "first")
    old = collect(source, 1, acknowledge=False)
    source._client.socket().shutdown(socket.SHUT_RDWR)
    broker.wait(lambda: not source.is_connected)
    broker.wait(lambda: source.is_connected, seconds=15)
    source.acknowledge(old)
    assert payloads(collect(source, 1)) == {b"first"}
    source.stop()


def test_a_burst_arrives_once_and_whole(broker: Broker) -> None:
    device = broker.client("sensor-a")
    source = broker.subscriber()
    for number in range(3000):
        device.client.publish(TOPIC, str(number), qos=1)
    taken = collect(source, 3000, seconds=30)
    assert len(taken) == 3000
    assert len(payloads(taken)) == 3000
    source.stop()


def test_confirmed_messages_survive_the_death_of_the_broker(broker: Broker) -> None:
    broker.subscriber().stop()
    device = broker.client("sensor-a")
    for number in range(20):
        device.publish(TOPIC, str(number))
    if broker.kind == "mosquitto":
        time.sleep(2.5)  # its file is written every second, not with every message
    broker.stop(signal.SIGKILL)
    broker.start()
    source = broker.subscriber()
    assert len(payloads(collect(source, 20))) == 20
    source.stop()


def test_a_device_that_vanishes_leaves_its_last_will(broker: Broker) -> None:
    source = broker.subscriber()
    state = "store/s1/sensors/sensor-a/state"
    broker.client("sensor-a", will=state).vanish()
    (message,) = collect(source, 1)
    assert (message.topic, message.payload) == (state, b'{"state": "offline"}')
    source.stop()

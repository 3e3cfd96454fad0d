"""A client is its certificate: who gets in, and what they may say and hear."""

from __future__ import annotations

import time

import pytest

from store.adapters import pki
from tests.contracts.mqtt.conftest import Broker

OWN = "store/s1/sensors/sensor-a/temperature"


def test_device_publishes_for_itself(broker: Broker) -> None:
    listener = broker.client("service")
    listener.client.subscribe("store/+/sensors/#", qos=1)
    broker.wait(lambda: listener.granted == [True])
    broker.client("sensor-a").publish(OWN, "-18")
    broker.wait(lambda: listener.messages == [(OWN, b"-18")])


@pytest.mark.parametrize(
    "topic",
    [
        "store/s1/sensors/sensor-b/temperature",
        "store/s1/sensors/sensor-b/command",
        "store/s1/edge/sensor-a/minute",
        "store/s1/service/anything",
        "elsewhere",
    ],
)
def test_device_may_not_publish_for_another(broker: Broker, topic: str) -> None:
    listener = broker.client("service")
    listener.client.subscribe("store/#", qos=1)
    broker.wait(lambda: listener.granted == [True])
    device = broker.client("sensor-a")
    device.client.publish(topic, "forged", qos=1, retain=True)
    device.publish(OWN, "honest")
    broker.wait(lambda: (OWN, b"honest") in listener.messages)
    assert [payload for _, payload in listener.messages] == [b"honest"]


def test_device_hears_its_own_commands_and_nobody_elses(broker: Broker) -> None:
    device, service = broker.client("sensor-a"), broker.client("service")
    device.client.subscribe("store/s1/sensors/sensor-a/command", qos=1)
    device.client.subscribe("store/s1/sensors/sensor-b/command", qos=1)
    device.client.subscribe("store/#", qos=1)
    broker.wait(lambda: len(device.granted) == 3)
    service.publish("store/s1/sensors/sensor-b/command", "not yours")
    service.publish("store/s1/sensors/sensor-a/command", "yours")
    broker.wait(lambda: device.messages)
    time.sleep(0.3)
    assert {payload for _, payload in device.messages} == {b"yours"}


def test_service_may_not_pretend_to_be_a_sensor(broker: Broker) -> None:
    listener = broker.client("service")
    listener.client.subscribe("store/+/sensors/#", qos=1)
    broker.wait(lambda: listener.granted == [True])
    other = broker.client("service", client_id="other")
    other.client.publish(OWN, "forged", qos=1)
    broker.client("sensor-a").publish(OWN, "honest")
    broker.wait(lambda: (OWN, b"honest") in listener.messages)
    assert (OWN, b"forged") not in listener.messages


def test_nobody_gets_in_without_a_certificate(broker: Broker) -> None:
    stranger = broker.client(None)
    time.sleep(0.5)
    assert not stranger.connected


def test_a_certificate_of_another_authority_is_refused(broker: Broker) -> None:
    pki.ensure(broker.home / "foreign", clients=("sensor-a",))
    for suffix in ("pem", "key"):
        source = broker.home / "foreign" / f"sensor-a.{suffix}"
        (broker.pki / f"foreign.{suffix}").write_bytes(source.read_bytes())
    assert not broker.client("foreign").connected


def test_a_revoked_device_is_cut_off_and_stays_out(broker: Broker) -> None:
    if broker.kind != "nats":
        pytest.skip("mosquitto needs a revocation list for this")
    device, other = broker.client("sensor-a"), broker.client("sensor-b")
    assert device.connected
    pki.revoke(broker.pki, "sensor-a")
    assert broker.reload()
    broker.wait(lambda: not device.connected)
    assert not broker.client("sensor-a", client_id="again").connected
    assert other.connected


def test_a_replaced_certificate_opens_nothing(broker: Broker) -> None:
    if broker.kind != "nats":
        pytest.skip("mosquitto knows the common name only")
    for suffix in ("pem", "key"):
        (broker.pki / f"old.{suffix}").write_bytes((broker.pki / f"sensor-a.{suffix}").read_bytes())
    pki.issue(broker.pki, "sensor-a")
    assert broker.reload()
    time.sleep(0.3)
    assert not broker.client("old").connected
    assert broker.client("sensor-a").connected

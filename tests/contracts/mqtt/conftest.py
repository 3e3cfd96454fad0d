"""Two real brokers, each with client certificates: what ingest and devices may rely on holds on both."""

from __future__ import annotations

import json
import os
import shutil
import signal
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest

from store.adapters import broker as users
from store.adapters import pki
from store.adapters.broker import BrokerUser, Role
from store.runtime import servers
from telemetry.adapters.mqtt import Subscriber

DEVICES = ("sensor-a", "sensor-b", "edge-1")
USERS = [
    BrokerUser("service", Role.SERVICE),
    BrokerUser("sensor-a", Role.SENSOR),
    BrokerUser("sensor-b", Role.SENSOR),
    BrokerUser("edge-1", Role.EDGE),
]
MOSQUITTO = """\
listener {port} 127.0.0.1
persistence true
persistence_location {home}/
autosave_interval 1
cafile {pki}/ca.pem
certfile {pki}/broker.pem
keyfile {pki}/broker.key
require_certificate true
use_identity_as_username true
acl_file {home}/acl
max_inflight_messages 1000
max_queued_messages 100000
user {user}
"""


class Client:
    """A small MQTT client that remembers what happened to it."""

    def __init__(self, server: Broker, name: str | None, *, client_id: str = "", will: str = "") -> None:
        self.connected = self.refused = False
        self.messages: list[tuple[str, bytes]] = []
        self.granted: list[bool] = []
        self.confirmed: list[int] = []
        client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id=client_id or f"{name}-test", protocol=mqtt.MQTTv311
        )
        if will:
            client.will_set(will, json.dumps({"state": "offline"}), qos=1, retain=True)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = lambda *a: self.granted.append(not a[3][0].is_failure)
        client.on_message = lambda _c, _u, message: self.messages.append(
            (message.topic, bytes(message.payload))
        )
        client.on_publish = lambda *a: self.confirmed.append(a[2])
        keys = (str(server.pki / f"{name}.pem"), str(server.pki / f"{name}.key")) if name else (None, None)
        client.tls_set(str(server.pki / "ca.pem"), *keys, tls_version=ssl.PROTOCOL_TLS_CLIENT)
        self.client = client
        with suppress(OSError):
            client.connect("127.0.0.1", server.port, 5)
            client.loop_start()

    def _on_connect(self, *arguments) -> None:
        self.connected, self.refused = not arguments[3].is_failure, arguments[3].is_failure

    def _on_disconnect(self, *_) -> None:
        self.connected = False

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> None:
        self.client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(5)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def vanish(self) -> None:
        """Lose the connection without a goodbye."""
        self.client.loop_stop()
        self.client._sock_close()


class Broker:
    """A broker process of this test with its certificates."""

    def __init__(self, kind: str, home: Path) -> None:
        self.kind, self.home, self.pki = kind, home, home / "pki"
        self.port = servers.free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.opened: list[Client] = []
        pki.ensure(self.pki, clients=DEVICES)
        (home / "run").mkdir()
        self.command = self._nats() if kind == "nats" else self._mosquitto()

    def _nats(self) -> list[str]:
        users.write_users(self.home / "run", self.pki, USERS)
        child = servers.broker(data=self.home / "data", run=self.home / "run", pki=self.pki, port=self.port)
        return [str(part) for part in child.command]

    def _mosquitto(self) -> list[str]:
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
        if program is None:
            pytest.skip("mosquitto is not installed")
        (self.home / "acl").write_text(users.render_mosquitto_acl(USERS))
        (self.home / "acl").chmod(0o600)
        user = "root" if os.geteuid() == 0 else "nobody"
        text = MOSQUITTO.format(port=self.port, home=self.home, pki=self.pki, user=user)
        (self.home / "mosquitto.conf").write_text(text)
        return [program, "-c", str(self.home / "mosquitto.conf")]

    def start(self) -> Broker:
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, start_new_session=True)
        self.wait(lambda: servers._broker_answers("127.0.0.1", self.port, self.pki))
        return self

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(10)
            self.process = None

    def reload(self) -> bool:
        return users.publish_users(self.home / "run", self.pki, USERS)

    def client(self, name: str | None, *, client_id: str = "", will: str = "") -> Client:
        made = Client(self, name, client_id=client_id, will=will)
        self.opened.append(made)
        if name:
            with suppress(AssertionError):
                self.wait(lambda: made.connected or made.refused, seconds=3)
        return made

    def subscriber(self, *topics: str) -> Subscriber:
        source = Subscriber(
            f"mqtts://127.0.0.1:{self.port}",
            client_id="contract",
            topics=topics or ("store/+/sensors/+/+",),
            pki=self.pki,
        )
        source.start()
        self.wait(lambda: source.is_subscribed)
        return source

    @staticmethod
    def wait(condition, seconds: float = 10) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it did not happen in time"
            time.sleep(0.02)


@pytest.fixture(params=["nats", "mosquitto"])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    """A fresh broker of each kind."""
    made = Broker(request.param, tmp_path).start()
    yield made
    for client in made.opened:
        client.close()
    made.stop(signal.SIGKILL)

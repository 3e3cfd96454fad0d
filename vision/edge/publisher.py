"""The way to the store: MQTT with the box's own certificate, QoS 1, last will, spool behind it.

`pump` is called from one thread and never blocks: it keeps the connection up (1 to 30 s between tries),
sends what waits in the spool in order, and removes what the broker confirmed.
"""

from __future__ import annotations

import logging
import queue
import secrets
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from vision.domain import envelope, ulid
from vision.edge.engine import Message
from vision.edge.spool import Spool

log = logging.getLogger(__name__)

VERSION = "aisle-edge-simulator 1"
IN_FLIGHT = 100
FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
CHANNEL = {kind: channel for channel, kind in envelope.CHANNELS.items()}


@dataclass(frozen=True, slots=True)
class Address:
    """Where the broker is and who we are there."""

    url: str
    site: str
    device: str
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


def new_ulid(now: datetime) -> str:
    """Return a fresh ULID."""
    return ulid.encode(int(now.timestamp() * 1000), secrets.randbits(80))


class Publisher:
    """One device's connection; `connected` says whether the broker hears us."""

    def __init__(self, address: Address, spool: Spool) -> None:
        self._address = address
        self._spool = spool
        self._client: mqtt.Client | None = None
        self._session = ""
        self._in_flight: dict[int, int] = {}
        self._sent_to = 0
        self._news: queue.SimpleQueue[tuple[str, mqtt.Client, int]] = queue.SimpleQueue()
        self._wait = FIRST_WAIT
        self._try_at = 0.0
        self.connected = False

    def tell(self, message: Message, now: datetime) -> None:
        """Send a message, or keep it if it must not get lost."""
        if message.durable:
            topic, payload = self._write(message, now)
            self._spool.put(topic, payload, message.slot)
            return
        if self.connected:
            self._send(message, now)

    def pump(self, now: datetime, clock: float) -> None:
        """Keep the connection and the spool moving; `clock` is a monotonic time in seconds."""
        self._listen(now, clock)
        if self._client is None and clock >= self._try_at:
            try:
                self._connect(now)
            except OSError as error:
                log.warning("cannot connect with the certificate of %s: %s", self._address.device, error)
                self._lost(clock)
        if self.connected:
            self._drain()

    def heartbeat(self, now: datetime) -> Message:
        """Return the sign of life of this box."""
        body = {"session": self._session, "waiting": self._spool.depth()}
        return Message("heartbeat", envelope.NONE, envelope.NONE, body)

    def send_broken(self, camera: str, scope: str) -> None:
        """Send half a message, as a failing box would; for demonstrations and tests."""
        if self._client is not None:
            topic = f"store/{self._address.site}/edge/{self._address.device}/event/{camera}/{scope}"
            self._client.publish(topic, b'{"v":1,"id":', qos=1)

    def close(self, now: datetime) -> None:
        """Say goodbye and leave."""
        client = self._client
        if client is None:
            return
        if self.connected:
            topic, payload = self._write(self._presence("offline"), now)
            info = client.publish(topic, payload, qos=1, retain=True)
            info.wait_for_publish(timeout=2)
        client.disconnect()
        client.loop_stop()

    def _presence(self, state: str) -> Message:
        body = {"state": state, "session": self._session, "version": VERSION}
        return Message("state", envelope.NONE, envelope.NONE, body, retained=True)

    def _connect(self, now: datetime) -> None:
        parts = urlsplit(self._address.url)
        self._session = new_ulid(now)
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=self._address.device, protocol=mqtt.MQTTv311
        )
        topic, payload = self._write(self._presence("offline"), now)
        client.will_set(topic, payload, qos=1, retain=True)
        if parts.scheme == "mqtts":
            client.tls_set(
                ca_certs=str(self._address.ca),
                certfile=str(self._address.certificate),
                keyfile=str(self._address.key),
                tls_version=ssl.PROTOCOL_TLS_CLIENT,
            )
        client.on_connect = lambda who, _data, _flags, code, _properties: self._news.put(
            ("refused" if code.is_failure else "connected", who, 0)
        )
        client.on_disconnect = lambda who, *_rest: self._news.put(("gone", who, 0))
        client.on_connect_fail = lambda who, _data: self._news.put(("gone", who, 0))
        client.on_publish = lambda who, _data, mid, *_rest: self._news.put(("confirmed", who, mid))
        client.max_inflight_messages_set(IN_FLIGHT)
        client.connect_async(parts.hostname or "127.0.0.1", parts.port or 1883, keepalive=15)
        client.loop_start()
        self._client = client

    def _listen(self, now: datetime, clock: float) -> None:
        confirmed: list[int] = []
        while not self._news.empty():
            kind, who, mid = self._news.get()
            if who is not self._client:
                continue
            if kind == "confirmed":
                row = self._in_flight.pop(mid, None)
                confirmed += [] if row is None else [row]
            elif kind == "connected":
                self._greet(now)
            else:
                self._lost(clock)
        self._spool.done(confirmed)

    def _greet(self, now: datetime) -> None:
        log.info("connected to %s as %s", self._address.url, self._address.device)
        self.connected = True
        self._wait = FIRST_WAIT
        self._send(self._presence("online"), now)

    def _lost(self, clock: float) -> None:
        client, self._client = self._client, None
        self.connected = False
        self._in_flight.clear()
        self._sent_to = 0
        self._try_at = clock + self._wait
        log.warning("no link to %s, next try in %.0f s", self._address.url, self._wait)
        self._wait = min(LONGEST_WAIT, self._wait * 2)
        if client is not None:
            client.disconnect()
            client.loop_stop()

    def _drain(self) -> None:
        client = self._client
        room = IN_FLIGHT - len(self._in_flight)
        if client is None or room <= 0:
            return
        for waiting in self._spool.take(room, after=self._sent_to):
            info = client.publish(waiting.topic, waiting.payload, qos=1)
            self._in_flight[info.mid] = waiting.row
            self._sent_to = waiting.row

    def _send(self, message: Message, now: datetime) -> None:
        if self._client is not None:
            topic, payload = self._write(message, now)
            self._client.publish(topic, payload, qos=1, retain=message.retained)

    def _write(self, message: Message, now: datetime) -> tuple[str, bytes]:
        device = self._address.device
        channel = CHANNEL[message.type]
        topic = f"store/{self._address.site}/edge/{device}/{channel}/{message.camera}/{message.scope}"
        payload = envelope.build(
            ulid=new_ulid(now),
            kind=message.type,
            device=device,
            seq=self._spool.next_seq(),
            at=now.astimezone(UTC),
            camera=message.camera,
            scope=message.scope,
            body=message.body,
        )
        return topic, payload

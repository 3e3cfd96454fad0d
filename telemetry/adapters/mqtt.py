"""An MQTT subscriber that acknowledges when its user says so: after the commit, not on arrival.

One connection with a lasting session at QoS 1: what arrives while nobody listens waits at the broker.
`take` hands out what came in, `acknowledge` confirms it. Nothing is confirmed twice or across a
reconnection: the broker sends again what was not confirmed, and the one who takes it must bear that.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

log = structlog.get_logger(__name__)

KEEPALIVE_S = 15
MAX_WAITING = 60_000
"""Messages kept in memory and not confirmed. The broker stops at its own limit long before (nats 8,192)."""
MAX_WAITING_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class Message:
    """What came in. `token` is what `acknowledge` wants back."""

    topic: str
    payload: bytes
    received_at: datetime
    token: tuple[int, int]


class Source(Protocol):
    """Where ingest takes messages from."""

    def start(self) -> None:
        """Connect and go on connecting."""

    def stop(self) -> None:
        """Disconnect; what was not acknowledged stays at the broker."""

    def take(self, limit: int, timeout: float) -> list[Message]:
        """Up to `limit` messages, waiting at most `timeout` seconds for the first."""

    def acknowledge(self, messages: Iterable[Message]) -> None:
        """Confirm messages of this connection; those of an earlier one are left alone."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a broker is: `mqtt://user:password@host:port` or `mqtts://host:port` with client certificates."""

    host: str
    port: int
    username: str | None
    password: str | None
    secure: bool

    @classmethod
    def parse(cls, url: str) -> Address:
        """Parse a broker URL. Raises ValueError for another scheme."""
        parts = urlsplit(url)
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
            raise ValueError(f"not an MQTT URL: {parts.scheme}://…")
        secure = parts.scheme == "mqtts"
        return cls(
            parts.hostname,
            parts.port or (8883 if secure else 1883),
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
            secure,
        )


class Subscriber:
    """The Source that real brokers are reached through."""

    def __init__(
        self,
        url: str,
        *,
        client_id: str,
        topics: tuple[str, ...],
        pki: Path | None = None,
        name: str = "service",
    ) -> None:
        """`pki` holds ca.pem and the certificate and key of `name` for mqtts URLs."""
        self._address = Address.parse(url)
        self._topics = topics
        self._waiting: deque[Message] = deque()
        self._bytes = 0
        self._open: set[int] = set()
        self._generation = 0
        self._subscribed = False
        self._ready = threading.Condition()
        self._client = self._make_client(client_id, pki, name)

    def start(self) -> None:
        """Connect in a thread of its own; tries again for ever with pauses of 0.5 to 5 s."""
        self._client.connect_async(self._address.host, self._address.port, KEEPALIVE_S)
        self._client.loop_start()

    def stop(self) -> None:
        """Disconnect, keep the session."""
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def is_connected(self) -> bool:
        """True while the broker is there."""
        return self._client.is_connected()

    @property
    def is_subscribed(self) -> bool:
        """True once the broker has granted the subscriptions of this connection."""
        return self._subscribed and self.is_connected

    def take(self, limit: int, timeout: float) -> list[Message]:
        """Up to `limit` messages in order of arrival."""
        with self._ready:
            if not self._waiting:
                self._ready.wait(timeout)
            taken = [self._waiting.popleft() for _ in range(min(limit, len(self._waiting)))]
            self._bytes -= sum(len(message.payload) for message in taken)
        return taken

    def acknowledge(self, messages: Iterable[Message]) -> None:
        """Send PUBACK for messages of the present connection."""
        for message in messages:
            generation, mid = message.token
            with self._ready:
                if generation != self._generation or mid not in self._open:
                    continue
                self._open.discard(mid)
            self._client.ack(mid, 1)

    def _make_client(self, client_id: str, pki: Path | None, name: str) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=False,
            protocol=mqtt.MQTTv311,
            manual_ack=True,
        )
        if self._address.username:
            client.username_pw_set(self._address.username, self._address.password)
        if self._address.secure:
            folder = pki or Path()
            client.tls_set(
                str(folder / "ca.pem"),
                str(folder / f"{name}.pem"),
                str(folder / f"{name}.key"),
                tls_version=ssl.PROTOCOL_TLS_CLIENT,
            )
        client.reconnect_delay_set(1, 5)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        return client

    def _on_connect(
        self, client: mqtt.Client, _data: Any, _flags: mqtt.ConnectFlags, reason: ReasonCode, _props: Any
    ) -> None:
        if reason.is_failure:
            log.error("mqtt.refused", reason=str(reason))
            return
        log.info("mqtt.connected", host=self._address.host, port=self._address.port)
        self._forget()
        client.subscribe([(topic, 1) for topic in self._topics])

    def _on_subscribe(self, _client: Any, _data: Any, _mid: int, reasons: list[ReasonCode], _p: Any) -> None:
        self._subscribed = not any(reason.is_failure for reason in reasons)
        if not self._subscribed:
            log.error("mqtt.subscription_refused", topics=self._topics)

    def _on_disconnect(self, *_: Any) -> None:
        self._forget()
        log.warning("mqtt.disconnected")

    def _forget(self) -> None:
        self._subscribed = False
        # The session's open messages come again under new numbers: the waiting copies would be doubles.
        with self._ready:
            self._generation += 1
            self._waiting.clear()
            self._open.clear()
            self._bytes = 0

    def _on_message(self, client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        with self._ready:
            if message.qos and message.mid in self._open:
                return  # sent again because we have not confirmed it yet
            full = len(self._open) >= MAX_WAITING or self._bytes + len(message.payload) > MAX_WAITING_BYTES
            if not full:
                token = self._generation, message.mid if message.qos else -1
                self._waiting.append(Message(message.topic, bytes(message.payload), datetime.now(UTC), token))
                self._bytes += len(message.payload)
                if message.qos:
                    self._open.add(message.mid)
                self._ready.notify()
        if full:
            log.error("mqtt.full", waiting=len(self._open))
            time.sleep(0.05)  # stop reading for a moment; the broker sends again what was not confirmed

"""The way of camera messages from the broker into the database, inside the Celery worker `ingest`.

Decision: the consumer stores batches itself and acknowledges after the commit. It does not hand them to a
task through Valkey: between the acknowledgement and the task the only copy would lie in Valkey, which may
be empty after a power cut. A batch closes at 200 messages or 250 ms after its first message, so there is
never a task or a transaction per picture. What follows from counts (ends of states, queues that stay long,
deletion) runs as ordinary tasks on queue `vision`.

A batch that the database cannot take now is kept and tried again; nothing is acknowledged meanwhile, and
the broker keeps what comes after. A batch that the database refuses because of its content is halved until
the message at fault is alone and can be put aside. Messages are acknowledged only on the connection they
came by; those of an earlier one come again and are recognised.
"""

from __future__ import annotations

import queue
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt
import structlog
from django.conf import settings
from django.db import DataError, Error, IntegrityError, close_old_connections, transaction
from django.utils import timezone
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from store.services import quarantine
from vision.services.ingest import CHANNEL, Raw, store_batch

log = structlog.get_logger(__name__)

TOPIC = "store/+/edge/+/{}/+/+"
CHANNELS = ("state", "event", "minute", "detections", "hb")
CLIENT_ID = "aisle-vision"
MOST = 200
LONGEST_S = 0.25
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 10.0


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message and what its acknowledgement needs."""

    raw: Raw
    mid: int
    qos: int
    connection: int


class Batches:
    """Collects messages and stores them; knows nothing of the broker but how to acknowledge."""

    def __init__(self, acknowledge: Callable[[Arrived], None]) -> None:
        self._acknowledge = acknowledge
        self._inbox: queue.SimpleQueue[Arrived] = queue.SimpleQueue()
        self._stopping = threading.Event()

    def put(self, message: Arrived) -> None:
        """Take a message in."""
        self._inbox.put(message)

    def stop(self) -> None:
        """End `run` after the batch in hand."""
        self._stopping.set()

    def run(self) -> None:
        """Store batch after batch until stopped."""
        while not self._stopping.is_set():
            batch = self.collect()
            if batch:
                self._store_until_done(batch)

    def collect(self) -> list[Arrived]:
        """Return up to 200 messages, at most 250 ms after the first; empty when none came."""
        try:
            batch = [self._inbox.get(timeout=LONGEST_S)]
        except queue.Empty:
            return []
        closes = time.monotonic() + LONGEST_S
        while len(batch) < MOST:
            try:
                batch.append(self._inbox.get(timeout=max(0.0, closes - time.monotonic())))
            except queue.Empty:
                break
        return batch

    def _store_until_done(self, batch: list[Arrived]) -> None:
        wait = FIRST_WAIT_S
        while not self._stopping.is_set():
            close_old_connections()
            try:
                store(batch)
            except Error as error:
                log.warning("vision.store_failed", error=str(error), messages=len(batch), again_in_s=wait)
                self._stopping.wait(wait)
                wait = min(LONGEST_WAIT_S, wait * 2)
            else:
                for message in batch:
                    self._acknowledge(message)
                return


def store(batch: list[Arrived]) -> None:
    """Store a batch; a message whose content the database refuses is put aside. Raises django.db.Error."""
    try:
        store_batch(messages=[message.raw for message in batch], now=timezone.now())
    except (DataError, IntegrityError) as error:
        if len(batch) > 1:
            middle = len(batch) // 2
            store(batch[:middle])
            store(batch[middle:])
            return
        raw = batch[0].raw
        with transaction.atomic():
            quarantine.put_aside(
                channel=CHANNEL, topic=raw.topic, payload=raw.payload, reason=f"refused_by_database: {error}"
            )


class ConsumerStep:
    """Started and stopped by the worker (settings.CELERY_BOOTSTEPS)."""

    def __init__(self) -> None:
        self._connection = 0
        self._batches = Batches(self._acknowledge)
        self._thread = threading.Thread(target=self._batches.run, name="vision-store", daemon=True)
        self._client = self._make_client()

    def start(self) -> None:
        """Begin to consume; the connection is made, and made again, in the background."""
        parts = urlsplit(settings.MQTT_URL)
        self._thread.start()
        port = parts.port or (8883 if parts.scheme == "mqtts" else 1883)
        self._client.connect_async(parts.hostname or "127.0.0.1", port, keepalive=15)
        self._client.loop_start()

    def stop(self) -> None:
        """Finish the batch in hand and leave; the broker keeps the rest."""
        self._batches.stop()
        self._thread.join(timeout=5)
        self._client.disconnect()
        self._client.loop_stop()

    def _make_client(self) -> mqtt.Client:
        parts = urlsplit(settings.MQTT_URL)
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=CLIENT_ID,
            clean_session=False,
            protocol=mqtt.MQTTv311,
            manual_ack=True,
        )
        client.reconnect_delay_set(min_delay=1, max_delay=10)
        client.enable_logger()
        if parts.username:
            client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
        if parts.scheme == "mqtts":
            client.tls_set(
                ca_certs=str(settings.PKI_DIR / "ca.pem"),
                certfile=str(settings.PKI_DIR / "service.pem"),
                keyfile=str(settings.PKI_DIR / "service.key"),
                tls_version=ssl.PROTOCOL_TLS_CLIENT,
            )
        client.on_connect = self._on_connect
        client.on_message = self._on_message
        return client

    def _on_connect(
        self, client: mqtt.Client, _data: object, _flags: object, code: ReasonCode, _more: object
    ) -> None:
        if code.is_failure:
            log.warning("vision.broker_refused", reason=str(code))
            return
        self._connection += 1
        client.subscribe([(TOPIC.format(channel), 1) for channel in CHANNELS])
        log.info("vision.consumer_connected")

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        raw = Raw(message.topic, bytes(message.payload), timezone.now())
        self._batches.put(Arrived(raw, message.mid, message.qos, self._connection))

    def _acknowledge(self, message: Arrived) -> None:
        if message.connection == self._connection:
            self._client.ack(message.mid, message.qos)

"""Sensors that are not there: each with its own certificate, publishing what a case would measure.

    python -m telemetry.edge.simulator                      all demo sensors, one reading every 2 s
    python -m telemetry.edge.simulator --sensor sensor-freezer-1 --warm sensor-freezer-1
    python -m telemetry.edge.simulator --once               one reading of each, then stop

A running simulator obeys the command topic `store/<site>/sensors/<device>/command` with `{"do": "warm"}`,
`{"do": "cool"}`, `{"do": "nan"}`, `{"do": "absurd"}`, `{"do": "garbage"}`; only the service may publish
there. Where the broker is and which certificates to use comes from AISLE_HOME and MQTT_URL, as in the store.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import signal
import ssl
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from telemetry.edge.freezer import Case, kind_of

log = logging.getLogger("sensors")

SENSORS = (
    "sensor-freezer-1",
    "sensor-freezer-2",
    "sensor-freezer-3",
    "sensor-chiller-1",
    "sensor-chiller-2",
    "sensor-chiller-3",
    "sensor-chiller-4",
)
COMMANDS = ("warm", "cool", "nan", "absurd", "garbage", "open", "close")
BROKEN_PAYLOADS = {
    "nan": b'{"value": NaN, "at": %d}',
    "absurd": b'{"value": 4000, "at": %d}',
    "garbage": b'{"value": %d',
}
KEEPALIVE_S = 15
MAX_QUEUED = 5_000
"""Readings a sensor keeps while the broker is away (an hour and more at the usual interval)."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is and how to prove who one is."""

    host: str
    port: int
    pki: Path | None

    @classmethod
    def from_environment(cls) -> Broker:
        """`MQTT_URL` (mqtts://host:port), else the embedded broker; certificates from AISLE_HOME/pki."""
        home = Path(os.environ.get("AISLE_HOME") or Path(__file__).resolve().parents[2] / ".aisle")
        port = os.environ.get("AISLE_MQTT_PORT") or "8883"
        url = urlsplit(os.environ.get("MQTT_URL") or f"mqtts://127.0.0.1:{port}")
        secure = url.scheme in ("mqtts", "ssl")
        pki = Path(os.environ.get("AISLE_PKI") or home / "pki") if secure else None
        return cls(url.hostname or "127.0.0.1", url.port or (8883 if secure else 1883), pki)


@dataclass
class Sensor:
    """One simulated sensor with its own connection."""

    code: str
    site: str
    case: Case
    client: mqtt.Client
    fault: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def topic(self) -> str:
        """The topic all channels of this sensor are under."""
        return f"store/{self.site}/sensors/{self.code}"

    def publish(self, seconds: float) -> None:
        """Move the case on and publish what the probe reads."""
        with self.lock:
            value, fault, self.fault = self.case.step(seconds), self.fault, ""
        at = time.time_ns() // 1_000_000
        message = {
            "value": value,
            "at": datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds"),
            "door": self.case.door,
            "defrost": self.case.defrosting,
        }
        payload = BROKEN_PAYLOADS[fault] % at if fault else json.dumps(message).encode()
        self.client.publish(f"{self.topic}/temperature", payload, qos=1)

    def obey(self, command: str) -> None:
        """Change what the case does; unknown commands are logged and ignored."""
        if command not in COMMANDS:
            log.warning("%s: unknown command", self.code)
            return
        with self.lock:
            if command in BROKEN_PAYLOADS:
                self.fault = command
            elif command in ("warm", "cool"):
                self.case.broken = command == "warm"
            else:
                self.case.door, self.case.door_left = command == "open", 600.0
        log.info("%s: %s", self.code, command)


def connect(code: str, broker: Broker, site: str, rng: random.Random) -> Sensor:
    """Make a sensor and start its connection; it goes on trying while the broker is away."""
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2, client_id=code, clean_session=False, protocol=mqtt.MQTTv311
    )
    sensor = Sensor(code, site, Case.settled(kind_of(code), rng), client)
    client.will_set(f"{sensor.topic}/state", json.dumps({"state": "offline"}), qos=1, retain=True)
    client.max_queued_messages_set(MAX_QUEUED)
    client.reconnect_delay_set(1, 10)
    client.on_connect = lambda _c, _u, _f, reason, _p: _connected(sensor, reason)
    client.on_message = lambda _c, _u, message: sensor.obey(_command(message.payload))
    if broker.pki is not None:
        client.tls_set(
            str(broker.pki / "ca.pem"),
            str(broker.pki / f"{code}.pem"),
            str(broker.pki / f"{code}.key"),
            tls_version=ssl.PROTOCOL_TLS_CLIENT,
        )
    client.connect_async(broker.host, broker.port, KEEPALIVE_S)
    client.loop_start()
    return sensor


def _connected(sensor: Sensor, reason: ReasonCode) -> None:
    if reason.is_failure:
        log.error("%s: the broker refused the connection: %s", sensor.code, reason)
        return
    sensor.client.subscribe(f"{sensor.topic}/command", qos=1)
    sensor.client.publish(f"{sensor.topic}/state", json.dumps({"state": "online"}), qos=1, retain=True)


def _command(payload: bytes | bytearray) -> str:
    try:
        return str(json.loads(payload)["do"])
    except (ValueError, KeyError, TypeError):
        return ""


def run(options: argparse.Namespace, stop: threading.Event) -> int:
    """Publish until `stop` is set."""
    broker = Broker.from_environment()
    rng = random.Random(options.seed)
    sensors = [connect(code, broker, options.site, random.Random(rng.random())) for code in options.sensor]
    for sensor in sensors:
        if sensor.code in options.warm or sensor.code.removeprefix("sensor-") in options.warm:
            sensor.obey("warm")
    log.info("%d sensors, one reading every %g s", len(sensors), options.interval)
    while not stop.is_set():
        for sensor in sensors:
            sensor.publish(options.interval)
        if options.once or stop.wait(options.interval):
            break
    for sensor in sensors:
        _leave(sensor)
    return 0


def _leave(sensor: Sensor) -> None:
    # A sensor that is switched off says so itself; the last will is for those that could not.
    last = sensor.client.publish(
        f"{sensor.topic}/state", json.dumps({"state": "offline"}), qos=1, retain=True
    )
    if sensor.client.is_connected():
        last.wait_for_publish(2)
    sensor.client.disconnect()
    sensor.client.loop_stop()


def main(argv: list[str] | None = None) -> int:
    """Entry point of `python -m telemetry.edge.simulator`."""
    parser = argparse.ArgumentParser(prog="telemetry.edge.simulator", description="Simulated sensors")
    parser.add_argument("--sensor", action="append", help="device code; again for more (default: the demo's)")
    parser.add_argument("--site", default=os.environ.get("AISLE_SITE") or "demo", help="code of the site")
    parser.add_argument("--interval", type=float, default=2.0, help="seconds between readings")
    parser.add_argument("--warm", action="append", default=[], help="sensor whose case fails from the start")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--once", action="store_true", help="one reading of each sensor, then stop")
    options = parser.parse_args(argv)
    options.sensor = options.sensor or list(SENSORS)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    stop = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stop.set())
    return run(options, stop)


if __name__ == "__main__":
    raise SystemExit(main())

"""MQTT → committed, against its two floors, in one run.

    python benchmarks/ingest.py [--messages 20000] [--sensors 100]

Prints messages per second for
  floor A   the same broker to a subscriber that decodes nothing and acknowledges at once,
  floor B   binary COPY of the same rows into an empty table of the same shape,
  ingest    broker → decode → validate → raw + minute + latest + alarms → COMMIT → PUBACK,
  one by one  the same loop with one transaction per message (what ORM code per message would do at best),
and the ratios. Uses DATABASE_URL (a database of its own is made and dropped) and an embedded broker.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "store.settings")

import django  # noqa: E402

django.setup()

import paho.mqtt.client as mqtt  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.runner import DiscoverRunner  # noqa: E402
from django.utils import timezone  # noqa: E402

from store.adapters import broker, pki  # noqa: E402
from store.adapters.broker import BrokerUser, Role  # noqa: E402
from store.models import Device  # noqa: E402
from store.runtime import servers  # noqa: E402
from telemetry import invariants  # noqa: E402
from telemetry.adapters.mqtt import Subscriber  # noqa: E402
from telemetry.ingest import IngestLoop  # noqa: E402
from telemetry.models import Reading, Sensor  # noqa: E402

TOPICS = ("store/+/sensors/+/+",)


class Counting:
    """A source that notes when the last expected message was acknowledged."""

    def __init__(self, source: Subscriber, expected: int, limit: int) -> None:
        self.source, self.expected, self.limit = source, expected, limit
        self.done = threading.Event()
        self.count = 0
        self.start, self.stop = source.start, source.stop

    def take(self, limit: int, timeout: float) -> list:
        return self.source.take(min(limit, self.limit), timeout)

    def acknowledge(self, messages) -> None:
        self.source.acknowledge(messages)
        self.count += len(messages)
        if self.count >= self.expected:
            self.done.set()


def start_broker(home: Path) -> tuple[subprocess.Popen[bytes], int]:
    pki.ensure(home / "pki", clients=("gateway-bench",))
    (home / "run").mkdir()
    # The load generator publishes for all sensors, so it uses the service's rights plus theirs.
    broker.write_users(home / "run", home / "pki", [BrokerUser("gateway-bench", Role.SERVICE)])
    users = home / "run" / broker.USERS_FILE
    users.write_text(users.read_text().replace('"store.*.service.>"', '"store.>"'))
    port = servers.free_port()
    child = servers.broker(data=home / "data", run=home / "run", pki=home / "pki", port=port)
    with (home / "log").open("wb") as log:
        process = subprocess.Popen([str(part) for part in child.command], stdout=log, stderr=log)
    while not child.ready():
        time.sleep(0.05)
    return process, port


def subscriber(home: Path, port: int, name: str) -> Subscriber:
    return Subscriber(f"mqtts://127.0.0.1:{port}", client_id=name, topics=TOPICS, pki=home / "pki")


def fill(home: Path, port: int, session: str, payloads: list[tuple[str, bytes]]) -> None:
    """Queue every message at the broker for a session that sleeps: consumption alone is measured."""
    sleeper = subscriber(home, port, session)
    sleeper.start()
    while not sleeper.is_subscribed:
        time.sleep(0.01)
    sleeper.stop()
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
    client.max_inflight_messages_set(1000)
    keys = home / "pki" / "gateway-bench.pem", home / "pki" / "gateway-bench.key"
    client.tls_set(str(home / "pki" / "ca.pem"), *map(str, keys))
    client.connect("127.0.0.1", port)
    client.loop_start()
    last = None
    for topic, payload in payloads:
        last = client.publish(topic, payload, qos=1)
    last.wait_for_publish(120)
    while client._out_messages:
        time.sleep(0.01)
    client.disconnect()
    client.loop_stop()


def floor_null(home: Path, port: int, expected: int) -> float:
    source = subscriber(home, port, "null")
    begun, count = time.perf_counter(), 0
    source.start()
    while count < expected:
        taken = source.take(5000, 0.5)
        source.acknowledge(taken)
        count += len(taken)
    seconds = time.perf_counter() - begun
    source.stop()
    return expected / seconds


def floor_copy(rows: list[tuple]) -> float:
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("create table bench_copy (like telemetry_reading including all)")
    begun = time.perf_counter()
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "copy bench_copy (sensor_id, at, quality, value, flags, received_at) from stdin (format binary)"
        ) as copy,
    ):
        copy.set_types(["int8", "timestamptz", "varchar", "float8", "int2", "timestamptz"])
        for row in rows:
            copy.write_row(row)
    return len(rows) / (time.perf_counter() - begun)


def ingest(home: Path, port: int, session: str, expected: int, *, batch: int = 5000) -> float:
    counting = Counting(subscriber(home, port, session), expected, batch)
    stop = threading.Event()
    loop = IngestLoop(counting)
    begun = time.perf_counter()
    worker = threading.Thread(target=loop.run, args=[stop])
    worker.start()
    counting.done.wait(600)
    seconds = time.perf_counter() - begun
    stop.set()
    worker.join()
    return expected / seconds


def make_payloads(
    count: int, sensors: int
) -> tuple[list[tuple[str, bytes]], list[tuple[int, datetime, float]]]:
    start = timezone.now() - timedelta(seconds=2 * count / sensors + 5)
    payloads, rows = [], []
    for number in range(count):
        which, turn = number % sensors, number // sensors
        at = start + timedelta(seconds=2 * turn, milliseconds=which)
        value = -20 + (turn % 10) / 10
        text = f'{{"value": {value}, "at": "{at.isoformat()}", "door": false}}'
        payloads.append((f"store/s1/sensors/bench-{which}/temperature", text.encode()))
        rows.append((which, at, value))
    return payloads, rows


def main() -> None:
    parser = argparse.ArgumentParser(description="MQTT to committed, against its floors")
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--sensors", type=int, default=100)
    options = parser.parse_args()
    runner = DiscoverRunner(verbosity=0, interactive=False)
    config = runner.setup_databases()
    home = Path(tempfile.mkdtemp(prefix="aisle-bench-"))
    process, port = start_broker(home)
    try:
        report(home, port, options.messages, options.sensors)
    finally:
        process.kill()
        process.wait()
        runner.teardown_databases(config)


def report(home: Path, port: int, count: int, sensors: int) -> None:
    now = datetime.now(UTC)
    devices = [
        Device(kind="SENSOR", code=f"bench-{i}", name=f"Bench {i}", enrolled_at=now) for i in range(sensors)
    ]
    made = Sensor.objects.bulk_create(
        Sensor(device=device, name=device.name, warn_high=-15.0, alarm_high=-12.0)
        for device in Device.objects.bulk_create(devices)
    )
    keys = [sensor.pk for sensor in made]
    payloads, rows = make_payloads(count, sensors)
    copied = floor_copy([(keys[s], at, "GOOD", value, 0, at) for s, at, value in rows])
    fill(home, port, "null", payloads)
    null = floor_null(home, port, count)
    fill(home, port, "ingest", payloads)
    rate = ingest(home, port, "ingest", count)
    assert Reading.objects.count() == count
    assert invariants.check() == []
    single = max(count // 20, 200)
    later, _ = make_payloads(single, sensors)
    fill(home, port, "single", later)
    one_by_one = ingest(home, port, "single", single, batch=1)
    share = rate / min(null, copied)
    print(f"{count} messages, {sensors} sensors, QoS 1, mutual TLS, {os.cpu_count()} cores")
    print(f"floor A  broker to null subscriber      {null:>9,.0f} msg/s")
    print(f"floor B  binary COPY of the same rows   {copied:>9,.0f} rows/s")
    print(f"ingest   MQTT to committed              {rate:>9,.0f} msg/s")
    print(f"         share of the slower floor      {share:>9.0%}        goal 60%")
    print(f"one transaction per message             {one_by_one:>9,.0f} msg/s")
    print(f"         ingest in batches is           {rate / one_by_one:>9.0f}x")


if __name__ == "__main__":
    main()

"""Steer a running sensor simulator: make a case fail, mend it, or let a probe lie.

    python -m telemetry.edge.control sensor-freezer-1 warm
    python -m telemetry.edge.control sensor-freezer-1 cool

Publishes on the sensor's command topic with the service's certificate (AISLE_HOME, MQTT_URL).
"""

from __future__ import annotations

import argparse
import json
import os
import ssl
import sys

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from telemetry.edge.simulator import COMMANDS, KEEPALIVE_S, Broker

SERVICE = "service"
PATIENCE_S = 5.0


def send(sensor: str, command: str, *, site: str = "demo", broker: Broker | None = None) -> bool:
    """Publish one command; True when the broker has it."""
    where = broker or Broker.from_environment()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
    if where.pki is not None:
        client.tls_set(
            str(where.pki / "ca.pem"),
            str(where.pki / f"{SERVICE}.pem"),
            str(where.pki / f"{SERVICE}.key"),
            tls_version=ssl.PROTOCOL_TLS_CLIENT,
        )
    client.connect(where.host, where.port, KEEPALIVE_S)
    client.loop_start()
    try:
        topic = f"store/{site}/sensors/{sensor}/command"
        sent = client.publish(topic, json.dumps({"do": command}), qos=1)
        sent.wait_for_publish(PATIENCE_S)
        return sent.is_published()
    finally:
        client.disconnect()
        client.loop_stop()


def main(argv: list[str] | None = None) -> int:
    """Entry point of `python -m telemetry.edge.control`."""
    parser = argparse.ArgumentParser(prog="telemetry.edge.control", description="Steer the simulated sensors")
    parser.add_argument("sensor", help="device code, such as sensor-freezer-1")
    parser.add_argument("do", choices=COMMANDS)
    parser.add_argument("--site", default=os.environ.get("AISLE_SITE") or "demo", help="code of the site")
    options = parser.parse_args(argv)
    try:
        if send(options.sensor, options.do, site=options.site):
            return 0
        sys.stderr.write("The broker did not take the command.\n")
    except OSError as error:
        sys.stderr.write(f"The broker cannot be reached: {error}\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())

"""Who may speak to the MQTT broker, and about what: the broker's user list, written from the devices.

A client is its certificate: nats-server takes the user from the certificate's subject
(``verify_and_map``). The user must be written as the whole subject in RFC 4514 order,
``CN=sensor-freezer-1,OU=5f0c21aa``: neither the bare device code nor the common name alone matches.
Certificates carry no alternative names, which nats would look at first. A device that was revoked, or
whose certificate was replaced, has no user any more and is refused although its authority is right.
(nats can pin keys too, but cannot change the pins of its MQTT listener without a restart.)

``mqtt-users.conf`` in the run directory is included by the broker's main configuration: one user per
device that is not revoked, with the topics it may publish and subscribe.

MQTT topics ``a/b`` are nats subjects ``a.b``; ``#`` is ``>``, ``+`` is ``*``. A restricted user needs
``$MQTT.sub.>`` to receive at QoS 1. Device topics (``<site>`` is the site's code)::

    store/<site>/sensors/<device>/<channel>     temperature, humidity, door, defrost; state is retained
    store/<site>/sensors/<device>/command       to the device
    store/<site>/edge/<device>/#                camera edge box, see the vision part
    store/<site>/edge/<device>/command/#        to the edge box

The main configuration this was proved with (nats-server 2.15.1; paths are absolute or relative to it; the
client port is there only because nats cannot run without one, so it asks for the same certificates)::

    server_name: aisle
    host: 127.0.0.1
    port: 4222
    pid_file: "/home/aisle/run/mqtt.pid"
    jetstream { store_dir: "/home/aisle/data/nats", sync_interval: always, max_mem: 64MB, max_file: 2GB }
    tls {
      cert_file: "/home/aisle/pki/broker.pem"
      key_file: "/home/aisle/pki/broker.key"
      ca_file: "/home/aisle/pki/ca.pem"
      verify_and_map: true
    }
    authorization { include "mqtt-users.conf" }
    mqtt {
      host: 127.0.0.1
      port: 8883
      ack_wait: "5s"
      max_ack_pending: 8192
      tls {
        cert_file: "/home/aisle/pki/broker.pem"
        key_file: "/home/aisle/pki/broker.key"
        ca_file: "/home/aisle/pki/ca.pem"
        verify_and_map: true
        timeout: 5
      }
    }

Start it with ``nats-server -c <file>``. The ``include`` is relative to the main file: put both side by side.
After writing new users, SIGHUP makes nats read the include again and cuts every connection that is no
longer allowed. ``max_ack_pending`` counts once per subscription and twice for one that ends in ``#``; the
sum over a session must stay under 65,536 or nats answers the subscription with a failure.
"""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from store.adapters import pki

USERS_FILE = "mqtt-users.conf"
PID_FILE = "mqtt.pid"


class Role(StrEnum):
    """What kind of client a certificate belongs to."""

    SERVICE = "SERVICE"
    SENSOR = "SENSOR"
    GATEWAY = "GATEWAY"
    EDGE = "EDGE"


@dataclass(frozen=True, slots=True)
class BrokerUser:
    """A client of the broker: its certificate's common name and its role."""

    code: str
    role: Role


def subjects(user: BrokerUser) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The nats subjects a user may publish and subscribe, in this order."""
    code = pki.check_name(user.code)
    if user.role is Role.SERVICE:
        return (
            ("store.*.sensors.*.command", "store.*.edge.*.command.>", "store.*.service.>"),
            ("store", "store.>"),
        )
    area = "edge" if user.role is Role.EDGE else "sensors"
    publish = (f"store.*.{area}.{code}.>",)
    if user.role is Role.GATEWAY:
        publish = (f"store.*.gateways.{code}.>",)
        return publish, (f"store.*.gateways.{code}.command.>",)
    commands = (f"store.*.{area}.{code}.command", f"store.*.{area}.{code}.command.>")
    return publish, commands


def role_of(code: str) -> Role:
    """The role a demo code implies by its prefix (real devices have their kind in the database)."""
    prefixes = {"edge-": Role.EDGE, "gateway-": Role.GATEWAY}
    if code == pki.SERVICE_NAME:
        return Role.SERVICE
    return next((role for prefix, role in prefixes.items() if code.startswith(prefix)), Role.SENSOR)


def render_users(users: Iterable[BrokerUser], admitted: Mapping[str, str]) -> str:
    """The text of ``mqtt-users.conf``: users whose code is in ``admitted`` (code → certificate subject).

    Everything not allowed here is refused by the broker.
    """
    lines = ["# written by store.adapters.broker; changes here are lost", "users = ["]
    for user in sorted({user for user in users if user.code in admitted}, key=lambda item: item.code):
        publish, subscribe = subjects(user)
        lines += [
            "  {",
            f'    user: "{admitted[user.code]}"',
            '    allowed_connection_types: ["MQTT"]',
            "    permissions: {",
            f"      publish: {{ allow: [{_quoted(publish)}] }}",
            f"      subscribe: {{ allow: [{_quoted((*subscribe, '$MQTT.sub.>'))}] }}",
            "    }",
            "  }",
        ]
    return "\n".join([*lines, "]", ""])


def render_mosquitto_acl(users: Iterable[BrokerUser]) -> str:
    """The same rights as an access file for mosquitto (`use_identity_as_username`: the user is the code).

    Mosquitto has no user list in this mode: a revoked certificate needs a revocation list (`crlfile`).
    """
    lines = ["# written by store.adapters.broker; changes here are lost"]
    for user in sorted(set(users), key=lambda item: item.code):
        publish, subscribe = subjects(user)
        lines.append(f"user {user.code}")
        lines += [f"topic write {_topic_filter(subject)}" for subject in publish]
        lines += [f"topic read {_topic_filter(subject)}" for subject in subscribe]
    return "\n".join([*lines, ""])


def _topic_filter(subject: str) -> str:
    return subject.replace(".", "/").replace("*", "+").replace(">", "#")


def write_users(run: Path, pki_directory: Path, users: Iterable[BrokerUser]) -> bool:
    """Write the include file for the users that hold an admitted certificate; True when it changed."""
    run.mkdir(parents=True, exist_ok=True)
    everyone = {BrokerUser(pki.SERVICE_NAME, Role.SERVICE), *users}
    return _replace(run / USERS_FILE, render_users(everyone, pki.admitted(pki_directory)))


def reload(run: Path) -> bool:
    """Tell the running broker to read its users again; False when no broker of ours runs."""
    try:
        pid = int((run / PID_FILE).read_text(encoding="ascii"))
        # The file outlives a killed broker, and the number may be somebody else's by now.
        if not Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").startswith("nats-server"):
            return False
        os.kill(pid, signal.SIGHUP)
    except (OSError, ValueError):
        return False
    return True


def publish_users(run: Path, pki_directory: Path, users: Iterable[BrokerUser]) -> bool:
    """Write the users and reload the broker when anything changed."""
    return write_users(run, pki_directory, users) and reload(run)


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _replace(path: Path, text: str) -> bool:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(temporary).chmod(0o600)
    Path(temporary).replace(path)
    return True


def main(argv: list[str] | None = None) -> int:
    """``python -m store.adapters.broker RUN PKI``: users for every certificate of the directory."""
    parser = argparse.ArgumentParser(prog="store.adapters.broker", description=main.__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("pki", type=Path)
    options = parser.parse_args(argv)
    names = pki.admitted(options.pki)
    users = [BrokerUser(name, role_of(name)) for name in names if name != pki.BROKER_NAME]
    publish_users(options.run, options.pki, users)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""`manage.py up`: from nothing to a store that sells, in one command."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from store.runtime import banner, children, paths, postgres, servers
from store.runtime.console import Failure, Steps
from store.runtime.postgres import Cluster
from store.runtime.process import Child, alive
from store.runtime.supervisor import Stopped, Supervisor

SERVERS_PATIENCE = 40.0
WEB_PATIENCE = 60.0


def main(arguments: list[str]) -> int:
    """Start the store and keep it running until Ctrl-C; returns the exit code."""
    if arguments:
        raise Failure(f"up takes no options (settings come from the environment), not {' '.join(arguments)}.")
    steps = Steps()
    for folder in (paths.home(), paths.data(), paths.run(), paths.sockets(), paths.media(), paths.static()):
        paths.private_folder(folder)
    environment = children.base_environment(os.environ)
    supervisor = Supervisor(paths.record(), environment, {"home": str(paths.home())})
    lock = _take_home()
    supervisor.listen_to_signals()
    try:
        with _web_socket() as web:
            _bring_up(supervisor, web, steps, environment)
            supervisor.keep_running()
    except Stopped:
        steps.say("Stopping")
    finally:
        supervisor.stop()
        lock.close()
    steps.say("Stopped")
    return 0


def _bring_up(
    supervisor: Supervisor, web: socket.socket, steps: Steps, environment: Mapping[str, str]
) -> None:
    named = servers.check_given(sign_in=True)
    cluster = _start_servers(supervisor, steps)
    is_new = cluster is None or not cluster.is_migrated()
    if is_new:
        _prepare(supervisor, steps)
    cloud = children.cloud(steps)
    supervisor.update_environment(cloud.environment)
    if cloud.child is not None:
        supervisor.start([cloud.child])
        late = supervisor.wait_ready([cloud.child.name], SERVERS_PATIENCE)
        if late:
            steps.say("The AWS counterpart does not answer yet; it is tried again in the background")
    steps.say("Starting the store")
    port = web.getsockname()[1]
    url = f"http://{'localhost' if paths.web_address() == '127.0.0.1' else paths.web_address()}:{port}"
    shared = {
        **cloud.environment,
        "AISLE_MQTT_PORT": str(paths.mqtt_port()),
        "AISLE_DEMO": environment["AISLE_DEMO"],
    }
    supervisor.update_facts(web_url=url, settings=shared)
    apps = children.applications(web.fileno())
    pages = [child for child in apps if child.name.startswith("web-")]
    supervisor.start(pages)
    if is_new and environment["AISLE_DEMO"] == "1":
        _fill(supervisor, steps)
    supervisor.start([child for child in apps if child not in pages])
    logins = _ask_for_logins(environment)
    if not is_new and environment["AISLE_DEMO"] == "1":
        supervisor.run_beside(children.django("seed", "demo_seed"))
    late = supervisor.wait_ready([child.name for child in pages], WEB_PATIENCE)
    if late:
        steps.say(f"{', '.join(late)} did not come up within {WEB_PATIENCE:.0f} s: see the lines above")
    banner.show(url, steps.seconds(), named=named, cloud=cloud.words, logins=_read_logins(logins))


def _start_servers(supervisor: Supervisor, steps: Steps) -> Cluster | None:
    """Start the embedded servers the environment does not replace, and wait until all answer."""
    started: list[Child] = []
    cluster: Cluster | None = None
    if not servers.given("MQTT_URL"):
        servers.refuse_busy_port(
            "127.0.0.1", paths.mqtt_port(), what="the MQTT broker", setting="AISLE_MQTT_PORT"
        )
    if not servers.given("DATABASE_URL"):
        cluster = postgres.cluster()
        if not (cluster.data / "PG_VERSION").exists():
            steps.say("Making the database")
        cluster.prepare()
        started.append(cluster.child())
    if not servers.given("REDIS_URL"):
        started.append(servers.valkey(paths.data() / "valkey", paths.valkey_socket()))
    supervisor.start(started)
    servers.ensure_certificates(paths.pki(), paths.run())
    if not servers.given("MQTT_URL"):
        broker = servers.broker(
            data=paths.data() / "nats", run=paths.run(), pki=paths.pki(), port=paths.mqtt_port()
        )
        supervisor.start([broker])
        started.append(broker)
    steps.say(f"Starting {', '.join(child.name for child in started) or 'no servers: all are given'}")
    late = supervisor.wait_ready([child.name for child in started], SERVERS_PATIENCE)
    if late:
        raise Failure(f"{late[0]} did not come up within {SERVERS_PATIENCE:.0f} s: its lines above say why.")
    if cluster is not None:
        cluster.create_database()
    return cluster


def _prepare(supervisor: Supervisor, steps: Steps) -> None:
    steps.say("Bringing the database up to date")
    migrate = children.django("migrate", "migrate", "--no-input", "--skip-checks", "-v", "0")
    if supervisor.run_to_end(migrate) != 0:
        raise Failure("The database could not be brought up to date: the lines above say why.")


def _fill(supervisor: Supervisor, steps: Steps) -> None:
    """Fill the demo store while the pages load; what works on its rows starts after it."""
    steps.say("Filling the demo store")
    if supervisor.run_to_end(children.django("seed", "demo_seed")) != 0:
        steps.say("The demo store could not be filled: the lines above say why")


def _take_home() -> Any:
    """Make sure no second supervisor works on the same home; the file is kept open for as long."""
    lock = (paths.home() / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise Failure(f"Aisle already runs on {paths.home()}{_whose()}.") from error
    return lock


def settings_of_running_store() -> dict[str, str]:
    """What a command in another terminal needs to work on the store that runs on this home."""
    record = _record()
    settings = record.get("settings", {}) if alive(int(record.get("supervisor", 0))) else {}
    return {str(name): str(value) for name, value in settings.items()}


def _record() -> dict[str, Any]:
    try:
        record = json.loads(paths.record().read_text())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _whose() -> str:
    record = _record()
    if not record:
        return ""
    return f" (process {record.get('supervisor')}, {record.get('web_url', 'still starting')})"


def _web_socket() -> socket.socket:
    """The listening socket all web children share; it outlives each of them."""
    address, port = paths.web_address(), paths.web_port()
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address, port))
    except OSError as error:
        listening.close()
        raise servers.busy(address, port, what="the store", setting="AISLE_PORT", error=error) from error
    listening.listen(512)
    return listening


def _ask_for_logins(environment: Mapping[str, str]) -> subprocess.Popen[bytes] | None:
    """Have the demo's logins printed as JSON, beside everything else that starts."""
    if environment["AISLE_DEMO"] != "1":
        return None
    return subprocess.Popen(
        [sys.executable, "-m", "store.demo.logins"],
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _read_logins(asked: subprocess.Popen[bytes] | None) -> list[Mapping[str, str]]:
    if asked is None:
        return []
    output, _ = asked.communicate()
    try:
        found = json.loads(output)
    except ValueError:
        return []
    return found if isinstance(found, list) else []

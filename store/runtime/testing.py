"""`manage.py test` and `shots`: a throw-away database, Valkey and broker, then pytest."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from store.runtime import browser, children, extras, paths, postgres, servers
from store.runtime.console import Failure, Steps
from store.runtime.process import Child, alive, signal_group, spawn

FAST = ("tests/unit", "tests/integration", "tests/contracts")
PATIENCE = 40.0
GIVEN = ("DATABASE_URL", "REDIS_URL", "MQTT_URL")


def main(arguments: list[str]) -> int:
    """Run the tests; `--fast` leaves out browser and faults, everything else goes to pytest."""
    fast = "--fast" in arguments
    rest = [argument for argument in arguments if argument not in {"--fast", "--"}]
    named = any(not argument.startswith("-") for argument in rest)
    steps = Steps()
    if not fast:
        browser.prepare(steps)
        extras.install_missing(steps)
    if fast and not named:
        rest += [folder for folder in FAST if (paths.ROOT / folder).is_dir()]
        rest += [
            str(path.relative_to(paths.ROOT)) for path in sorted((paths.ROOT / "tests").glob("test_*.py"))
        ]
    if "-m" not in rest:
        rest += ["-m", "not slow"]
    with test_servers(steps) as environment:
        return _pytest(rest, environment)


def faults(arguments: list[str]) -> int:
    """The slow tests: minutes of kills, cuts and full disks."""
    return main([*arguments, "-m", "slow"])


def shots(arguments: list[str]) -> int:
    """Pictures of the pages of a freshly started demo store."""
    browser.prepare(Steps())
    command = [sys.executable, "-m", "tests.e2e.shots", *arguments]
    return subprocess.run(command, cwd=paths.ROOT, check=False).returncode


@contextmanager
def test_servers(steps: Steps) -> Iterator[dict[str, str]]:
    """Start what the environment does not name, in a folder that vanishes; yields the environment.

    Raises Failure when a server does not come up; its log is part of the sentence.
    """
    folder = Path(tempfile.mkdtemp(prefix="aisle-test-"))
    os.environ["AISLE_HOME"] = str(folder)
    started: list[subprocess.Popen[bytes]] = []
    try:
        for each in (folder, paths.data(), paths.run(), paths.sockets()):
            paths.private_folder(each)
        named = servers.check_given(sign_in=False)
        steps.say(
            f"Tests use {', '.join(named)} of the environment" if named else "Starting throw-away servers"
        )
        environment = _start(started)
        steps.say("Running the tests")
        yield environment
    finally:
        _stop(started)
        shutil.rmtree(folder, ignore_errors=True)
        if paths.sockets() != paths.run():
            shutil.rmtree(paths.sockets(), ignore_errors=True)


def _start(started: list[subprocess.Popen[bytes]]) -> dict[str, str]:
    environment = children.base_environment(os.environ)
    environment["AISLE_DEMO"] = os.environ.get("AISLE_DEMO") or "0"
    waiting: list[Child] = []
    cluster = None
    if not servers.given("DATABASE_URL"):
        cluster = postgres.cluster(careless=True)
        cluster.prepare()
        waiting.append(cluster.child())
        environment["DATABASE_URL"] = paths.database_url()
    if not servers.given("REDIS_URL"):
        waiting.append(servers.valkey(paths.data() / "valkey", paths.valkey_socket()))
        environment["REDIS_URL"] = paths.redis_url()
    servers.ensure_certificates(paths.pki(), paths.run())
    if not servers.given("MQTT_URL"):
        port = servers.free_port()
        os.environ["AISLE_MQTT_PORT"] = environment["AISLE_MQTT_PORT"] = str(port)
        waiting.append(
            servers.broker(data=paths.data() / "nats", run=paths.run(), pki=paths.pki(), port=port)
        )
        environment["MQTT_URL"] = paths.mqtt_url()
    for child in waiting:
        with (paths.run() / f"{child.name}.log").open("wb") as log:
            started.append(spawn(child, log.fileno(), environment))
    for child in waiting:
        _wait(child)
    if cluster is not None:
        cluster.create_database()
    return environment


def _wait(child: Child) -> None:
    patience = time.monotonic() + PATIENCE
    while child.ready is not None and not child.ready():
        if time.monotonic() > patience:
            log = (paths.run() / f"{child.name}.log").read_text(errors="replace").strip()
            raise Failure(f"{child.name} did not come up for the tests: {log[-500:] or 'it said nothing'}")
        time.sleep(0.05)


def _stop(started: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in started:
        signal_group(process.pid, signal.SIGQUIT if "postgres" in str(process.args) else signal.SIGKILL)
    patience = time.monotonic() + 3
    while any(process.poll() is None for process in started) and time.monotonic() < patience:
        time.sleep(0.02)
    for process in started:
        if alive(process.pid):
            signal_group(process.pid, signal.SIGKILL)
        process.wait()


def _pytest(arguments: Sequence[str], environment: dict[str, str]) -> int:
    command = [sys.executable, "-m", "pytest", *arguments]
    process = subprocess.Popen(command, cwd=paths.ROOT, env=environment)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # pytest has got the same Ctrl-C and prints its summary; wait for it.
            continue

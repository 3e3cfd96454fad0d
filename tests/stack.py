"""A whole store for tests: the real `manage.py up` on a folder and ports of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psycopg

from store.runtime import paths, process

T = TypeVar("T")
ROOT = paths.ROOT
START_PATIENCE = 170.0
FOREIGN = (
    "DATABASE_URL", "REDIS_URL", "MQTT_URL", "AISLE_HOME", "AISLE_CLOUD", "AISLE_AWS_ENDPOINT_URL",
    "DJANGO_SETTINGS_MODULE", "AISLE_DEMO", "AISLE_PORT", "AISLE_MQTT_PORT", "AISLE_SECRET_KEY",
)  # fmt: skip


class StackError(AssertionError):
    """The store did not do what every test relies on; the text ends with its log."""


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(what: str, ask: Callable[[], T], timeout: float = 20.0, pause: float = 0.05) -> T:
    """Ask until the answer is true; returns it."""
    patience = time.monotonic() + timeout
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > patience:
            raise StackError(f"{what} did not happen within {timeout:.0f} s")
        time.sleep(pause)


class Stack:
    """A running store: its pages, its processes, its database."""

    def __init__(self, home: Path, environment: dict[str, str], log: Path) -> None:
        self.home = home
        self.environment = environment
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the pages are, without a slash at the end."""
        return str(self.record["web_url"])

    @property
    def record(self) -> dict:
        """What the supervisor wrote down."""
        path = self.home / "run" / "supervisor.json"
        return json.loads(path.read_text()) if path.exists() else {}

    @property
    def children(self) -> dict[str, int]:
        """Names and numbers of the running children."""
        return dict(self.record.get("children", {}))

    @property
    def supervisor(self) -> int:
        """The supervisor's number."""
        return int(self.record["supervisor"])

    def start(self) -> Stack:
        """Run `manage.py up` and wait for its banner; raises StackError with the log's end."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "up"],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        patience = time.monotonic() + START_PATIENCE
        while "Aisle is open" not in self.log.read_text(errors="replace"):
            if self.process.poll() is not None or time.monotonic() > patience:
                self.stop()
                raise StackError(f"the store did not open:\n{self.tail()}")
            time.sleep(0.1)
        return self

    def stop(self, number: signal.Signals = signal.SIGINT) -> float:
        """Ask the supervisor to stop and wait; returns the seconds it took."""
        begun = time.monotonic()
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return time.monotonic() - begun

    def kill(self, name: str) -> int:
        """kill -9 one child; returns the number it had."""
        number = self.children[name]
        os.kill(number, signal.SIGKILL)
        return number

    def wait_back(self, name: str, before: int | None = None, timeout: float = 40.0) -> int:
        """Wait until the child runs again (under another number than `before`) and is ready."""

        def back() -> int:
            record = self.record
            number = record.get("children", {}).get(name, 0)
            is_new = number and number != before and process.alive(number)
            return number if is_new and name in record.get("ready", []) else 0

        try:
            return wait_until(f"{name} coming back", back, timeout)
        except StackError as error:
            raise StackError(f"{error}\n{self.tail()}") from None

    def kill_and_wait(self, name: str) -> int:
        """kill -9 one child and wait until it is back; returns its new number."""
        return self.wait_back(name, self.kill(name))

    def manage(self, *arguments: str, timeout: float = 60.0) -> str:
        """Run a management command against this store; returns what it printed."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if done.returncode != 0:
            raise StackError(
                f"manage.py {' '.join(arguments)} ended with {done.returncode}: {done.stderr[-2000:]}"
            )
        return done.stdout

    def sql(self, query: str, parameters: tuple = ()) -> list[tuple]:
        """Rows of one statement, committed."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            cursor = connection.execute(query, parameters)
            return cursor.fetchall() if cursor.description else []

    @property
    def database_url(self) -> str:
        """The store's database as psycopg takes it."""
        folder = self.home / "run"
        return f"postgresql://{paths.DATABASE_ROLE}@/{paths.DATABASE_NAME}?host={folder}"

    def get(self, path: str, timeout: float = 10.0) -> tuple[int, str]:
        """Status and text of a page, without following anything."""
        request = urllib.request.Request(self.url + path)
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.read().decode()

    def processes(self) -> dict[int, str]:
        """Every process that belongs to this store, by its environment or command line."""
        found = {}
        mark = f"AISLE_HOME={self.home}".encode()
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                belongs = str(self.home) in command or mark in (entry / "environ").read_bytes().split(b"\0")
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
            if belongs and process.alive(int(entry.name)):
                found[int(entry.name)] = command.strip()
        return found

    def tail(self, lines: int = 60) -> str:
        """The end of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def make_stack(**settings: str) -> Stack:
    """A store that is not started yet, in a new folder; `settings` go to its environment."""
    home = Path(tempfile.mkdtemp(prefix="aisle-e2e-"))
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    environment |= {
        "AISLE_HOME": str(home),
        "AISLE_PORT": str(free_port()),
        "AISLE_MQTT_PORT": str(free_port()),
        "NO_COLOR": "1",
        **settings,
    }
    return Stack(home, environment, home / "up.log")


def discard(stack: Stack) -> None:
    """Stop the store and remove its folder."""
    stack.stop()
    shutil.rmtree(stack.home, ignore_errors=True)


def running_stack(home: Path) -> Stack:
    """A store somebody started already (`AISLE_E2E_HOME`), for quick turns while writing tests."""
    environment = {**os.environ, "AISLE_HOME": str(home)}
    return Stack(home, environment, home / "up.log")

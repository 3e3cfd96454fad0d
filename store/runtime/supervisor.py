"""Keeps the store's programs running: starts, watches, restarts and stops them.

One thread, one loop. A child that ends is started again after a pause that doubles up to half a
minute; one that ran for a while starts with no pause again. What children print goes to our output
behind their name.
"""

from __future__ import annotations

import json
import os
import re
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from store.runtime import console
from store.runtime.process import Child, Guard, signal_group, spawn

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 30.0
LONG_ENOUGH = 10.0
SETTLED = 2.0
READY_LINE_PATIENCE = 20.0
APPS_STOP = 1.8
SERVERS_STOP = 1.8
HARD_STOP = 0.5
TICK = 0.05
NOT_STARTED = 127


class Stopped(Exception):  # noqa: N818 - an ending, no error
    """Somebody asked us to stop (Ctrl-C, SIGTERM)."""


class Running:
    """A child with its process, its output and its luck so far."""

    def __init__(self, child: Child, index: int) -> None:
        self.child = child
        self.index = index
        self.process: subprocess.Popen[bytes] | None = None
        self.ready = False
        self.starts = 0
        self.failures = 0
        self.started_at = 0.0
        self.start_again_at = 0.0
        self.exit_code: int | None = None
        self.seen_ready_line = False
        self.unfinished = b""
        self.once = False
        self.kept_back: deque[str] = deque(maxlen=15)


class Supervisor:
    """Owner of all children; `keep_running` returns only by raising Stopped."""

    def __init__(self, record: Path, environment: Mapping[str, str], facts: Mapping[str, object]) -> None:
        self._record = record
        self._environment = dict(environment)
        self._facts = dict(facts)
        self._all: dict[str, Running] = {}
        self._selector = selectors.DefaultSelector()
        self._asked_to_stop = False
        self._guard = Guard()
        self._width = 12

    # Signals ---------------------------------------------------------------------------------

    def listen_to_signals(self) -> None:
        """Turn SIGINT and SIGTERM into Stopped at the next turn of the loop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)

    def _ask_to_stop(self, _number: int, _frame: object) -> None:
        self._asked_to_stop = True

    # Starting --------------------------------------------------------------------------------

    def start(self, children: Iterable[Child]) -> None:
        """Start children at once, without waiting for them."""
        for child in children:
            running = Running(child, len(self._all))
            self._all[child.name] = running
            self._start(running)
        self._write_record()

    def update_environment(self, values: Mapping[str, str]) -> None:
        """What children started from now on see in addition."""
        self._environment.update(values)

    def update_facts(self, **facts: object) -> None:
        """Further entries of run/supervisor.json."""
        self._facts.update(facts)
        self._write_record()

    def wait_ready(self, names: Iterable[str], timeout: float) -> list[str]:
        """Run the loop until these children are ready; returns those that were not in time."""
        wanted = list(names)
        patience = time.monotonic() + timeout
        while time.monotonic() < patience:
            if all(self._all[name].ready for name in wanted):
                return []
            self._turn()
        return [name for name in wanted if not self._all[name].ready]

    def run_to_end(self, child: Child) -> int:
        """Run one program to its end, its output among the others'; returns its exit code."""
        running = Running(child, len(self._all))
        running.once = True
        self._all[child.name] = running
        self._start(running)
        while running.exit_code is None:
            self._turn()
        return running.exit_code

    def run_beside(self, child: Child) -> None:
        """Run one program to its end beside the others, without waiting for it."""
        running = Running(child, len(self._all))
        running.once = True
        self._all[child.name] = running
        self._start(running)

    def keep_running(self) -> None:
        """Watch and restart until asked to stop."""
        while True:
            self._turn()

    # The loop --------------------------------------------------------------------------------

    def _turn(self) -> None:
        if self._asked_to_stop:
            raise Stopped
        self._read(TICK)
        now = time.monotonic()
        for running in list(self._all.values()):
            self._look_after(running, now)

    def _look_after(self, running: Running, now: float) -> None:
        if running.process is None:
            if not running.once and now >= running.start_again_at:
                self._start(running)
                self._write_record()
            return
        code = running.process.poll()
        if code is not None:
            self._ended(running, code, now)
        elif not running.ready and self._is_ready(running, now):
            running.ready = True
            self._write_record()

    def _is_ready(self, running: Running, now: float) -> bool:
        age = now - running.started_at
        if running.child.ready is not None:
            return running.child.ready()
        if running.child.ready_line:
            return running.seen_ready_line or age > READY_LINE_PATIENCE
        return age > SETTLED

    def _start(self, running: Running) -> None:
        reading, writing = os.pipe()
        running.ready = running.seen_ready_line = False
        running.started_at = time.monotonic()
        running.starts += 1
        try:
            running.process = spawn(running.child, writing, self._environment)
        except (OSError, subprocess.SubprocessError) as error:
            os.close(reading)
            self._say(running, f"cannot be started: {error}")
            self._plan_restart(running, time.monotonic())
            running.exit_code = NOT_STARTED
            if running.once:
                self._all.pop(running.child.name, None)
            return
        finally:
            os.close(writing)
        os.set_blocking(reading, False)
        running.unfinished = b""
        self._selector.register(reading, selectors.EVENT_READ, running)
        self._guard.watch(running.process.pid, running.child.death_signal)

    def _ended(self, running: Running, code: int, now: float) -> None:
        assert running.process is not None  # noqa: S101 - the caller has just polled it
        self._read(0)
        signal_group(running.process.pid, signal.SIGKILL)
        self._guard.forget(running.process.pid)
        running.process = None
        running.exit_code = code
        if running.once:
            self._all.pop(running.child.name, None)
            return
        for text in running.kept_back if code > 0 else ():
            self._say(running, text)
        running.kept_back.clear()
        if now - running.started_at > LONG_ENOUGH:
            running.failures = 0
        self._plan_restart(running, now)
        pause = running.start_again_at - now
        self._say(running, f"{_ending(code)}; starting again in {pause:.1f} s (restart {running.starts})")
        self._write_record()

    def _plan_restart(self, running: Running, now: float) -> None:
        longest = 1.0 if running.child.is_server else LONGEST_PAUSE
        pause = min(longest, FIRST_PAUSE * 2 ** min(running.failures, 10))
        running.process = None
        running.ready = False
        running.failures += 1
        running.start_again_at = now + pause

    # Output ----------------------------------------------------------------------------------

    def _read(self, timeout: float) -> None:
        for key, _events in self._selector.select(timeout):
            running: Running = key.data
            try:
                data = os.read(key.fd, 65536)
            except BlockingIOError:
                continue
            if data:
                self._print(running, data)
            else:
                self._selector.unregister(key.fd)
                os.close(key.fd)

    def _print(self, running: Running, data: bytes) -> None:
        *lines, running.unfinished = (running.unfinished + data).split(b"\n")
        for line in lines:
            text = line.decode(errors="replace").rstrip()
            if running.child.ready_line and re.search(running.child.ready_line, text):
                running.seen_ready_line = True
            if text and (not running.child.shown or re.search(running.child.shown, text)):
                self._say(running, text)
            elif text:
                running.kept_back.append(text)

    def _say(self, running: Running, text: str) -> None:
        console.child_line(running.child.name, text, self._width, running.index)

    def _write_record(self) -> None:
        """Tell other programs (tests, `manage.py` commands) what runs under which number."""
        living = {name: running for name, running in self._all.items() if running.process is not None}
        content = {
            "supervisor": os.getpid(),
            **self._facts,
            "children": {name: each.process.pid for name, each in living.items() if each.process},
            "ready": [name for name, each in living.items() if each.ready],
            "restarts": {name: each.starts - 1 for name, each in self._all.items()},
        }
        temporary = self._record.with_suffix(".new")
        temporary.write_text(json.dumps(content, indent=1))
        temporary.replace(self._record)

    # Stopping --------------------------------------------------------------------------------

    def stop(self) -> None:
        """Stop everything: first what uses the servers, then the servers; in less than five seconds."""
        self._asked_to_stop = False
        living = [running for running in self._all.values() if running.process is not None]
        self._stop_some([each for each in living if not each.child.is_server], APPS_STOP)
        self._stop_some([each for each in living if each.child.is_server], SERVERS_STOP)
        self._all.clear()
        self._guard.close()
        with suppress(FileNotFoundError):
            self._record.unlink()

    def _stop_some(self, some: list[Running], patience: float) -> None:
        for running in some:
            if running.process is not None:
                running.process.send_signal(running.child.stop_signal)
        if not self._all_ended(some, patience):
            for running in some:
                if running.process is not None and running.process.poll() is None:
                    signal_group(running.process.pid, running.child.hard_stop_signal)
            self._all_ended(some, HARD_STOP)
        for running in some:
            if running.process is not None:
                signal_group(running.process.pid, signal.SIGKILL)
                running.process.wait()
                self._guard.forget(running.process.pid)
                running.process = None

    def _all_ended(self, some: list[Running], patience: float) -> bool:
        until = time.monotonic() + patience
        while time.monotonic() < until and not self._asked_to_stop:
            if all(running.process is None or running.process.poll() is not None for running in some):
                return True
            self._read(TICK)
        return False


def _ending(code: int) -> str:
    if code >= 0:
        return f"ended with code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"

"""The supervisor with small real programs."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.runtime.process import Child, alive
from store.runtime.supervisor import Stopped, Supervisor
from tests.stack import wait_until

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
]
PARENT = [
    sys.executable,
    "-c",
    "import subprocess, sys; p = subprocess.Popen(['sleep', '60']); print('child', p.pid, flush=True); p.wait()",
]


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "supervisor.json"


@pytest.fixture
def supervisor(record: Path) -> Iterator[Supervisor]:
    made = Supervisor(record, dict(os.environ), {"home": "here"})
    yield made
    made.stop()


def children(record: Path) -> dict[str, int]:
    return json.loads(record.read_text())["children"]


def turn_until(supervisor: Supervisor, done, timeout: float = 10) -> None:
    patience = time.monotonic() + timeout
    while not done():
        assert time.monotonic() < patience
        supervisor._turn()


def test_record_names_what_runs(supervisor: Supervisor, record: Path) -> None:
    supervisor.start([Child(name="one", command=SLEEP, ready_line="up")])

    assert supervisor.wait_ready(["one"], 5) == []

    content = json.loads(record.read_text())
    assert content["home"] == "here"
    assert content["ready"] == ["one"]
    assert content["restarts"] == {"one": 0}
    assert alive(content["children"]["one"])


def test_killed_child_is_started_again(supervisor: Supervisor, record: Path) -> None:
    supervisor.start([Child(name="one", command=SLEEP, ready_line="up")])
    supervisor.wait_ready(["one"], 5)
    before = children(record)["one"]

    os.kill(before, signal.SIGKILL)
    turn_until(supervisor, lambda: children(record).get("one", before) != before)

    assert supervisor.wait_ready(["one"], 5) == []
    assert json.loads(record.read_text())["restarts"] == {"one": 1}


def test_pause_doubles_while_a_child_keeps_failing(
    supervisor: Supervisor, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor.start([Child(name="bad", command=["false"])])

    turn_until(supervisor, lambda: supervisor._all["bad"].failures == 3)

    said = capsys.readouterr().out
    assert [line.split(" in ")[1].split(" ")[0] for line in said.splitlines()] == ["0.2", "0.4", "0.8"]


def test_missing_program_is_a_failure_of_that_child_alone(
    supervisor: Supervisor, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor.start(
        [Child(name="gone", command=["/nowhere"]), Child(name="one", command=SLEEP, ready_line="up")]
    )

    assert supervisor.wait_ready(["one"], 5) == []
    assert "cannot be started" in capsys.readouterr().out


def test_run_to_end_gives_the_exit_code_and_the_output(
    supervisor: Supervisor, capsys: pytest.CaptureFixture[str]
) -> None:
    code = supervisor.run_to_end(Child(name="job", command=["sh", "-c", "echo done; exit 3"]))

    assert code == 3
    assert "| done" in capsys.readouterr().out


def test_hidden_lines_are_shown_when_the_child_ends_badly(
    supervisor: Supervisor, capsys: pytest.CaptureFixture[str]
) -> None:
    program = ["sh", "-c", "echo quiet; echo ERROR loud; sleep 0.2; exit 1"]
    supervisor.start([Child(name="srv", command=program, shown="ERROR")])

    turn_until(supervisor, lambda: supervisor._all["srv"].failures == 1)

    lines = [line.partition("| ")[2] for line in capsys.readouterr().out.splitlines()]
    assert lines[:2] == ["ERROR loud", "quiet"]


def test_stop_ends_a_child_that_ignores_the_request(supervisor: Supervisor, record: Path) -> None:
    supervisor.start([Child(name="deaf", command=STUBBORN, ready_line="up")])
    supervisor.wait_ready(["deaf"], 5)
    number = children(record)["deaf"]
    begun = time.monotonic()

    supervisor.stop()

    assert time.monotonic() - begun < 3
    assert not alive(number)
    assert not record.exists()


def test_grandchildren_end_with_their_parent(
    supervisor: Supervisor, capsys: pytest.CaptureFixture[str], record: Path
) -> None:
    supervisor.start([Child(name="family", command=PARENT, ready_line="child")])
    supervisor.wait_ready(["family"], 5)
    grandchild = int(capsys.readouterr().out.split()[-1])
    assert alive(grandchild)

    os.kill(children(record)["family"], signal.SIGKILL)
    turn_until(supervisor, lambda: supervisor._all["family"].failures == 1)

    assert wait_until("the grandchild ending", lambda: not alive(grandchild), 2)


def test_a_request_to_stop_is_heard_in_the_loop(supervisor: Supervisor) -> None:
    supervisor._ask_to_stop(signal.SIGTERM, None)
    with pytest.raises(Stopped):
        supervisor.keep_running()

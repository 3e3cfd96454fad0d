"""How a store stops, dies and refuses to start: nothing is left behind, and each refusal is one sentence."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest

from tests.stack import ROOT, Stack, free_port, wait_until


def refuse(stack: Stack, **settings: str) -> str:
    """Run `up` where it cannot start; returns the one sentence it ends with."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "up"],
        env={**stack.environment, **settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1
    assert wait_until("its processes ending", lambda: not others(stack), 6)
    return lines[0]


def others(stack: Stack) -> dict[int, str]:
    """Processes of this store apart from a supervisor the test itself keeps."""
    keep = {stack.process.pid} if stack.process is not None else set()
    return {number: command for number, command in stack.processes().items() if number not in keep}


def test_interrupt_stops_everything_within_five_seconds(unstarted: Stack) -> None:
    unstarted.start()
    assert len(unstarted.processes()) > 10

    seconds = unstarted.stop(signal.SIGINT)

    assert seconds < 5
    assert unstarted.process is not None
    assert unstarted.process.returncode == 0
    assert wait_until("no process left", lambda: not unstarted.processes(), 2)
    assert not (unstarted.home / "run" / "supervisor.json").exists()


def test_killed_supervisor_leaves_no_orphan_and_the_store_opens_again(unstarted: Stack) -> None:
    unstarted.start()
    children = unstarted.children
    os.kill(unstarted.supervisor, signal.SIGKILL)
    begun = time.monotonic()

    assert wait_until("no orphan", lambda: not others(unstarted), 6)

    assert time.monotonic() - begun < 5
    assert children
    assert unstarted.process is not None
    unstarted.process.wait()
    unstarted.log.write_text("")
    unstarted.start()
    assert unstarted.get("/healthz")[0] == 200


def test_second_up_on_the_same_home_is_refused(unstarted: Stack) -> None:
    with (unstarted.home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        sentence = refuse(unstarted)

    assert sentence == f"aisle: Aisle already runs on {unstarted.home}."


@pytest.mark.parametrize(
    ("setting", "what"), [("AISLE_PORT", "the store"), ("AISLE_MQTT_PORT", "the MQTT broker")]
)
def test_busy_port_is_one_sentence(unstarted: Stack, setting: str, what: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        sentence = refuse(unstarted, **{setting: str(port)})

    assert sentence == (
        f"aisle: Port {port} on 127.0.0.1, where {what} should listen, cannot be used (Address already in "
        f"use): stop the program that has it, or choose another with {setting}=<port>."
    )


def test_data_of_another_postgresql_is_refused(unstarted: Stack) -> None:
    data = unstarted.home / "data" / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("12\n")

    sentence = refuse(unstarted)

    assert sentence.startswith(
        f"aisle: The data in {data} was written by PostgreSQL 12, but this is PostgreSQL "
    )
    assert "AISLE_PG_BIN" in sentence
    assert (data / "PG_VERSION").read_text() == "12\n"


def test_missing_part_is_one_sentence(unstarted: Stack) -> None:
    assert refuse(unstarted, AISLE_PG_BIN="/nowhere") == (
        "aisle: AISLE_PG_BIN is /nowhere, but there is no postgres in it."
    )


@pytest.mark.parametrize(
    ("setting", "url", "shown"),
    [
        (
            "DATABASE_URL",
            "postgresql://me:secret@127.0.0.1:{port}/aisle",
            "PostgreSQL at postgresql://me:…@127",
        ),
        ("REDIS_URL", "redis://127.0.0.1:{port}/0", "Valkey or Redis at redis://127"),
        ("MQTT_URL", "mqtt://127.0.0.1:{port}", "the MQTT broker at mqtt://127"),
    ],
)
def test_given_server_that_does_not_answer_is_one_sentence(
    unstarted: Stack, setting: str, url: str, shown: str
) -> None:
    sentence = refuse(unstarted, **{setting: url.format(port=free_port())})

    assert sentence.startswith(f"aisle: {setting} names {shown}")
    assert "secret" not in sentence
    assert sentence.endswith(f"Connection refused. Start it, or unset {setting} to use the embedded one.")


@pytest.mark.parametrize("port", ["x", "0", "65536", "-1", "²"])
def test_port_that_is_none_is_one_sentence(unstarted: Stack, port: str) -> None:
    sentence = refuse(unstarted, AISLE_PORT=port)

    assert sentence == f"aisle: AISLE_PORT must be a port from 1 to 65535, not {port!r}."


@pytest.mark.skipif("DATABASE_URL" not in os.environ, reason="needs the database of `manage.py test`")
def test_missing_database_on_a_given_server_is_one_sentence(unstarted: Stack) -> None:
    url = re.sub(r"/\w+(\?|$)", r"/nothing_here\1", os.environ["DATABASE_URL"], count=1)

    sentence = refuse(unstarted, DATABASE_URL=url)

    assert sentence.endswith('which refuses us: database "nothing_here" does not exist.')

"""The embedded PostgreSQL in each of the ways it can run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.runtime import paths, postgres, process
from store.runtime.console import Failure
from tests.stack import wait_until


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short folder: pytest's own is too long for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="aisle-pg-"))
    monkeypatch.setenv("AISLE_HOME", str(folder))
    monkeypatch.delenv("AISLE_PG_AS", raising=False)
    for each in (paths.data(), paths.run()):
        paths.private_folder(each)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for each in processes:
        process.signal_group(each.pid, signal.SIGQUIT)
        each.wait(10)


def start(started: list[subprocess.Popen[bytes]]) -> postgres.Cluster:
    cluster = postgres.cluster(careless=True)
    assert cluster.prepare()
    with (paths.run() / "log").open("wb") as log:
        started.append(process.spawn(cluster.child(), log.fileno(), dict(os.environ)))
    wait_until("PostgreSQL answering", cluster.answers, 30)
    cluster.create_database()
    return cluster


@pytest.mark.parametrize("way", ["", "nobody"], ids=["namespace or ourselves", "nobody"])
def test_cluster_runs_and_is_never_root(
    home: Path, started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setenv("AISLE_PG_AS", way)
    try:
        cluster = start(started)
    except Failure as failure:
        assert str(failure).startswith("PostgreSQL does not run as root")  # noqa: PT017 - one of two right ends
        pytest.skip(str(failure))

    assert cluster.sql("SHOW unix_socket_permissions") == "0700"
    assert cluster.sql("SHOW listen_addresses") == ""
    assert cluster.sql("SELECT rolsuper FROM pg_roles WHERE rolname = 'aisle'") == "f"
    assert set(cluster.sql("SELECT extname FROM pg_extension").split()) >= {"btree_gist", "pg_trgm"}
    assert not cluster.is_migrated()
    cluster.create_database()


def test_a_first_start_cut_short_begins_again(home: Path) -> None:
    half = paths.data() / "postgres"
    (half / "base").mkdir(parents=True)

    cluster = postgres.cluster(careless=True)

    assert cluster.prepare()
    assert (half / "PG_VERSION").read_text().strip() == str(postgres.major_version(cluster.programs))
    assert not cluster.prepare()


def test_migrations_on_disk_are_those_of_every_part() -> None:
    found = postgres.migrations_on_disk()
    assert "store.0001_initial" in found
    assert "auth.0001_initial" in found
    assert len(found) == len(set(found))

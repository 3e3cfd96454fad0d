"""A clean copy of the checkout, installed and started by a user without any rights."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import ROOT, Stack, make_stack, wait_until

SYSTEM_PYTHON = "/usr/bin/python3"
USER = "nobody"


def _system_python_will_do() -> bool:
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return (
        Path(SYSTEM_PYTHON).exists()
        and subprocess.run([SYSTEM_PYTHON, "-c", check], capture_output=True, check=False).returncode == 0
    )


@pytest.fixture
def clean_copy() -> Iterator[Path]:
    """The tracked files alone, in a folder that belongs to the user."""
    folder = Path(tempfile.mkdtemp(prefix="aisle-user-"))
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in listed.decode().rstrip("\0").split("\0"):
        target = folder / "checkout" / name
        if (ROOT / name).is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)
    user = pwd.getpwnam(USER)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="the whole suite runs as an ordinary user already")
@pytest.mark.skipif(not _system_python_will_do(), reason=f"{SYSTEM_PYTHON} has no pip or is older than 3.11")
@pytest.mark.timeout(300)
def test_clean_checkout_opens_as_an_ordinary_user(clean_copy: Path) -> None:
    pattern = make_stack(AISLE_DEMO="0")
    shutil.rmtree(pattern.home)
    home = clean_copy / "home"
    stack = Stack(
        home, {**pattern.environment, "HOME": str(clean_copy), "AISLE_HOME": str(home)}, clean_copy / "log"
    )
    with stack.log.open("wb") as log:
        stack.process = subprocess.Popen(
            [SYSTEM_PYTHON, "manage.py", "up"],
            cwd=clean_copy / "checkout",
            env=stack.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            user=USER,
            group=pwd.getpwnam(USER).pw_gid,
            extra_groups=[],
        )
    begun = time.monotonic()
    try:
        wait_until(
            "the banner",
            lambda: "Aisle is open" in stack.log.read_text() or stack.process.poll() is not None,
            240,
        )
        assert stack.process.poll() is None, stack.tail()
        assert stack.get("/healthz")[0] == 200
        owners = {Path(f"/proc/{number}").stat().st_uid for number in stack.children.values()}
        assert owners == {pwd.getpwnam(USER).pw_uid}
    finally:
        seconds = stack.stop(signal.SIGINT)
    assert seconds < 5
    assert wait_until("no process left", lambda: not stack.processes(), 3)
    assert time.monotonic() - begun < 240

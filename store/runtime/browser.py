"""Chromium for the browser tests: found, installed where that is allowed, or missing with one line."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from store.runtime.console import Failure, Steps

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str:
    """The browser's program (`AISLE_CHROMIUM`, else by its usual names), or ""."""
    given = os.environ.get("AISLE_CHROMIUM")
    if given:
        return given if Path(given).exists() else ""
    return next((found for name in NAMES if (found := shutil.which(name))), "")


def required() -> bool:
    """Whether a missing browser is a failure (`AISLE_REQUIRE_BROWSER=1`) instead of skipped tests."""
    return os.environ.get("AISLE_REQUIRE_BROWSER") == "1"


def prepare(steps: Steps) -> None:
    """Make sure there is a browser, or say that its tests are left out. Raises Failure when required."""
    if not find() and os.geteuid() == 0 and shutil.which("apt-get") and not os.environ.get("AISLE_CHROMIUM"):
        steps.say("Installing chromium for the browser tests")
        _apt_install()
    if find():
        return
    missing = "there is no chromium (install it, or set AISLE_CHROMIUM to its path)"
    if required():
        raise Failure(f"AISLE_REQUIRE_BROWSER=1, but {missing}.")
    steps.say(f"Browser tests are skipped: {missing}")


def _apt_install() -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
    ):
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        if done.returncode != 0 and command[1] == "install":
            return

"""Cold and warm start: a clean clone with empty caches to the first page, then a second start.

Prints seconds to the first page, seconds to stop, and the memory of everything that runs
(proportional set size, shared pages counted once). The ratio is warm to cold of the same run.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.stack import FOREIGN, ROOT, free_port

PATIENCE_S = 300
SETTLE_S = 10


def first_page(url: str, process: subprocess.Popen[bytes]) -> float:
    """Seconds until the page answers; raises when the store gave up."""
    begun = time.monotonic()
    while time.monotonic() - begun < PATIENCE_S:
        if process.poll() is not None:
            raise SystemExit(f"the store did not open: exit code {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return time.monotonic() - begun
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise SystemExit("the store did not open in time")


def memory_mib(home: Path) -> float:
    """Proportional set size of every process of this store, in MiB."""
    mark = f"AISLE_HOME={home}".encode()
    total = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            ours = mark in (entry / "environ").read_bytes().split(b"\0")
            if not ours and str(home).encode() not in (entry / "cmdline").read_bytes():
                continue
            rollup = (entry / "smaps_rollup").read_text()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        total += int(next(line for line in rollup.splitlines() if line.startswith("Pss:")).split()[1])
    return total / 1024


def start(clone: Path, environment: dict[str, str], log: Path) -> tuple[subprocess.Popen[bytes], float]:
    with log.open("ab") as out:
        process = subprocess.Popen(
            [environment["PYTHON"], "manage.py", "up"],
            cwd=clone,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    return process, first_page(f"http://127.0.0.1:{environment['AISLE_PORT']}/sign-in/", process)


def stop(process: subprocess.Popen[bytes]) -> float:
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.wait(30)
    return time.monotonic() - begun


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="aisle-start-"))
    clone, home = folder / "aisle", folder / "home"
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    environment |= {
        "AISLE_HOME": str(home),
        "AISLE_PORT": str(free_port()),
        "AISLE_MQTT_PORT": str(free_port()),
        "UV_CACHE_DIR": str(folder / "uv-cache"),
        "PIP_CACHE_DIR": str(folder / "pip-cache"),
        "NPM_CONFIG_CACHE": str(folder / "npm-cache"),
        # The interpreter below the virtual environment: a fresh machine has no other.
        "PYTHON": os.path.realpath(sys.executable),
        "NO_COLOR": "1",
    }
    environment.pop("VIRTUAL_ENV", None)
    try:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        process, cold = start(clone, environment, folder / "log")
        time.sleep(SETTLE_S)
        memory = memory_mib(home)
        stopped = stop(process)
        process, warm = start(clone, environment, folder / "log")
        stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"cold start, clean clone to first page   {cold:7.1f} s")
    print(f"warm start                              {warm:7.1f} s   {warm / cold:.2f} of the cold one")
    print(f"stop                                    {stopped:7.1f} s")
    print(f"memory of everything, {SETTLE_S} s after start   {memory:7.0f} MiB")


if __name__ == "__main__":
    main()

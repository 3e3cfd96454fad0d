"""Makes the environment Aisle runs in: `.venv` from the hashed lock, by uv, else by venv and pip.

A stamp with the lock's hash and the Python version is written last, so that a cut-short installation
is repeated and a finished one costs nothing. Everything optional (the AWS counterpart, browser
libraries) is tried once at the same time and never fatal.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from store.runtime import extras, installers, paths
from store.runtime.console import Failure, Steps

RUNTIME_LOCK = paths.ROOT / "requirements.txt"
DEVELOPMENT_LOCK = paths.ROOT / "requirements-dev.txt"
STAMP = "aisle-stamp.json"
OFFLINE_HINT = "Is the package index reachable (PIP_INDEX_URL, proxy settings)?"


def ensure(*, development: bool = False) -> Path:
    """Return the Python that has everything the lock asks for, installing it at need.

    An active environment that already holds the locked versions is used as it is. Raises Failure.
    """
    if holds(RUNTIME_LOCK) and (not development or holds(DEVELOPMENT_LOCK)):
        return Path(sys.executable)
    python = paths.environment() / "bin" / "python"
    if _stamp_is_current(python, development=development):
        return python
    steps = Steps()
    lock = DEVELOPMENT_LOCK if development or _was_development() else RUNTIME_LOCK
    steps.say(f"Installing Aisle's environment into {paths.environment()} (once; about 20 s)")
    with ThreadPoolExecutor(max_workers=2) as pool:
        uv = installers.find_uv(steps)
        others = pool.submit(extras.install_all, uv)
        _install(uv, python, lock, steps)
        extras.compile_messages(python)
        for line in others.result():
            steps.say(line)
    _write_stamp(lock)
    steps.say("Environment ready")
    return python


def in_environment() -> bool:
    """Whether this interpreter is the one of `.venv`."""
    return Path(sys.prefix) == paths.environment()


def holds(lock: Path) -> bool:
    """Whether this interpreter is a virtual environment with every version the lock names.

    Our own `.venv` is judged by its stamp instead, which also notices a lock that was changed.
    """
    if sys.prefix == sys.base_prefix or in_environment():
        return False
    for line in lock.read_text().splitlines():
        found = re.match(r"([A-Za-z0-9._-]+)==(\S+)(.*)", line)
        if found is None or ";" in found.group(3):
            continue
        try:
            if importlib.metadata.version(found.group(1)) != found.group(2):
                return False
        except importlib.metadata.PackageNotFoundError:
            return False
    return True


def _install(uv: Path | None, python: Path, lock: Path, steps: Steps) -> None:
    _stamp_path().unlink(missing_ok=True)
    count = len(re.findall(r"^[A-Za-z0-9._-]+==", lock.read_text(), re.MULTILINE))
    if uv is not None:
        steps.say(f"Installing {count} packages")
        problem = _install_with_uv(uv, python, lock)
        if not problem:
            return
        steps.say(f"uv did not manage ({problem}); trying pip")
    steps.say(f"Installing {count} packages with pip (about a minute)")
    problem = _install_with_pip(python, lock)
    if problem:
        raise Failure(f"The packages of {lock.name} could not be installed: {problem} {OFFLINE_HINT}")


def _install_with_uv(uv: Path, python: Path, lock: Path) -> str:
    environment = installers.uv_environment()
    if not python.exists():
        made = installers.quietly(
            [uv, "venv", "--quiet", "--clear", "--python", installers.base_python(), paths.environment()],
            environment,
        )
        if made.returncode != 0:
            return installers.last_line(made.stdout)
    command: list[str | Path] = [
        uv,
        "pip",
        "install",
        "--quiet",
        "--require-hashes",
        "--compile-bytecode",
        "--python",
        python,
    ]
    done = installers.quietly([*command, "-r", lock], environment)
    return "" if done.returncode == 0 else installers.last_line(done.stdout)


def _install_with_pip(python: Path, lock: Path) -> str:
    if not python.exists():
        made = installers.quietly(
            [installers.base_python(), "-m", "venv", "--without-pip", "--clear", paths.environment()]
        )
        if made.returncode != 0:
            return installers.last_line(made.stdout)
    command: list[str | Path] = [
        installers.base_python(),
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--quiet",
        "--require-hashes",
    ]
    done = installers.quietly([*command, "--disable-pip-version-check", "-r", lock])
    return "" if done.returncode == 0 else installers.last_line(done.stdout)


def _stamp_path() -> Path:
    return paths.environment() / STAMP


def _fingerprint(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _stamp_is_current(python: Path, *, development: bool) -> bool:
    if not python.exists():
        return False
    stamp = _read_stamp()
    if stamp.get("root") != str(paths.ROOT):
        return False
    if stamp.get("development") == _fingerprint(DEVELOPMENT_LOCK):
        return stamp.get("runtime") == _fingerprint(RUNTIME_LOCK)
    return not development and stamp.get("runtime") == _fingerprint(RUNTIME_LOCK)


def _was_development() -> bool:
    return bool(_read_stamp().get("development"))


def _read_stamp() -> dict[str, str]:
    try:
        stamp = json.loads(_stamp_path().read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _write_stamp(lock: Path) -> None:
    stamp = {
        "python": sys.version.split()[0],
        "root": str(paths.ROOT),
        "runtime": _fingerprint(RUNTIME_LOCK),
        "development": _fingerprint(DEVELOPMENT_LOCK) if lock == DEVELOPMENT_LOCK else "",
    }
    _stamp_path().write_text(json.dumps(stamp, indent=1))

"""pip and uv, called so that they work on machines of all kinds."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from store.runtime import paths
from store.runtime.console import Failure, Steps

TOOLS_LOCK = paths.ROOT / "requirements-tools.txt"


def base_python() -> str:
    """The interpreter below any virtual environment: the one that has pip."""
    return getattr(sys, "_base_executable", None) or sys.executable


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for what we start: compiled modules may be written, no other interpreter's rules."""
    dropped = {"PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"}
    return {name: value for name, value in environment.items() if name not in dropped}


def find_uv(steps: Steps) -> Path | None:
    """uv of the pinned version inside `.tools`, fetched by pip at need; None when that is impossible."""
    folder = paths.tools() / "uv"
    program = folder / "bin" / "uv"
    wanted = hashlib.sha256(block(TOOLS_LOCK, "uv").encode()).hexdigest()
    mark = folder / "aisle-lock"
    if program.exists() and mark.exists() and mark.read_text() == wanted:
        return program
    steps.say("Fetching the installer (uv)")
    if not pip_target(block(TOOLS_LOCK, "uv"), folder):
        return None
    mark.write_text(wanted)
    return program if program.exists() else None


def pip_target(requirements: str, folder: Path) -> bool:
    """`pip install --target`: needs neither venv nor ensurepip, and passes PEP 668."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(requirements)
        file.flush()
        options = ["--quiet", "--disable-pip-version-check", "--no-compile", "--require-hashes"]
        done = quietly([base_python(), "-m", "pip", "install", *options, "--target", folder, "-r", file.name])
    return done.returncode == 0


def block(lock: Path, name: str) -> str:
    """The lines of one pinned requirement with its hashes."""
    text = lock.read_text()
    found = re.search(rf"^{re.escape(name)}==.*?(?=^[a-z#]|\Z)", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise Failure(f"{lock.name} does not name {name}.")
    return found.group(0)


def uv_environment() -> dict[str, str]:
    """uv ignores the system's certificates and pip's index unless it is told."""
    values = clean_environment(os.environ)
    values.setdefault("UV_SYSTEM_CERTS", "1")
    values.setdefault("UV_NATIVE_TLS", "1")
    values.setdefault("UV_NO_CONFIG", "1")
    values.setdefault("UV_PYTHON_DOWNLOADS", "never")
    if "PIP_INDEX_URL" in values:
        values.setdefault("UV_DEFAULT_INDEX", values["PIP_INDEX_URL"])
    cache = Path(values.get("XDG_CACHE_HOME") or Path(values.get("HOME", "/nonexistent"), ".cache"))
    writable = cache if cache.exists() else cache.parent
    if not os.access(writable, os.W_OK):
        values.setdefault("UV_CACHE_DIR", str(paths.tools() / "cache"))
    return values


def quietly(
    command: Sequence[str | Path], environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run an installer, keeping what it says for the case that it fails."""
    return subprocess.run(
        [str(part) for part in command],
        env=dict(environment or clean_environment(os.environ)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def last_line(output: str) -> str:
    """The last line an installer printed: usually the reason."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "no message."

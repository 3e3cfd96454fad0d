"""`lint`, `fix` and `bench`: the tools of the development lock, with the options this project uses."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from store.runtime import paths
from store.runtime.console import complain, paint, write

BOLD = 1
APPS = ("store", "pos", "fulfillment", "signage", "telemetry", "vision")


def lint(_arguments: list[str]) -> int:
    """Style, format, types and import contracts; all are run, the exit code tells whether any failed."""
    failed = [
        name
        for name, command in (
            ("ruff check", _tool("ruff", "check", ".")),
            ("ruff format", _tool("ruff", "format", "--check", ".")),
            ("mypy", _tool("mypy")),
            ("lint-imports", _tool("lint-imports", "--no-cache")),
        )
        if _call(name, command) != 0
    ]
    if failed:
        complain(f"lint: {', '.join(failed)} failed")
    return 1 if failed else 0


def fix(_arguments: list[str]) -> int:
    """Repair what can be repaired by itself."""
    first = _call("ruff check --fix", _tool("ruff", "check", "--fix", "."))
    return _call("ruff format", _tool("ruff", "format", ".")) or first


def bench(arguments: list[str]) -> int:
    """Run the benchmarks named (all when none is), each a program that prints its own lines."""
    names = arguments or [path.stem for path in sorted((paths.ROOT / "benchmarks").glob("[!_]*.py"))]
    failed = [
        name for name in names if _call(f"bench {name}", [sys.executable, "-m", f"benchmarks.{name}"]) != 0
    ]
    if not names:
        complain("bench: there are no benchmarks")
    return 1 if failed or not names else 0


def _tool(name: str, *arguments: str) -> list[str | Path]:
    return [Path(sys.executable).parent / name, *arguments]


def _call(name: str, command: Sequence[str | Path]) -> int:
    write(paint(f"── {name}", BOLD))
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "store.settings"}
    return subprocess.run(command, cwd=paths.ROOT, env=environment, check=False).returncode

"""What `manage.py` can do: our own commands here, everything else is Django's."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from store.runtime import bootstrap, extras, installers, paths, quality, testing, up
from store.runtime.console import Failure, Steps, complain, write

HELP = """\
Aisle

  manage.py up                 install, start everything, seed the demo store (AISLE_DEMO=0: without)
  manage.py test [--fast] [-- pytest options]
                               install what tests need and run them (--fast: without browser and faults)
  manage.py faults             the slow tests
  manage.py lint | fix         check / repair style, types and architecture
  manage.py bench [name …]     the measured promises (benchmarks/)
  manage.py shots [folder]     pictures of the pages, light and dark, desk and phone
  manage.py verify             the invariants of a running store
  manage.py demo NAME …        the demo's commands (orders, seed, history …)
  manage.py install            only install
  manage.py help               Django's commands
"""


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code. Failures are one sentence on standard error."""
    try:
        return _run(list(arguments))
    except Failure as failure:
        complain(f"aisle: {failure}")
        return 1
    except KeyboardInterrupt:
        return 130


def _run(arguments: list[str]) -> int:
    name = arguments[0] if arguments else "-h"
    if name in {"-h", "--help"}:
        write(HELP)
        return 0
    _enter_environment(arguments, development=name in DEVELOPMENT)
    if name in OURS:
        extras.compile_messages(Path(sys.executable))
        return OURS[name](arguments[1:])
    return _django(arguments)


def _enter_environment(arguments: list[str], *, development: bool) -> None:
    """Go on inside the environment, in this very process; returns when we are there already."""
    python = bootstrap.ensure(development=development)
    if str(python) == sys.executable or bootstrap.in_environment():
        return
    environment = installers.clean_environment(os.environ)
    command = [str(python), str(paths.ROOT / "manage.py"), *arguments]
    os.execve(python, command, environment)  # noqa: S606 - this very process goes on there


def _install(_arguments: list[str]) -> int:
    extras.install_missing(Steps())
    write("Everything is installed.")
    return 0


def _django(arguments: list[str]) -> int:
    """Hand over to Django. Imported by name: this package is importable before Django is."""
    if arguments[0] == "demo" and len(arguments) > 1:
        arguments = [f"demo_{arguments[1]}", *arguments[2:]]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "store.settings")
    for name, value in up.settings_of_running_store().items():
        os.environ.setdefault(name, value)
    management = importlib.import_module("django.core.management")
    management.execute_from_command_line([str(paths.ROOT / "manage.py"), *arguments])
    return 0


OURS: dict[str, Callable[[list[str]], int]] = {
    "up": up.main,
    "install": _install,
    "test": testing.main,
    "lint": quality.lint,
    "fix": quality.fix,
    "bench": quality.bench,
    "faults": testing.faults,
    "shots": testing.shots,
}
DEVELOPMENT = frozenset({"test", "lint", "fix", "bench", "faults", "shots"})

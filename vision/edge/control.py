"""A hand on the simulated shoppers: a small file that the simulator reads every step.

    python -m vision.edge.control --queue 9 --seconds 60
    python -m vision.edge.control --audience 4
    python -m vision.edge.control                      # back to the script

Commands: `queue` and `audience` are the people forced into these zones, `blind` names cameras that deliver
no pictures, `--enter` lets people walk in, `--garbage` sends one broken message. Without `--seconds` a
command holds until changed.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from store.runtime import paths
from vision.edge.layout import CAMERAS, DEVICE

MOST = 60


@dataclass(frozen=True, slots=True)
class Command:
    """What the operator wants; `until` is a Unix time, 0 for no end; `enter` and `garbage` count upwards."""

    queue: int = 0
    audience: int = 0
    blind: tuple[str, ...] = ()
    until: float = 0.0
    garbage: int = 0
    enter: int = 0


def default_file(device: str = DEVICE) -> Path:
    """Return where the control file of a device lies."""
    return paths.run() / f"{device}.control.json"


def read(path: Path, now: float) -> Command:
    """Return the command in force; an absent, broken or ended one is no command."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        command = Command(
            queue=min(MOST, max(0, int(data.get("queue", 0)))),
            audience=min(MOST, max(0, int(data.get("audience", 0)))),
            blind=tuple(str(code) for code in data.get("blind", ())),
            until=float(data.get("until", 0)),
            garbage=int(data.get("garbage", 0)),
            enter=int(data.get("enter", 0)),
        )
    except (OSError, ValueError, TypeError, AttributeError):
        return Command()
    if command.until and now > command.until:
        return Command(garbage=command.garbage, enter=command.enter)
    return command


def write(path: Path, command: Command) -> None:
    """Put a command in force."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.new")
    draft.write_text(json.dumps(asdict(command)), encoding="utf-8")
    draft.replace(path)


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and write the control file."""
    parser = argparse.ArgumentParser(description="Steer the simulated shoppers.")
    parser.add_argument("--file", type=Path, default=default_file())
    parser.add_argument("--queue", type=int, default=0, help="people in the queue at the tills")
    parser.add_argument("--audience", type=int, default=0, help="people in front of the entrance display")
    parser.add_argument("--blind", action="append", default=[], choices=[view.code for view in CAMERAS])
    parser.add_argument("--enter", type=int, default=0, help="people who walk in now")
    parser.add_argument("--garbage", action="store_true", help="send one broken message")
    parser.add_argument("--seconds", type=float, default=0.0)
    wanted = parser.parse_args(arguments)
    now = time.time()
    kept = read(wanted.file, now)
    write(
        wanted.file,
        Command(
            queue=wanted.queue,
            audience=wanted.audience,
            blind=tuple(wanted.blind),
            until=now + wanted.seconds if wanted.seconds else 0.0,
            garbage=kept.garbage + wanted.garbage,
            enter=kept.enter + min(MOST, max(0, wanted.enter)),
        ),
    )


if __name__ == "__main__":
    main()

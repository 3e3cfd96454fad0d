"""What a person reads while Aisle starts and runs: steps, prefixed log lines, one banner."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TextIO

COLOURS = (36, 32, 33, 35, 34, 96, 92, 93, 95, 94)
RED, GREEN, BOLD, DIM = 31, 32, 1, 2


class Failure(Exception):  # noqa: N818 - a sentence for a person, no programming error
    """Something a person has to know and can act on; the text is one clear sentence."""


def coloured(stream: TextIO = sys.stdout) -> bool:
    """Whether colours help: a terminal, and nobody asked for none (`NO_COLOR`)."""
    return stream.isatty() and "NO_COLOR" not in os.environ


def paint(text: str, colour: int, stream: TextIO = sys.stdout) -> str:
    """Wrap the text in a colour where colours help."""
    return f"\x1b[{colour}m{text}\x1b[0m" if coloured(stream) else text


def write(text: str) -> None:
    """One line to standard output; a reader that went away is no reason to stop a store."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Nobody reads any more: keep running, and keep later writes from failing again.
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - stays open for the rest of the run


def complain(text: str) -> None:
    """One line to standard error."""
    sys.stderr.write(f"{paint(text, RED, sys.stderr)}\n")
    sys.stderr.flush()


def child_line(name: str, text: str, width: int, index: int) -> None:
    """A child's log line behind its name, each child in its own colour."""
    write(f"{paint(name.ljust(width) + ' |', COLOURS[index % len(COLOURS)])} {text}")


class Steps:
    """Numbered progress: what is being done, and how long the last step took."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    def say(self, text: str) -> None:
        """Announce a step with the seconds since the start in front."""
        seconds = time.monotonic() - self._begun
        write(f"{paint(f'{seconds:6.1f} s', DIM)}  {text}")

    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._begun

"""Secrets of one installation: made once, kept in a file only its owner can read."""

from __future__ import annotations

import json
import os
import secrets as random_source
from pathlib import Path

DEMO_PREFIX = "demo-only-"


def secret_key(home: Path, given: str) -> str:
    """Return the signing key: the one given, else the one in `<home>/secrets.json`, made at need."""
    if given:
        return given
    return read(home, "secret_key")


def read(home: Path, name: str) -> str:
    """Return the secret `name` of this installation (64 hex digits), making it on first use."""
    path = home / "secrets.json"
    values = json.loads(path.read_text()) if path.exists() else {}
    if name not in values:
        home.mkdir(parents=True, exist_ok=True)
        values[name] = random_source.token_hex(32)
        _write_private(path, json.dumps(values, indent=1))
        # Another process may have written first: the file on disk decides.
        values = json.loads(path.read_text())
    return str(values[name])


def _write_private(path: Path, content: str) -> None:
    temporary = path.with_suffix(f".{os.getpid()}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)

"""The files of the media library, each stored once under the SHA-256 of its bytes."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from django.conf import settings

SUFFIXES = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
_NAME = re.compile(r"[0-9a-f]{64}")


def digest(content: bytes) -> str:
    """SHA-256 as 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


def path_of(sha256: str) -> Path:
    """Where the bytes of a piece of content lie. Raises ValueError for anything but a SHA-256."""
    if not _NAME.fullmatch(sha256):
        raise ValueError("not a SHA-256")
    return Path(settings.MEDIA_ROOT) / "signage" / sha256[:2] / sha256


def put(content: bytes) -> str:
    """Store bytes and return their SHA-256; storing the same bytes again changes nothing."""
    sha256 = digest(content)
    path = path_of(sha256)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(content)
        part.replace(path)
    return sha256

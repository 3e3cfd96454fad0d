"""Typed readers for settings that come from the environment, and nowhere else."""

from __future__ import annotations

import os
from urllib.parse import parse_qs, unquote, urlsplit


class SettingError(Exception):
    """A setting in the environment cannot be used; the text says which and why."""


def text(name: str, default: str) -> str:
    return os.environ.get(name, default)


def integer(name: str, default: int) -> int:
    """Read a whole number; raises SettingError when the text is not one."""
    raw = os.environ.get(name)
    if raw is None or raw == "":
        return default
    try:
        return int(raw)
    except ValueError as error:
        raise SettingError(f"{name} must be a whole number, not {raw!r}") from error


def boolean(name: str, *, default: bool) -> bool:
    """Read 1/0, true/false, yes/no or on/off; raises SettingError on anything else."""
    raw = os.environ.get(name)
    if raw is None or raw == "":
        return default
    lowered = raw.strip().lower()
    if lowered in {"1", "true", "yes", "on"}:
        return True
    if lowered in {"0", "false", "no", "off"}:
        return False
    raise SettingError(f"{name} must be one of 1, 0, true, false, yes, no, on, off, not {raw!r}")


def words(name: str, default: str) -> list[str]:
    """Read a comma-separated list, without empty parts."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def database(name: str, default: str) -> dict[str, object]:
    """Turn a postgresql:// URL into Django's DATABASES entry.

    Accepts a Unix socket folder as `?host=/path`. Raises SettingError for any other scheme:
    Aisle stands on PostgreSQL only.
    """
    url = os.environ.get(name) or default
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise SettingError(f"{name} must be a postgresql:// URL, not {parts.scheme or 'empty'}://")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "aisle",
        "USER": query.pop("user", unquote(parts.username or "")),
        "PASSWORD": query.pop("password", unquote(parts.password or "")),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": query.pop("port", str(parts.port or "")),
        "OPTIONS": dict(query),
    }

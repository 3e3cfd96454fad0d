"""Whether the MQTT broker can be reached from here."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache

_KEY = "store.broker"
_KEEP_S = 5
_TIMEOUT_S = 0.3
_PORTS = {"mqtt": 1883, "mqtts": 8883}


def state() -> str:
    """`online` or `offline`: a connection is opened and closed, at most once in 5 s per process."""
    known: str | None = cache.get(_KEY)
    if known is None:
        known = "online" if _answers() else "offline"
        cache.set(_KEY, known, _KEEP_S)
    return known


def _answers() -> bool:
    parts = urlsplit(settings.MQTT_URL)
    address = (parts.hostname or "127.0.0.1", parts.port or _PORTS.get(parts.scheme, 1883))
    try:
        socket.create_connection(address, timeout=_TIMEOUT_S).close()
    except OSError:
        return False
    return True

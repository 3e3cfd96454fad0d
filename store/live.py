"""Nudges to browsers: a topic's name and nothing a page could not fetch itself.

At most once: a page that missed one fetches again when it reconnects, and polls behind it.
"""

from __future__ import annotations

import functools
import json
from typing import Any

import redis
import structlog
from django.conf import settings
from django.db import transaction

log = structlog.get_logger(__name__)

CHANNEL = "aisle.live"


@functools.cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.25)


def nudge(topic: str, **data: Any) -> None:
    """Tell pages that watch `topic` to fetch again, after the transaction commits.

    Never raises: without Valkey the pages find out by polling.
    """
    message = json.dumps({"topic": topic, "data": data}, separators=(",", ":"))
    transaction.on_commit(lambda: _send(message))


def _send(message: str) -> None:
    try:
        _client().publish(CHANNEL, message)
    except redis.RedisError as error:
        log.warning("live.nudge_lost", error=str(error))

"""Is it alive, is it ready, what does it measure."""

from __future__ import annotations

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from store import access
from store.queries import link as link_queries


@access.public
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return JsonResponse({"status": "ok"})


@access.public
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers (required); Valkey answers (reported: the store sells without it)."""
    checks = {"database": _database(), "valkey": _valkey()}
    ready = checks["database"] == "ok"
    return JsonResponse(
        {"status": "ok" if ready else "not ready", "checks": checks}, status=200 if ready else 503
    )


@access.public
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text: this process's counters, and what waits in the outbox."""
    link = link_queries.status(now=timezone.now())
    age = (timezone.now() - link.oldest_at).total_seconds() if link.oldest_at else 0
    gauges = (
        f"# TYPE aisle_outbox_waiting gauge\naisle_outbox_waiting {link.waiting}\n"
        f"# TYPE aisle_outbox_oldest_seconds gauge\naisle_outbox_oldest_seconds {age:.0f}\n"
        f"# TYPE aisle_outbox_dead gauge\naisle_outbox_dead {link.dead}\n"
        f"# TYPE aisle_quarantine_waiting gauge\naisle_quarantine_waiting {link.quarantined}\n"
    )
    return HttpResponse(generate_latest() + gauges.encode(), content_type=CONTENT_TYPE_LATEST)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return "away"
    return "ok"


def _valkey() -> str:
    try:
        redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.25).ping()
    except redis.RedisError:
        return "away"
    return "ok"

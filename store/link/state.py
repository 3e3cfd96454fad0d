"""The breaker of one endpoint, shared by the threads of a process and written where every header reads it."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import datetime

import structlog
from django.utils import timezone

from store import live
from store.link.breaker import Breaker, BreakerState
from store.models import LinkState

log = structlog.get_logger(__name__)

OUT = "events"
IN = "queue"


class Endpoint:
    """Guards calls to one endpoint; the state survives a restart of the process, so that "offline 14 min"
    stays true."""

    def __init__(
        self, name: str, *, rng: random.Random | None = None, clock: Callable[[], datetime] = timezone.now
    ) -> None:
        self.name = name
        self._rng = rng or random.Random()  # noqa: S311 - jitter, no secret
        self._clock = clock
        self._lock = threading.Lock()
        self._breaker = _load(name)

    @property
    def breaker(self) -> Breaker:
        """The state now."""
        return self._breaker

    def allows(self) -> bool:
        """Say whether to try now; lets one attempt through when the wait is over."""
        with self._lock:
            now = self._clock()
            if not self._breaker.allows(now):
                return False
            if self._breaker.state is BreakerState.HALF_OPEN:
                return False
            self._set(self._breaker.attempted(now))
            return True

    def wait_seconds(self) -> float:
        """How long until the next attempt may be made."""
        retry_at = self._breaker.retry_at
        if self._breaker.state is BreakerState.CLOSED or retry_at is None:
            return 0.0
        return max(0.05, (retry_at - self._clock()).total_seconds())

    def succeeded(self) -> None:
        """The far side answered."""
        with self._lock:
            self._set(self._breaker.succeeded(self._clock()))

    def failed(self, error: str) -> None:
        """The far side did not answer."""
        with self._lock:
            self._set(self._breaker.failed(self._clock(), error, self._rng))

    def _set(self, breaker: Breaker) -> None:
        if breaker == self._breaker:
            return
        changed = breaker.state is not self._breaker.state
        self._breaker = breaker
        _save(self.name, breaker, self._clock())
        if changed and BreakerState.HALF_OPEN is not breaker.state:
            log.info("link.state", endpoint=self.name, state=breaker.state.value, error=breaker.last_error)
            live.nudge("link")


def _load(name: str) -> Breaker:
    row = LinkState.objects.filter(pk=name).first()
    if row is None or row.state == LinkState.State.CLOSED:
        return Breaker()
    return Breaker(
        state=BreakerState.OPEN,
        failures=row.failures,
        since=row.since,
        retry_at=row.retry_at,
        last_error=row.last_error,
    )


def _save(name: str, breaker: Breaker, now: datetime) -> None:
    LinkState.objects.update_or_create(
        endpoint=name,
        defaults={
            "state": breaker.state.value,
            "since": breaker.since or now,
            "failures": breaker.failures,
            "last_error": breaker.last_error,
            "retry_at": breaker.retry_at,
        },
    )

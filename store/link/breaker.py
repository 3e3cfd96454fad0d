"""A circuit breaker as a value: closed, open, half open; pure, the time is an argument."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

FIRST_RETRY_SECONDS = 0.25
RETRY_CAP_SECONDS = 300.0
# Somebody has to knock while the way is dead: a fresh alarm is to arrive within 5 s of the link's return.
PROBE_CAP_SECONDS = 4.0


class BreakerState(StrEnum):
    """CLOSED lets everything pass, OPEN nothing, HALF_OPEN one attempt."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


def full_jitter(
    attempt: int,
    rng: random.Random,
    *,
    first: float = FIRST_RETRY_SECONDS,
    cap: float = RETRY_CAP_SECONDS,
) -> timedelta:
    """Wait before retry number `attempt` (1 …): uniform in [0, min(cap, first · 2^(attempt−1))].

    Full jitter after https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/.
    """
    ceiling = min(cap, first * 2.0 ** min(attempt - 1, 32))
    return timedelta(seconds=rng.uniform(0, ceiling))


@dataclass(frozen=True, kw_only=True)
class Breaker:
    """State of one endpoint; every method returns the next state."""

    state: BreakerState = BreakerState.CLOSED
    failures: int = 0
    since: datetime | None = None
    retry_at: datetime | None = None
    last_error: str = ""

    def allows(self, now: datetime) -> bool:
        """Say whether an attempt may be made now."""
        return self.state is not BreakerState.OPEN or self.retry_at is None or now >= self.retry_at

    def attempted(self, now: datetime) -> Breaker:
        """An open breaker whose wait is over lets one attempt through."""
        if self.state is BreakerState.OPEN and self.allows(now):
            return replace(self, state=BreakerState.HALF_OPEN)
        return self

    def succeeded(self, now: datetime) -> Breaker:
        """An answer came: the way is open."""
        if self.state is BreakerState.CLOSED and self.failures == 0:
            return self if self.since else replace(self, since=now)
        return Breaker(since=now)

    def failed(self, now: datetime, error: str, rng: random.Random) -> Breaker:
        """No answer came: open the breaker; `since` stays at the first failure, so that "offline 14 min"
        is true."""
        failures = self.failures + 1
        wait = full_jitter(failures, rng, cap=PROBE_CAP_SECONDS)
        was_down = self.state is not BreakerState.CLOSED
        return Breaker(
            state=BreakerState.OPEN,
            failures=failures,
            since=self.since if was_down and self.since else now,
            retry_at=now + wait,
            last_error=error[:300],
        )

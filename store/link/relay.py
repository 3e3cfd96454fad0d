"""The relay: delivers facts inside the store and sends them to the cloud, woken by the database, swept
every second."""

from __future__ import annotations

import random
import threading
import time
import zlib
from collections.abc import Callable, Iterable
from typing import Any

import psycopg
import structlog
from django.db import DatabaseError, InterfaceError, connection

from store import live, outbox
from store.adapters.cloud import connect, loopback
from store.adapters.cloud.port import EventSink
from store.events.base import LANES
from store.link import lanes
from store.link.breaker import BreakerState
from store.link.state import OUT, Endpoint

log = structlog.get_logger(__name__)

POLL_SECONDS = 1.0
SWEEP_SECONDS = 600.0
OFFLINE_NUDGE_SECONDS = 10.0
CLOUD_LANES = tuple(lane for lane in LANES if lane != "local")
DELIVERY = "delivery"


def lock_number(lane: str) -> int:
    """The advisory lock of a lane's leader."""
    return 0x41490000_00000000 | zlib.crc32(f"aisle.relay.{lane}".encode())


class Leadership:
    """One database session that holds the lanes' locks and hears about new events.

    When the session breaks, PostgreSQL frees its locks and another relay may lead; `holds` says so at once
    here, too.
    """

    def __init__(self, lanes_wanted: Iterable[str]) -> None:
        self._wanted = tuple(lanes_wanted)
        self._held: frozenset[str] = frozenset()
        self._session: psycopg.Connection[Any] | None = None

    def holds(self, lane: str) -> bool:
        """Say whether this process leads the lane."""
        return lane in self._held

    def wait(self, seconds: float) -> bool:
        """Wait for news up to `seconds`; True when there was some. Raises psycopg.Error when the session
        broke."""
        session = self._session or self._open()
        self._claim(session)
        heard = False
        for _ in session.notifies(timeout=seconds, stop_after=1):
            heard = True
        return heard

    def close(self) -> None:
        """Give up all lanes."""
        self._held = frozenset()
        if self._session is not None:
            self._session.close()
            self._session = None

    def _open(self) -> psycopg.Connection[Any]:
        self._session = psycopg.connect(**_parameters(), autocommit=True, connect_timeout=5)
        self._session.execute(f"listen {outbox.CHANNEL}")
        return self._session

    def _claim(self, session: psycopg.Connection[Any]) -> None:
        for lane in self._wanted:
            if lane in self._held:
                continue
            row = session.execute("select pg_try_advisory_lock(%s)", [lock_number(lane)]).fetchone()
            if row and row[0]:
                self._held |= {lane}
                log.info("relay.leads", lane=lane)


def _parameters() -> dict[str, Any]:
    """Where Django's own connections go, for a session outside its pool: locks and LISTEN belong to a
    session."""
    known = connection.settings_dict
    options = {key: value for key, value in known["OPTIONS"].items() if key != "pool"}
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return options | {key: known[name] for key, name in named.items() if known[name]}


class Housekeeping:
    """Small things by the clock: headers count the minutes of an outage, the loopback forgets old
    messages."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._nudge_at = time.monotonic()
        self._sweep_at = time.monotonic()

    def maybe(self) -> None:
        """Do what is due; never raises for a database that is away."""
        now = time.monotonic()
        if now >= self._nudge_at and self._endpoint.breaker.state is not BreakerState.CLOSED:
            self._nudge_at = now + OFFLINE_NUDGE_SECONDS
            live.nudge("link")
        if now >= self._sweep_at and connect.is_loopback():
            self._sweep_at = now + SWEEP_SECONDS
            try:
                loopback.forget_old()
            except (DatabaseError, InterfaceError) as error:
                log.warning("relay.sweep_failed", error=str(error))
        connection.close()


class Relay:
    """All threads of the relay process: one hears, one delivers, one per cloud lane sends."""

    def __init__(
        self, *, sink: EventSink | None = None, only: Iterable[str] = (DELIVERY, *CLOUD_LANES)
    ) -> None:
        self._names = tuple(only)
        # One for all lanes: it is safe to share, and each client of AWS takes several MB.
        self._sink = sink if sink or self._names == (DELIVERY,) else connect.out_sink()
        self._leadership = Leadership(self._names)
        self._wakes = {name: threading.Event() for name in self._names}
        self._stopping = threading.Event()
        self._endpoint = Endpoint(OUT)
        self._housekeeping = Housekeeping(self._endpoint)

    def run(self) -> None:
        """Work until `stop`."""
        threads = [
            threading.Thread(target=self._work, args=(name,), name=f"relay-{name}", daemon=True)
            for name in self._names
        ]
        for thread in threads:
            thread.start()
        try:
            self._hear()
        finally:
            self._leadership.close()
            for wake in self._wakes.values():
                wake.set()
            for thread in threads:
                thread.join(timeout=3)

    def stop(self) -> None:
        """Stop soon; safe in a signal handler."""
        self._stopping.set()

    def _hear(self) -> None:
        while not self._stopping.is_set():
            try:
                self._leadership.wait(POLL_SECONDS)
            except psycopg.Error as error:
                log.warning("relay.session_lost", error=str(error))
                self._leadership.close()
                self._stopping.wait(POLL_SECONDS)
            self._housekeeping.maybe()
            for wake in self._wakes.values():
                wake.set()

    def _work(self, name: str) -> None:
        job = self._job(name)
        while not self._stopping.is_set():
            wake = self._wakes[name]
            wake.wait(POLL_SECONDS)
            wake.clear()
            if not self._leadership.holds(name) or self._stopping.is_set():
                continue
            try:
                while job() and not self._stopping.is_set():
                    pass
            except (DatabaseError, InterfaceError) as error:
                log.warning("relay.database_away", lane=name, error=str(error))
                self._stopping.wait(POLL_SECONDS)
            except Exception:  # a fault of ours must not end the lane: log it, go on
                log.exception("relay.failed", lane=name)
                self._stopping.wait(POLL_SECONDS)
            finally:
                connection.close()

    def _job(self, name: str) -> Callable[[], bool]:
        """One pass of a thread; True when there may be more to do at once."""
        if name == DELIVERY:
            return lambda: outbox.deliver_pending() > 0
        sink = self._sink
        assert sink is not None  # noqa: S101 - made for any lane but delivery
        rng = random.Random()  # noqa: S311 - jitter, no secret

        def send() -> bool:
            result = lanes.send_pending(lane=name, sink=sink, endpoint=self._endpoint, rng=rng)
            return result.sent > 0 and not result.is_down

        return send

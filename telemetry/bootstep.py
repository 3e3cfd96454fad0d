"""Ingest inside a Celery worker: a thread of the worker started with `-Q telemetry`."""

from __future__ import annotations

import threading

import structlog

from telemetry.ingest import make_loop

log = structlog.get_logger(__name__)

STOP_TIMEOUT_S = 10
RESTART_PAUSE_S = 2


class IngestStep:
    """Started and stopped with the worker (store/celery.py)."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="telemetry-ingest", daemon=True)

    def start(self) -> None:
        """Start the loop's thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the loop to end and wait for its last commit."""
        self._stop.set()
        self._thread.join(STOP_TIMEOUT_S)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                make_loop().run(self._stop)
            except Exception:  # a fault of ours must not end ingest: log it, start afresh
                log.exception("ingest.crashed")
                self._stop.wait(RESTART_PAUSE_S)

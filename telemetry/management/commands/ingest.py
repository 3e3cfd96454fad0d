"""`manage.py ingest`: take in what the sensors send, without Celery."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from telemetry.ingest import make_loop


class Command(BaseCommand):
    """Runs the ingest loop until it is interrupted."""

    help = "Take in what the sensors send (MQTT) and record it."
    # Checks would load every page and the API into a process that serves none.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or SIGINT."""
        stop = threading.Event()
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, lambda *_: stop.set())
        make_loop().run(stop)

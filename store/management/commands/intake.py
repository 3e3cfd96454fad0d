"""manage.py intake: take messages of the cloud into the inbox."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from store.adapters.cloud import connect
from store.link.intake import WAIT_SECONDS, IntakeLoop
from store.link.provisioner import ProvisionedQueue
from store.link.state import IN, Endpoint


class Command(BaseCommand):
    help = "Take messages from the cloud's queue into the inbox until stopped."
    # Checks would load every page and the API into a process that serves none.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--wait", type=int, default=WAIT_SECONDS, help="seconds of one long poll, at most 20"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        queue = connect.order_queue()
        if connect.is_counterpart():
            queue = ProvisionedQueue(queue)
        loop = IntakeLoop(queue, Endpoint(IN), wait_seconds=options["wait"])
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: _leave(loop))
        self.stdout.write(f"intake: messages come through {connect.describe()}")
        self.stdout.flush()
        loop.run()


def _leave(loop: IntakeLoop) -> None:
    """Stop after the current message; a long poll in flight is cut short by the exit."""
    loop.stop()
    raise SystemExit(0)

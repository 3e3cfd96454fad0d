"""manage.py relay: deliver events in the store and send them to the cloud."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from store.adapters.cloud import connect
from store.link.relay import CLOUD_LANES, DELIVERY, Relay


class Command(BaseCommand):
    help = "Deliver events inside the store and send them to the cloud until stopped."
    # Checks would load every page and the API into a process that serves none.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--lane", action="append", choices=[DELIVERY, *CLOUD_LANES], help="only these lanes"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        relay = Relay(only=options["lane"] or (DELIVERY, *CLOUD_LANES))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: relay.stop())
        self.stdout.write(f"relay: events leave through {connect.describe()}")
        self.stdout.flush()
        relay.run()

"""manage.py demo_orders: the demo's web shop, one order every 40 seconds."""

from __future__ import annotations

import random
import signal
import threading
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from fulfillment import demo
from fulfillment.models import Order
from store.adapters.cloud import connect
from store.adapters.cloud.port import LinkDownError
from store.link import provisioner
from store.models import Site

log = structlog.get_logger(__name__)

MOST_WAITING = 14
FIRST_NUMBER = 2001


class Command(BaseCommand):
    help = "Play the web shop of the demo: put real EventBridge envelopes onto the incoming bus."
    # Checks would load every page and the API into a process that serves none.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=float, default=40.0, help="seconds between two orders")
        parser.add_argument("--count", type=int, default=0, help="stop after this many orders; 0 never stops")

    def handle(self, *args: Any, **options: Any) -> None:
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        self.stdout.write(f"demo-orders: through {connect.describe()}")
        self.stdout.flush()
        rng = random.Random()
        sent = 0
        while not stopping.is_set() and (not options["count"] or sent < options["count"]):
            sent += self._try(rng)
            if options["count"] and sent >= options["count"]:
                break
            stopping.wait(max(0.05, options["every"] * rng.uniform(0.75, 1.25)))

    def _try(self, rng: random.Random) -> int:
        """Send one order; 0 when the way or the database is away, or enough orders wait for the one
        picker."""
        try:
            return self._send(rng)
        except LinkDownError as error:
            log.warning("demo_orders.link_down", error=str(error))
        except (DatabaseError, InterfaceError, Site.DoesNotExist) as error:
            log.warning("demo_orders.not_ready", error=str(error))
        finally:
            connection.close()
        return 0

    def _send(self, rng: random.Random) -> int:
        if Order.objects.filter(state="RELEASED").count() >= MOST_WAITING:
            return 0
        goods = demo.wares()
        if not goods:
            return 0
        if connect.is_counterpart():
            provisioner.set_up()
        now = timezone.now()
        entry = demo.order_entry(
            rng=rng,
            goods=goods,
            number=self._number(),
            now=now,
            due_at=now + timedelta(minutes=rng.choice((45, 60, 90, 120, 180))),
        )
        result = connect.shop_sink().put_events([entry])[0]
        log.info("demo_orders.sent", sent=result.is_sent, code=result.code)
        return int(result.is_sent)

    def _number(self) -> int:
        """The next free number of the shop; what is still on its way is not known here, so some are left
        out."""
        last = FIRST_NUMBER - 1
        for text in Order.objects.filter(source=demo.SHOP, number__startswith="W-2").values_list(
            "number", flat=True
        ):
            digits = text.removeprefix("W-")
            last = max(last, int(digits)) if digits.isdecimal() else last
        self._last = max(last, getattr(self, "_last", 0)) + 1
        return self._last

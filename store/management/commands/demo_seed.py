"""`manage.py demo_seed`: fills an empty store with the demo, or completes a demo that is there."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from importlib import import_module
from importlib.util import find_spec
from random import Random
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from store.demo import load, people, planogram
from store.demo.assortment import products
from store.demo.logins import logins
from store.demo.scale import SEED
from store.models import Site, StockLedger

DEMO_SITE = "demo"


class Command(BaseCommand):
    help = "Fill the store with the demo: site, people, devices, shelves, goods, stock, a day of history."
    # Checks would load every page and the API into a process that serves none.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help="also on a store that is not the demo")
        parser.add_argument("--print-logins", action="store_true", help="only print the logins, as JSON")
        parser.add_argument("--no-history", action="store_true", help="leave the apps' own demo data out")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["print_logins"]:
            self.stdout.write(json.dumps(logins(), ensure_ascii=False))
            return
        if not options["force"]:
            refuse_real_store()
        self.started = time.monotonic()
        self._seed_store()
        if not options["no_history"]:
            self._seed_apps()
        self._say("demo ready")

    def _seed_store(self) -> None:
        now = timezone.now()
        site = people.load_site()
        self._say(f"site {site.name}")
        self._say(f"{people.load_staff()} people added")
        self._say(f"{people.load_devices(now=now)} devices added")
        load.load_planogram()
        loaded = load.load_products(products(), now=now, places=planogram.assign(products()))
        self._say(
            f"{loaded.products} products added, {loaded.prices} prices, {loaded.stock_rows} stock counts"
        )

    def _seed_apps(self) -> None:
        for config in apps.get_app_configs():
            if config.name != "store" and find_spec(f"{config.name}.demo"):
                seed = import_module(f"{config.name}.demo").seed
                # All or nothing, so that a seed that failed half-way starts afresh next time.
                with transaction.atomic():
                    seed(now=timezone.now(), rng=Random(f"{SEED}:{config.name}"))
                self._say(str(config.verbose_name))

    def _say(self, text: str) -> None:
        self.stdout.write(f"{time.monotonic() - self.started:5.1f} s  {text}")


def refuse_real_store() -> None:
    """Raise CommandError when this database belongs to a store that is not the demo."""
    site = Site.objects.first()
    if site is not None and site.code != DEMO_SITE:
        raise CommandError(f"{site.name} is a real store: the demo is not written into it (--force does it).")
    if site is None and StockLedger.objects.filter(reason=StockLedger.Reason.SALE).exists():
        raise CommandError("This database holds sales but no demo site: refused (--force does it).")

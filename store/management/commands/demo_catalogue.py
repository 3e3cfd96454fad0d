"""`manage.py demo_catalogue --products 100000`: a large catalogue for measurements."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from store.demo import load, people, planogram
from store.demo.assortment import products
from store.demo.scale import SEED, catalogue
from store.management.commands.demo_seed import refuse_real_store

MAXIMUM = 1_000_000


class Command(BaseCommand):
    help = "Grow the demo catalogue to a number of products (the same ones for the same seed)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--products", type=int, default=100_000, help="how many (default 100000)")
        parser.add_argument("--seed", type=int, default=SEED)
        parser.add_argument("--force", action="store_true", help="also on a store that is not the demo")

    def handle(self, *args: Any, **options: Any) -> None:
        count = options["products"]
        if not 0 < count <= MAXIMUM:
            raise CommandError(f"--products must be 1 to {MAXIMUM}")
        if not options["force"]:
            refuse_real_store()
        started = time.monotonic()
        people.load_site()
        load.load_planogram()
        everything = list(catalogue(count, seed=options["seed"]))
        loaded = load.load_products(everything, now=timezone.now(), places=planogram.assign(everything))
        with connection.cursor() as cursor:
            cursor.execute("analyze store_product, store_gtin, store_price, store_stockbalance")
        seconds = time.monotonic() - started
        self.stdout.write(
            f"{loaded.products} products added ({count} wanted, {len(products())} of the demo store) "
            f"in {seconds:.1f} s"
        )

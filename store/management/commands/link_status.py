"""manage.py link_status: the link to the cloud, lane by lane."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from store.adapters.cloud import connect
from store.link import report


class Command(BaseCommand):
    help = "Show the state of the link to the cloud: breakers, what waits per lane, what is dead."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        lanes = report.lanes(now=timezone.now())
        ends = report.endpoints(now=timezone.now())
        if options["json"]:
            body = {
                "through": connect.describe(),
                "lanes": [vars(x) for x in lanes],
                "endpoints": [vars(x) for x in ends],
            }
            self.stdout.write(json.dumps(body, default=str))
            return
        self.stdout.write(f"through {connect.describe()}")
        for end in ends:
            self.stdout.write(f"{end.endpoint:<10} {end.state:<10} {end.seconds:>7} s  {end.last_error}")
        for lane in lanes:
            words = f"waiting {lane.waiting:>7}  oldest {lane.oldest_seconds:>7} s  dead {lane.dead}"
            self.stdout.write(f"{lane.lane:<10} {words}")

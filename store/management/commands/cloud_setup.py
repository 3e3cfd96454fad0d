"""manage.py cloud_setup: make buses, rules and queues in the AWS counterpart."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from store.adapters.cloud import connect
from store.adapters.cloud.port import LinkDownError
from store.link import provisioner


class Command(BaseCommand):
    help = (
        "Set up the AWS counterpart of tests and the demo. A real account is set up by deploy/cloudformation."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if connect.is_loopback():
            self.stdout.write("loopback: nothing to set up")
            return
        if not connect.is_counterpart():
            raise CommandError(
                "This is no counterpart on this machine: use deploy/cloudformation for a real account."
            )
        try:
            made = provisioner.set_up()
        except LinkDownError as error:
            raise CommandError(f"The AWS counterpart does not answer: {error}") from error
        self.stdout.write(f"in: bus {made.bus_in} -> {made.queue_url}")
        self.stdout.write(f"out: bus {made.bus_out} -> {made.out_queue_url}")

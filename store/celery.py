"""The Celery application: tasks wake and retry; records live in PostgreSQL."""

from __future__ import annotations

import os
from importlib.util import find_spec

from celery import Celery, bootsteps
from celery.signals import setup_logging
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "store.settings")

app = Celery("aisle")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "fold-stock-balances": {"task": "store.fold_balances", "schedule": 2.0},
    "prune-events": {"task": "store.prune_events", "schedule": 24 * 3600.0},
    "nightly-verify": {"task": "store.verify", "schedule": 24 * 3600.0},
}
# What each app wants done regularly stands in its tasks module as BEAT.


@app.on_after_finalize.connect
def add_app_schedules(sender: Celery, **_: object) -> None:
    """Collect `BEAT` of every app's tasks module into the schedule."""
    for name in ("pos", "fulfillment", "signage", "telemetry", "vision"):
        if find_spec(f"{name}.tasks"):
            sender.conf.beat_schedule.update(import_string(f"{name}.tasks.BEAT"))


@setup_logging.connect
def keep_django_logging(**_: object) -> None:
    """Leave logging as store.logs set it up."""


class MqttConsumers(bootsteps.StartStopStep):
    """Starts the MQTT consumers named in settings.CELERY_BOOTSTEPS inside the worker of queue `telemetry`.

    A task per MQTT message costs about 2 ms of CPU; a consumer that commits batches inside the same
    worker costs microseconds (docs/adr).
    """

    requires = {"celery.worker.components:Pool"}

    def __init__(self, worker: object, **options: object) -> None:
        super().__init__(worker, **options)
        self.consumers: list[object] = []

    def include_if(self, worker: object) -> bool:
        return "telemetry" in worker.app.amqp.queues.consume_from  # type: ignore[attr-defined]

    def start(self, worker: object) -> None:
        for path in worker.app.conf.bootsteps:  # type: ignore[attr-defined]
            consumer = import_string(path)()
            consumer.start()
            self.consumers.append(consumer)

    def stop(self, worker: object) -> None:
        for consumer in self.consumers:
            consumer.stop()  # type: ignore[attr-defined]


app.steps["worker"].add(MqttConsumers)

"""The vision application."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig


class VisionConfig(AppConfig):
    """Cameras, counts, queues."""

    name = "vision"

    def ready(self) -> None:
        if find_spec("vision.receivers"):
            import_module("vision.receivers")

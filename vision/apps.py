"""The vision application."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig


class VisionConfig(AppConfig):
    name = "vision"

    def ready(self) -> None:
        for module in ("receivers",):
            if find_spec(f"{self.name}.{module}"):
                import_module(f"{self.name}.{module}")

"""The pos application."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig


class PosConfig(AppConfig):
    name = "pos"

    def ready(self) -> None:
        for module in ("receivers",):
            if find_spec(f"{self.name}.{module}"):
                import_module(f"{self.name}.{module}")

"""The base application: site, people, devices, catalogue, stock, events, link to the cloud."""

from importlib import import_module

from django.apps import AppConfig


class StoreConfig(AppConfig):
    name = "store"
    verbose_name = "Store"

    def ready(self) -> None:
        import_module("store.checks")
        import_module("store.receivers")

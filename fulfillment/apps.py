"""Click and collect: orders from the shop become pick work, then a handover by code."""

from importlib import import_module

from django.apps import AppConfig


class FulfillmentConfig(AppConfig):
    name = "fulfillment"
    verbose_name = "Click and collect"

    def ready(self) -> None:
        import_module("store.events.fulfillment")
        import_module("fulfillment.receivers")

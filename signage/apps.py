"""Signage: what the screens show, when and why."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SignageConfig(AppConfig):
    name = "signage"
    verbose_name = _("Screens")

    def ready(self) -> None:
        """Register the receivers of events."""
        from signage import receivers  # noqa: F401, PLC0415 - receivers need loaded models

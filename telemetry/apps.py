"""The telemetry app: sensors, readings, alarms."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TelemetryConfig(AppConfig):
    """Sensors, readings and alarms of one site."""

    name = "telemetry"
    verbose_name = _("Sensors")

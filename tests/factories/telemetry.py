"""Sensors and what they send."""

from __future__ import annotations

from datetime import datetime, timedelta

import factory

from store.models import Device
from telemetry import models
from telemetry.adapters.decode import Measurement
from tests.factories.store import EPOCH, FixtureFactory


class SensorDeviceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Device
        django_get_or_create = ("code",)

    kind = Device.Kind.SENSOR
    code = "sensor-freezer-1"
    name = factory.SelfAttribute("code")
    enrolled_at = EPOCH


class SensorFactory(factory.django.DjangoModelFactory):
    """A freezer: warns above −15, alarms above −12 after a minute, clears after half a minute below −13."""

    class Meta:
        model = models.Sensor

    device = factory.SubFactory(SensorDeviceFactory)
    name = "Freezer 1"
    fixture = factory.SubFactory(FixtureFactory)
    warn_high = -15.0
    alarm_high = -12.0
    hysteresis = 1.0
    on_delay = timedelta(minutes=1)
    off_delay = timedelta(seconds=30)


def measurement(
    value: float,
    at: datetime,
    *,
    device: str = "sensor-freezer-1",
    channel: str = "temperature",
    received_at: datetime | None = None,
    flags: int = 0,
) -> Measurement:
    """A decoded message, received when it was measured unless said otherwise."""
    topic = f"store/s1/sensors/{device}/{channel}"
    payload = f'{{"value": {value}}}'.encode()
    return Measurement(device, channel, value, at, received_at or at, flags, topic, payload)

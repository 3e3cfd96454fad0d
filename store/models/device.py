"""Machines that belong to the store, each with a credential of its own that can be revoked."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class DeviceQuerySet(models.QuerySet["Device"]):
    def trusted(self) -> DeviceQuerySet:
        """Devices that were enrolled and not revoked."""
        return self.filter(enrolled_at__isnull=False, revoked_at__isnull=True)


class Device(models.Model):
    """A till, screen, sensor, gateway, edge box or picker's phone."""

    class Kind(models.TextChoices):
        TILL = "TILL", _("Till")
        DISPLAY = "DISPLAY", _("Display")
        SENSOR = "SENSOR", _("Sensor")
        GATEWAY = "GATEWAY", _("Gateway")
        EDGE = "EDGE", _("Camera box")
        PICKER = "PICKER", _("Picker's phone")

    kind = models.CharField(max_length=10, choices=Kind)
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    # SHA-256 of the token: the token has 256 random bits, so it needs no slow hash.
    token_hash = models.CharField(max_length=64, blank=True)
    certificate_fingerprint = models.CharField(max_length=64, blank=True)
    enrolled_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    attributes = models.JSONField(default=dict, blank=True)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["token_hash"], condition=~Q(token_hash=""), name="device_token_hash_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    # DRF asks the authenticated party for this.
    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def is_trusted(self) -> bool:
        return self.enrolled_at is not None and self.revoked_at is None


class EnrolmentCode(models.Model):
    """A short code that turns a browser or box into a device, once and for a short time."""

    code = models.CharField(max_length=6, unique=True)
    kind = models.CharField(max_length=10, choices=Device.Kind)
    device = models.ForeignKey(Device, null=True, blank=True, on_delete=models.CASCADE)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.code

"""Where products stand: fixtures, locations and the order in which one walks past them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Zone(models.TextChoices):
    AMBIENT = "AMBIENT", _("Ambient")
    CHILLED = "CHILLED", _("Chilled")
    FROZEN = "FROZEN", _("Frozen")


class Fixture(models.Model):
    """A shelf run, chiller, freezer or counter."""

    class Kind(models.TextChoices):
        SHELF = "SHELF", _("Shelf")
        CHILLER = "CHILLER", _("Chiller")
        FREEZER = "FREEZER", _("Freezer")
        COUNTER = "COUNTER", _("Counter")

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Kind)
    zone = models.CharField(max_length=10, choices=Zone)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Location(models.Model):
    """One place on a fixture, read aisle-bay-shelf."""

    fixture = models.ForeignKey(Fixture, on_delete=models.PROTECT, related_name="locations")
    code = models.CharField(max_length=20, unique=True)
    aisle = models.CharField(max_length=8)
    bay = models.PositiveSmallIntegerField()
    shelf = models.PositiveSmallIntegerField()
    walk_order = models.PositiveIntegerField(db_index=True)

    class Meta:
        ordering = ["walk_order"]

    def __str__(self) -> str:
        return self.code


class ProductLocation(models.Model):
    """A product stands at a location (the planogram)."""

    product = models.ForeignKey("store.Product", on_delete=models.CASCADE, related_name="places")
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="places")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "location"], name="product_location_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}@{self.location_id}"

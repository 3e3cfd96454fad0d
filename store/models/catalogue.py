"""Products, their codes and their prices over time."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeBoundary, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from store.models.planogram import Zone
from store.models.site import TaxRate


class Department(models.Model):
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    name_de = models.CharField(max_length=60, blank=True)
    sort_order = models.PositiveSmallIntegerField(default=0)
    colour = models.CharField(max_length=20, blank=True)
    icon = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["sort_order", "code"]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """Something the store sells."""

    class Unit(models.TextChoices):
        EACH = "ea", _("each")
        KILOGRAM = "kg", _("kg")

    sku = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    name_de = models.CharField(max_length=120, blank=True)
    brand = models.CharField(max_length=60, blank=True)
    size_label = models.CharField(max_length=30, blank=True)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="products")
    tax_rate = models.ForeignKey(TaxRate, on_delete=models.PROTECT, related_name="+")
    storage_zone = models.CharField(max_length=10, choices=Zone, default=Zone.AMBIENT)
    min_age = models.PositiveSmallIntegerField(null=True, blank=True)
    is_weighed = models.BooleanField(default=False)
    unit = models.CharField(max_length=2, choices=Unit, default=Unit.EACH)
    tracks_lot = models.BooleanField(default=False)
    tracks_expiry = models.BooleanField(default=False)
    allergens = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    picture = models.CharField(max_length=120, blank=True)
    plu = models.CharField(max_length=6, null=True, blank=True, unique=True)
    weight_grams = models.PositiveIntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name", "sku"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_weighed=False) | Q(unit="kg"), name="product_weighed_goods_are_sold_by_kg"
            ),
        ]
        indexes = [
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="product_name_trigram"),
            GinIndex(OpClass(Upper("name_de"), name="gin_trgm_ops"), name="product_name_de_trigram"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.size_label}".strip()


class Gtin(models.Model):
    """A barcode of a product, as canonical GTIN-14. Weighed goods use the code with the measure zeroed."""

    gtin14 = models.CharField(max_length=14, unique=True)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="gtins")
    pack_quantity = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(gtin14__regex=r"^[0-9]{14}$"), name="gtin_has_14_digits"),
            models.CheckConstraint(condition=Q(pack_quantity__gte=1), name="gtin_pack_quantity_positive"),
        ]

    def __str__(self) -> str:
        return self.gtin14


class PriceQuerySet(models.QuerySet["Price"]):
    def effective(self, at: datetime) -> PriceQuerySet:
        """Prices in force at the instant `at` (half-open: starts_at <= at < ends_at)."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), starts_at__lte=at)


class Price(models.Model):
    """What a product costs from an instant on: a ledger, never overwritten."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="prices")
    price_minor = models.BigIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField()

    objects = PriceQuerySet.as_manager()

    class Meta:
        ordering = ["product", "starts_at"]
        constraints = [
            models.CheckConstraint(condition=Q(price_minor__gte=0), name="price_not_negative"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="price_ends_after_start",
            ),
            models.UniqueConstraint(fields=["product", "version"], name="price_version_unique"),
            ExclusionConstraint(
                name="price_one_at_a_time",
                expressions=[
                    ("product", RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts_at"),
                            F("ends_at"),
                            RangeBoundary(),
                            function="TSTZRANGE",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.price_minor} v{self.version}"

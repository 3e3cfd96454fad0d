"""A product hold: one fact that till, pick list and screens obey."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from store.models.catalogue import Product
from store.models.planogram import Fixture


class ProductHoldQuerySet(models.QuerySet["ProductHold"]):
    def active(self) -> ProductHoldQuerySet:
        return self.filter(cleared_at__isnull=True)


class ProductHold(models.Model):
    """A product must not be sold, picked or advertised, for a reason, from a source."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="holds")
    fixture = models.ForeignKey(Fixture, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=200)
    source = models.CharField(max_length=40)
    source_id = models.CharField(max_length=60)
    raised_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)

    objects = ProductHoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product", "source", "source_id"],
                condition=Q(cleared_at__isnull=True),
                name="product_hold_once_per_source",
            ),
        ]
        indexes = [
            models.Index(
                fields=["product"], condition=Q(cleared_at__isnull=True), name="product_hold_active"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.reason}"

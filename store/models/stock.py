"""Stock: an append-only ledger, balances folded from it, and reservations."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from store.models.catalogue import Product


class StockLedger(models.Model):
    """One movement of one product. Rows are never changed or removed (database trigger)."""

    class Reason(models.TextChoices):
        SALE = "SALE", _("Sale")
        REFUND = "REFUND", _("Refund")
        RECEIPT = "RECEIPT", _("Goods received")
        WASTE = "WASTE", _("Waste")
        COUNT = "COUNT", _("Stock count")
        PICK = "PICK", _("Picked for an order")
        RESTOW = "RESTOW", _("Put back")

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_constraint=True)
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    reason = models.CharField(max_length=8, choices=Reason)
    source = models.CharField(max_length=40)
    source_id = models.CharField(max_length=60)
    occurred_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "source_id"], name="stock_ledger_one_row_per_source"),
            models.CheckConstraint(condition=~Q(quantity=0), name="stock_ledger_quantity_not_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.quantity:+} {self.reason}"


class StockUnfolded(models.Model):
    """Movements that are not in a balance yet. Appended with the ledger row, removed when folded.

    Sales only append, so that an article in every basket makes no two tills wait for one row.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    quantity = models.DecimalField(max_digits=12, decimal_places=3)

    def __str__(self) -> str:
        return f"{self.product_id} {self.quantity:+}"


class StockBalance(models.Model):
    """What is on hand, as far as folded: on hand = this + the unfolded movements."""

    product = models.OneToOneField(
        Product, primary_key=True, on_delete=models.CASCADE, related_name="balance"
    )
    on_hand = models.DecimalField(max_digits=14, decimal_places=3, default=0)
    safety = models.DecimalField(max_digits=12, decimal_places=3, default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(safety__gte=0), name="stock_balance_safety_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.on_hand}"


class Reservation(models.Model):
    """Units promised to somebody, until released."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    source = models.CharField(max_length=40)
    source_id = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "source_id"], name="reservation_one_per_source"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="reservation_quantity_positive"),
        ]
        indexes = [
            models.Index(fields=["product"], condition=Q(released_at__isnull=True), name="reservation_live"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.quantity} for {self.source}/{self.source_id}"

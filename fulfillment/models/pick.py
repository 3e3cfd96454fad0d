"""Pick work, scans, totes and the bins they wait in."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from fulfillment.models.order import Order, OrderLine, amount
from store.models.planogram import Zone


class PickWorkQuerySet(models.QuerySet["PickWork"]):
    def claimable(self, now: datetime) -> PickWorkQuerySet:
        """Work nobody has, or whose picker's lease ran out."""
        return self.filter(
            Q(state=PickWork.State.WAITING) | Q(state=PickWork.State.CLAIMED, lease_until__lt=now)
        )


class PickWork(models.Model):
    """The work of picking one order; claimed by one picker at a time, for the length of a lease."""

    class State(models.TextChoices):
        WAITING = "WAITING", _("Waiting")
        CLAIMED = "CLAIMED", _("Being picked")
        DONE = "DONE", _("Picked")
        STOPPED = "STOPPED", _("Stopped")

    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="work")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    picker = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = PickWorkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="CLAIMED") | Q(picker__isnull=False, lease_until__isnull=False),
                name="pick_work_claimed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(lease_until__isnull=True) | Q(lease_until__gt=F("claimed_at")),
                name="pick_work_lease_after_claim",
            ),
        ]

    def __str__(self) -> str:
        return f"pick {self.order_id}"


class PickScan(models.Model):
    """One scan of a picker; its id comes from the phone, so sending it twice has one effect and one
    answer."""

    id = models.UUIDField(primary_key=True)
    work = models.ForeignKey(PickWork, on_delete=models.CASCADE, related_name="scans")
    line = models.ForeignKey(OrderLine, on_delete=models.CASCADE, related_name="scans")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=120)
    quantity = amount()
    kilograms = amount(null=True, blank=True, default=None)
    outcome = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="PICKED", quantity__gt=0) | ~Q(outcome="PICKED") & Q(quantity=0),
                name="pick_scan_counts_only_when_accepted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.outcome}"


class StagingBin(models.Model):
    """A place where packed totes wait; a chilled or frozen one stands in a fixture."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    zone = models.CharField(max_length=10, choices=Zone)
    fixture = models.ForeignKey(
        "store.Fixture", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Tote(models.Model):
    """A box of one order and one zone, known by letter and colour."""

    code = models.CharField(max_length=20, unique=True)
    letter = models.CharField(max_length=2)
    colour = models.CharField(max_length=12)
    zone = models.CharField(max_length=10, choices=Zone)
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.SET_NULL, related_name="totes")
    bin = models.ForeignKey(StagingBin, null=True, blank=True, on_delete=models.PROTECT, related_name="totes")

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(bin__isnull=True) | Q(order__isnull=False), name="tote_in_a_bin_has_an_order"
            ),
        ]

    def __str__(self) -> str:
        return self.code

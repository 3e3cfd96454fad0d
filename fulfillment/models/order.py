"""An order, its lines and the log that explains its state."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from fulfillment.domain.commands import CommandKind, Substitution
from fulfillment.domain.handover import MAX_TRIES
from fulfillment.domain.lines import LineCounts, ShortReason
from fulfillment.domain.states import OrderState


def amount(**options: object) -> models.DecimalField:
    """A quantity in pieces, or kilograms for weighed goods."""
    return models.DecimalField(max_digits=12, decimal_places=3, **{"default": 0, **options})


class Order(models.Model):
    """One order of one shop; (source, shop_order_id) is the shop's name for it, `version` the newest one
    applied."""

    class State(models.TextChoices):
        RECEIVED = OrderState.RECEIVED.value, _("Received")
        RESERVED = OrderState.RESERVED.value, _("Reserved")
        RELEASED = OrderState.RELEASED.value, _("To pick")
        PICKING = OrderState.PICKING.value, _("Being picked")
        PICKED = OrderState.PICKED.value, _("Picked")
        STAGED = OrderState.STAGED.value, _("In the bin")
        READY = OrderState.READY.value, _("Ready")
        ARRIVED = OrderState.ARRIVED.value, _("Customer is here")
        HANDED_OVER = OrderState.HANDED_OVER.value, _("Handed over")
        HELD = OrderState.HELD.value, _("On hold")
        REJECTED = OrderState.REJECTED.value, _("Rejected")
        CANCEL_PENDING = OrderState.CANCEL_PENDING.value, _("Being stopped")
        CANCELLED = OrderState.CANCELLED.value, _("Cancelled")
        EXPIRED = OrderState.EXPIRED.value, _("Not collected")
        RESTOWING = OrderState.RESTOWING.value, _("Back to the shelf")
        CLOSED = OrderState.CLOSED.value, _("Closed")

    source = models.CharField(max_length=60)
    shop_order_id = models.CharField(max_length=50)
    number = models.CharField(max_length=40, db_index=True)
    version = models.BigIntegerField()
    state = models.CharField(max_length=16, choices=State, default=State.RECEIVED)
    state_reason = models.CharField(max_length=300, blank=True)
    customer_name = models.CharField(max_length=200, blank=True)
    customer_phone = models.CharField(max_length=200, blank=True)
    customer_email = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=200, blank=True)
    bay = models.CharField(max_length=40, blank=True)
    currency = models.CharField(max_length=3)
    is_paid = models.BooleanField(default=False)
    due_at = models.DateTimeField()
    placed_at = models.DateTimeField()
    received_at = models.DateTimeField()
    picked_at = models.DateTimeField(null=True, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    hold_until = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    handed_over_at = models.DateTimeField(null=True, blank=True)
    # The code itself is derived from this, the id and the server's key, and never stored.
    code_nonce = models.CharField(max_length=32)
    code_failures = models.PositiveSmallIntegerField(default=0)
    log_seq = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["source", "shop_order_id"], name="order_once_per_shop"),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in OrderState]), name="order_state_known"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="order_version_positive"),
            models.CheckConstraint(
                condition=Q(code_failures__lte=MAX_TRIES), name="order_code_failures_capped"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["READY", "ARRIVED", "HANDED_OVER"]) | Q(ready_at__isnull=False),
                name="order_ready_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="HANDED_OVER") | Q(handed_over_at__isnull=False),
                name="order_handed_over_has_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=~Q(state__in=["HANDED_OVER", "CLOSED", "CANCELLED", "REJECTED"]),
                name="order_live_by_due",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def order_state(self) -> OrderState:
        """The state as the rules know it."""
        return OrderState(self.state)


class OrderLine(models.Model):
    """One product of an order; every piece ordered is in exactly one column."""

    class Wish(models.TextChoices):
        NONE = Substitution.NONE.value, _("No substitute")
        LISTED = Substitution.LISTED.value, _("Listed substitutes")
        SIMILAR = Substitution.SIMILAR.value, _("Something similar")
        ASK = Substitution.ASK.value, _("Ask the customer")
        CANCEL_ORDER = Substitution.CANCEL_ORDER.value, _("Cancel the order")

    class Short(models.TextChoices):
        NOT_FOUND = ShortReason.NOT_FOUND.value, _("Not found")
        DAMAGED = ShortReason.DAMAGED.value, _("Damaged")
        EXPIRED = ShortReason.EXPIRED.value, _("Past its date")
        RESERVED_BY_POS = ShortReason.RESERVED_BY_POS.value, _("Sold at the till")
        WRONG_COUNT = ShortReason.WRONG_COUNT.value, _("Fewer than counted")
        OTHER = ShortReason.OTHER.value, _("Something else")

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    line_id = models.CharField(max_length=50)
    product = models.ForeignKey("store.Product", on_delete=models.PROTECT, related_name="+")
    unit_price_minor = models.BigIntegerField()
    substitution = models.CharField(max_length=12, choices=Wish, default=Wish.NONE)
    ordered = amount()
    open = amount()
    picked = amount()
    substituted = amount()
    short = amount()
    cancelled = amount()
    handed = amount()
    refused = amount()
    restowed = amount()
    kilograms = amount(null=True, blank=True, default=None)
    short_reason = models.CharField(max_length=16, choices=Short, blank=True)

    class Meta:
        ordering = ["order", "position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "line_id"], name="order_line_id_once"),
            models.CheckConstraint(condition=Q(ordered__gt=0), name="order_line_ordered_positive"),
            models.CheckConstraint(
                condition=Q(ordered=F("open") + F("picked") + F("substituted") + F("short") + F("cancelled")),
                name="order_line_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(picked__gte=F("handed") + F("refused") + F("restowed") - F("substituted")),
                name="order_line_gives_no_more_than_picked",
            ),
            models.CheckConstraint(
                condition=Q(
                    open__gte=0, picked__gte=0, substituted__gte=0, short__gte=0, cancelled__gte=0,
                    handed__gte=0, refused__gte=0, restowed__gte=0,
                ),
                name="order_line_no_negative_quantity",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.order_id}/{self.line_id}"

    @property
    def counts(self) -> LineCounts:
        """The quantities as a value the rules work on."""
        return LineCounts(**{name: getattr(self, name) for name in LineCounts.__dataclass_fields__})

    def take(self, counts: LineCounts) -> None:
        """Set the quantities from a value; the caller saves."""
        for name in LineCounts.__dataclass_fields__:
            setattr(self, name, getattr(counts, name))


class OrderTombstone(models.Model):
    """Something about an order that arrived before the order itself."""

    source = models.CharField(max_length=60)
    shop_order_id = models.CharField(max_length=50)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in CommandKind])
    version = models.BigIntegerField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "shop_order_id", "kind"], name="tombstone_once_per_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.source}/{self.shop_order_id} v{self.version}"


class OrderLogEntry(models.Model):
    """What happened to an order, in order, by whom; never changed (database trigger)."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="log")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=30)
    state = models.CharField(max_length=16, choices=Order.State, blank=True)
    data = models.JSONField(default=dict)
    actor = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        ordering = ["order", "seq"]
        verbose_name_plural = "order log entries"
        constraints = [models.UniqueConstraint(fields=["order", "seq"], name="order_log_seq_once")]

    def __str__(self) -> str:
        return f"{self.order_id}#{self.seq} {self.kind}"

"""Records of the till. Amounts are integers in the currency's minor unit; what is a record is never
changed."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from store.models import Device, Product, Staff


class TillSession(models.Model):
    """Who is signed in at a till with a PIN: one person at a time, kept by the server."""

    device = models.OneToOneField(Device, on_delete=models.CASCADE, related_name="till_session")
    staff = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    signed_in_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.device_id}: {self.staff_id or '-'}"


class Shift(models.Model):
    """From opening a drawer with a float to counting it. Totals are kept with every sale, so closing costs
    nothing."""

    uid = models.UUIDField(unique=True)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="shifts")
    opened_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    business_date = models.DateField()
    float_minor = models.BigIntegerField()
    receipts = models.PositiveIntegerField(default=0)
    net_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)
    rounding_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField(default=0)
    cash_minor = models.BigIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    counted_minor = models.BigIntegerField(null=True, blank=True)
    expected_minor = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["device"], condition=Q(closed_at__isnull=True), name="shift_one_open_per_till"
            ),
            models.CheckConstraint(condition=Q(float_minor__gte=0), name="shift_float_not_negative"),
            models.CheckConstraint(
                condition=Q(total_minor=F("net_minor") + F("tax_minor") + F("rounding_minor")),
                name="shift_total_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(
                    closed_at__isnull=True,
                    closed_by__isnull=True,
                    counted_minor__isnull=True,
                    expected_minor__isnull=True,
                )
                | Q(
                    closed_at__gte=F("opened_at"),
                    closed_by__isnull=False,
                    counted_minor__gte=0,
                    expected_minor=F("float_minor") + F("cash_minor"),
                ),
                name="shift_is_open_or_counted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.device_id} {self.business_date}"

    @property
    def difference_minor(self) -> int:
        """Over (positive) or short (negative) once counted."""
        return (self.counted_minor or 0) - (self.expected_minor or 0)


class Cart(models.Model):
    """A basket being scanned: the state is what the log of commands amounts to."""

    class Status(models.TextChoices):
        OPEN = "OPEN", _("Open")
        SUSPENDED = "SUSPENDED", _("On hold")
        COMPLETED = "COMPLETED", _("Paid")
        ABANDONED = "ABANDONED", _("Abandoned")

    id = models.UUIDField(primary_key=True)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+")
    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="carts")
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    version = models.PositiveIntegerField(default=0)
    state = models.JSONField()
    state_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["device"], condition=Q(status="OPEN"), name="cart_one_open_per_till"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} v{self.version}"


class CartCommand(models.Model):
    """One command in a cart's log, with the plain data it was applied to, so that the log can be run
    again."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="commands")
    number = models.PositiveIntegerField()
    command_id = models.UUIDField()
    kind = models.CharField(max_length=30)
    data = models.JSONField()
    context = models.JSONField()
    state_hash = models.CharField(max_length=64)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["cart", "number"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "number"], name="cart_command_number_unique"),
            models.UniqueConstraint(fields=["cart", "command_id"], name="cart_command_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"


class NumberSeries(models.Model):
    """The last number given at a till in a series; taken under this row's lock, so numbers have no gap."""

    class Series(models.TextChoices):
        SALE = "S", _("Sale")
        REFUND = "R", _("Refund")
        LANE = "L", _("Sale without the server")

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+")
    series = models.CharField(max_length=1, choices=Series)
    last_number = models.PositiveIntegerField(default=0)
    grand_total_minor = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "number series"
        constraints = [models.UniqueConstraint(fields=["device", "series"], name="number_series_unique")]

    def __str__(self) -> str:
        return f"{self.device_id}/{self.series}: {self.last_number}"


class Receipt(models.Model):
    """A completed sale as it was. A correction is another receipt."""

    uid = models.UUIDField(unique=True)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+")
    series = models.CharField(max_length=1, choices=NumberSeries.Series)
    number = models.PositiveIntegerField()
    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="+")
    cart = models.OneToOneField(Cart, null=True, on_delete=models.PROTECT, related_name="receipt")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    staff_name = models.CharField(max_length=60)
    business_date = models.DateField()
    completed_at = models.DateTimeField()
    currency = models.CharField(max_length=3)
    currency_exponent = models.PositiveSmallIntegerField()
    prices_include_tax = models.BooleanField()
    tax_rounding = models.CharField(max_length=10)
    pieces = models.PositiveIntegerField()
    full_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()
    rounding_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    tendered_minor = models.BigIntegerField()
    change_minor = models.BigIntegerField()
    journal_sequence = models.BigIntegerField()
    journal_hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-completed_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["device", "series", "number"], name="receipt_number_unique"),
            models.UniqueConstraint(
                fields=["device", "journal_sequence"], name="receipt_journal_record_unique"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="receipt_number_positive"),
            models.CheckConstraint(
                condition=Q(gross_minor=F("net_minor") + F("tax_minor")), name="receipt_net_and_tax_are_gross"
            ),
            models.CheckConstraint(
                condition=Q(total_minor=F("gross_minor") + F("rounding_minor")),
                name="receipt_gross_and_rounding_are_total",
            ),
            models.CheckConstraint(
                condition=Q(total_minor=F("tendered_minor") - F("change_minor")),
                name="receipt_is_paid_exactly",
            ),
            models.CheckConstraint(condition=Q(change_minor__gte=0), name="receipt_change_not_negative"),
        ]
        indexes = [models.Index(fields=["-completed_at"], name="receipt_latest")]

    def __str__(self) -> str:
        return f"{self.device_id}/{self.series}{self.number}"


class ReceiptLine(models.Model):
    """One sold line as it was: names, prices and tax of that moment."""

    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveSmallIntegerField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    sku = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    size_label = models.CharField(max_length=30)
    gtin14 = models.CharField(max_length=14)
    department = models.CharField(max_length=40)
    unit = models.CharField(max_length=2)
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    measured_by = models.CharField(max_length=8)
    lot = models.CharField(max_length=200)
    unit_price_minor = models.BigIntegerField()
    price_version = models.PositiveIntegerField()
    full_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField()
    order_discount_minor = models.BigIntegerField()
    tax_code = models.CharField(max_length=4)
    tax_percent = models.DecimalField(max_digits=6, decimal_places=3)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()

    class Meta:
        ordering = ["receipt", "number"]
        constraints = [
            models.UniqueConstraint(fields=["receipt", "number"], name="receipt_line_number_unique"),
            models.CheckConstraint(condition=~Q(quantity=0), name="receipt_line_quantity_not_zero"),
            models.CheckConstraint(
                condition=Q(gross_minor=F("net_minor") + F("tax_minor")),
                name="receipt_line_net_and_tax_are_gross",
            ),
            models.CheckConstraint(
                condition=Q(gross_minor=F("full_minor") - F("discount_minor") - F("order_discount_minor"))
                | Q(net_minor=F("full_minor") - F("discount_minor") - F("order_discount_minor")),
                name="receipt_line_discounts_add_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} {self.name}"


class ReceiptTender(models.Model):
    """Money offered for a receipt."""

    class Kind(models.TextChoices):
        CASH = "CASH", _("Cash")

    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="tenders")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    amount_minor = models.BigIntegerField()

    class Meta:
        ordering = ["receipt", "number"]
        constraints = [
            models.UniqueConstraint(fields=["receipt", "number"], name="receipt_tender_number_unique"),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="receipt_tender_not_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_minor}"


class JournalHead(models.Model):
    """The end of a till's journal; its row lock makes the order of the records."""

    device = models.OneToOneField(Device, primary_key=True, on_delete=models.PROTECT, related_name="+")
    last_sequence = models.BigIntegerField(default=0)
    last_hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.device_id}#{self.last_sequence}"


class JournalRecord(models.Model):
    """One event at a till, chained to the one before and signed (`pos.domain.journal`)."""

    class Kind(models.TextChoices):
        SIGN_IN = "SIGN_IN", _("Signed in")
        SIGN_IN_REFUSED = "SIGN_IN_REFUSED", _("Sign-in refused")
        SIGN_OUT = "SIGN_OUT", _("Signed out")
        SHIFT_OPENED = "SHIFT_OPENED", _("Till opened")
        SHIFT_CLOSED = "SHIFT_CLOSED", _("Till closed")
        SALE = "SALE", _("Sale")
        LINE_VOIDED = "LINE_VOIDED", _("Line taken off")
        DISCOUNT = "DISCOUNT", _("Discount")
        AGE_CONFIRMED = "AGE_CONFIRMED", _("Age checked")
        AGE_REFUSED = "AGE_REFUSED", _("Sale refused for age")
        HOLD_REFUSED = "HOLD_REFUSED", _("Held product refused")
        CART_ABANDONED = "CART_ABANDONED", _("Basket abandoned")

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+")
    sequence = models.BigIntegerField()
    kind = models.CharField(max_length=20, choices=Kind)
    at = models.DateTimeField()
    staff = models.CharField(max_length=40)
    data = models.JSONField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)
    signature = models.CharField(max_length=128)

    class Meta:
        ordering = ["device", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["device", "sequence"], name="journal_sequence_unique"),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="journal_sequence_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.device_id}#{self.sequence} {self.kind}"


class QueueAlert(models.Model):
    """Too many people wait: shown at the tills until the cameras say that it is over."""

    alert_id = models.UUIDField(unique=True)
    zone_name = models.CharField(max_length=80)
    length = models.PositiveIntegerField()
    tills_suggested = models.PositiveIntegerField()
    raised_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["raised_at"], condition=Q(cleared_at__isnull=True), name="queue_alert_active"
            )
        ]

    def __str__(self) -> str:
        return f"{self.zone_name}: {self.length}"

"""Messages out, messages in, and operations that happen once."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Lane(models.TextChoices):
    """A queue of its own towards the cloud, with its own order, batch and cap."""

    SALES = "sales", _("Sales")
    ORDERS = "orders", _("Orders")
    ALARMS = "alarms", _("Alarms")
    TELEMETRY = "telemetry", _("Telemetry")
    VISION = "vision", _("Camera counts")
    METRICS = "metrics", _("Metrics")
    LOCAL = "local", _("Only in the store")


class OutboxStream(models.Model):
    """The last number given in a stream; the row lock makes the order of a stream its commit order."""

    stream = models.CharField(max_length=120, primary_key=True)
    last_seq = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.stream}#{self.last_seq}"


class OutboxEvent(models.Model):
    """A fact, written in the transaction that made it true.

    `delivered_at` says that the receivers inside the store have it; `sent_at` that the cloud has it.
    """

    event_id = models.UUIDField(unique=True)
    lane = models.CharField(max_length=12, choices=Lane)
    stream = models.CharField(max_length=120)
    seq = models.BigIntegerField()
    priority = models.PositiveSmallIntegerField(default=5)
    type = models.CharField(max_length=80)
    payload = models.JSONField()
    occurred_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)
    deliver_at = models.DateTimeField()
    delivery_attempts = models.PositiveIntegerField(default=0)
    delivery_error = models.TextField(blank=True)
    available_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    dead_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stream", "seq"], name="outbox_stream_seq_unique"),
        ]
        indexes = [
            models.Index(
                fields=["stream", "seq"], condition=Q(delivered_at__isnull=True), name="outbox_undelivered"
            ),
            models.Index(
                fields=["lane", "priority", "id"],
                condition=Q(sent_at__isnull=True, dead_at__isnull=True) & ~Q(lane="local"),
                name="outbox_unsent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.stream}#{self.seq}"


class ReceiverMark(models.Model):
    """A receiver has applied an event; written in the receiver's own transaction."""

    receiver = models.CharField(max_length=80)
    event_id = models.UUIDField()
    applied_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["receiver", "event_id"], name="receiver_applies_an_event_once"),
        ]

    def __str__(self) -> str:
        return f"{self.receiver} {self.event_id}"


class InboxMessage(models.Model):
    """A message that came in, kept with its raw body; each source's message id counts once."""

    source = models.CharField(max_length=80)
    message_id = models.CharField(max_length=120)
    type = models.CharField(max_length=120)
    body = models.JSONField()
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "message_id"], name="inbox_message_once"),
            models.CheckConstraint(
                condition=Q(processed_at__isnull=True) | Q(processed_at__gte=F("received_at")),
                name="inbox_processed_after_received",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.message_id}"


class QuarantinedMessage(models.Model):
    """A message nobody could use: put aside with the reason, counted, shown, never lost."""

    channel = models.CharField(max_length=20)
    topic = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    payload = models.BinaryField()
    reason = models.CharField(max_length=300)
    count = models.PositiveIntegerField(default=1)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-last_seen_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "topic", "digest"],
                condition=Q(resolved_at__isnull=True),
                name="quarantine_one_row_per_message",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.topic}: {self.reason}"


class Operation(models.Model):
    """What a client's key did: the request's hash and the answer, stored with the effect."""

    key = models.UUIDField(primary_key=True)
    scope = models.CharField(max_length=60)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    response = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"


class LinkState(models.Model):
    """The state of one endpoint's circuit breaker, shown in every page's header."""

    class State(models.TextChoices):
        CLOSED = "CLOSED", _("connected")
        OPEN = "OPEN", _("away")
        HALF_OPEN = "HALF_OPEN", _("trying again")

    endpoint = models.CharField(max_length=60, primary_key=True)
    state = models.CharField(max_length=10, choices=State, default=State.CLOSED)
    since = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.state}"

"""Cameras, what they count, and the calls for another till. Counts only: nothing here is about a person."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from store.models import Device
from vision.domain.queueing import QueueRule, QueueWatch


class Camera(models.Model):
    """A camera, the edge box that watches it, and its latest state."""

    class State(models.TextChoices):
        UP = "UP", _("Sees")
        DOWN = "DOWN", _("No picture")
        UNKNOWN = "UNKNOWN", _("Unknown")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="cameras")
    sort_order = models.PositiveSmallIntegerField(default=0)
    plan_x = models.PositiveSmallIntegerField(default=0)
    plan_y = models.PositiveSmallIntegerField(default=0)
    plan_width = models.PositiveSmallIntegerField(default=400)
    plan_height = models.PositiveSmallIntegerField(default=300)
    state = models.CharField(max_length=8, choices=State, default=State.UNKNOWN)
    state_reason = models.CharField(max_length=200, blank=True)
    state_at = models.DateTimeField(null=True, blank=True)
    state_expires_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    fps = models.FloatField(default=0)

    class Meta:
        ordering = ["sort_order", "code"]
        constraints = [
            models.CheckConstraint(condition=Q(fps__gte=0), name="camera_fps_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name


class Scope(models.Model):
    """A line or zone on a camera's picture, and the latest number of people in it.

    `shape` is a list of [x, y] in fractions of the picture. The count runs out at `count_expires_at`:
    from then on it is unknown, not zero.
    """

    class Kind(models.TextChoices):
        LINE = "LINE", _("Line")
        QUEUE = "QUEUE", _("Queue")
        AUDIENCE = "AUDIENCE", _("Audience of a display")
        AREA = "AREA", _("Area")

    camera = models.ForeignKey(Camera, on_delete=models.CASCADE, related_name="scopes")
    code = models.SlugField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    shape = models.JSONField()
    is_entrance = models.BooleanField(_("counts who is in the store"), default=False)
    people_per_till = models.PositiveSmallIntegerField(
        _("people per open till"), default=3, validators=[MinValueValidator(1), MaxValueValidator(50)]
    )
    enter_after_s = models.PositiveSmallIntegerField(_("seconds before staff are called"), default=20)
    leave_after_s = models.PositiveSmallIntegerField(_("seconds before the call ends"), default=30)
    cool_down_s = models.PositiveSmallIntegerField(_("seconds of quiet after a call"), default=180)
    count = models.PositiveIntegerField(null=True, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)
    count_expires_at = models.DateTimeField(null=True, blank=True)
    announced_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["camera", "kind", "code"]
        constraints = [
            models.UniqueConstraint(fields=["camera", "code"], name="scope_code_unique"),
            models.CheckConstraint(condition=Q(people_per_till__gte=1), name="scope_people_per_till"),
            models.CheckConstraint(condition=~Q(code="-"), name="scope_code_is_no_placeholder"),
            models.CheckConstraint(
                condition=Q(is_entrance=False) | Q(kind="LINE"), name="scope_entrance_is_a_line"
            ),
            models.CheckConstraint(
                condition=Q(count__isnull=True) | Q(counted_at__isnull=False, count_expires_at__isnull=False),
                name="scope_count_has_times",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.camera_id} {self.name}"

    def count_now(self, now: datetime) -> int | None:
        """Return the people in the zone, or None when nobody knows any more."""
        if self.count is None or self.count_expires_at is None or self.count_expires_at <= now:
            return None
        return self.count

    @property
    def queue_rule(self) -> QueueRule:
        """Return the queue settings as the domain knows them."""
        return QueueRule(
            people_per_till=self.people_per_till,
            enter_after=timedelta(seconds=self.enter_after_s),
            leave_after=timedelta(seconds=self.leave_after_s),
            cool_down=timedelta(seconds=self.cool_down_s),
        )


class MinuteCount(models.Model):
    """One metric of one scope in one minute; the report with the highest `seq` counts. Written by SQL."""

    pk = models.CompositePrimaryKey("scope_id", "metric", "bucket", "device_id")
    # The primary key begins with the scope: no second index.
    scope = models.ForeignKey(Scope, on_delete=models.CASCADE, related_name="+", db_index=False)
    metric = models.CharField(max_length=20)
    bucket = models.DateTimeField()
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+")
    value = models.FloatField()
    coverage_s = models.FloatField()
    seq = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["bucket"], name="minute_count_bucket")]
        constraints = [
            models.CheckConstraint(condition=Q(value__gte=0), name="minute_count_not_negative"),
            models.CheckConstraint(
                condition=Q(coverage_s__gte=0, coverage_s__lte=60), name="minute_coverage_within_its_minute"
            ),
        ]


class VisionEvent(models.Model):
    """A counted event. The id is the edge's ULID, so a message stored twice is stored once."""

    id = models.CharField(max_length=26, primary_key=True)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+")
    scope = models.ForeignKey(Scope, null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=24)
    direction = models.CharField(max_length=3, blank=True)
    count = models.PositiveIntegerField(null=True)
    dwell_s = models.FloatField(null=True)
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["scope", "-at"], name="vision_event_newest"),
            models.Index(fields=["at"], name="vision_event_at"),
        ]


class DetectionSample(models.Model):
    """How many people one picture showed; kept for two hours, the places only as heat."""

    id = models.CharField(max_length=26, primary_key=True)
    camera = models.ForeignKey(Camera, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["camera", "-at"], name="detection_newest"),
            models.Index(fields=["at"], name="detection_at"),
        ]


class HeatCell(models.Model):
    """How often somebody stood in a cell of the 32×18 grid of a camera's picture, per hour."""

    pk = models.CompositePrimaryKey("camera_id", "hour", "cell")
    camera = models.ForeignKey(Camera, on_delete=models.CASCADE, related_name="+", db_index=False)
    hour = models.DateTimeField()
    cell = models.PositiveSmallIntegerField()
    hits = models.PositiveIntegerField()


class EdgeBox(models.Model):
    """What an edge box says about itself."""

    device = models.OneToOneField(Device, primary_key=True, on_delete=models.CASCADE, related_name="edge_box")
    is_online = models.BooleanField(default=False)
    session = models.CharField(max_length=26, blank=True)
    version = models.CharField(max_length=200, blank=True)
    waiting = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.device_id)


class QueueMemory(models.Model):
    """What the queue rule remembers of one queue; its row lock serialises the judgement."""

    scope = models.OneToOneField(Scope, primary_key=True, on_delete=models.CASCADE, related_name="memory")
    long_since = models.DateTimeField(null=True)
    short_since = models.DateTimeField(null=True)
    blind_since = models.DateTimeField(null=True)
    raised_at = models.DateTimeField(null=True)
    limit_when_raised = models.PositiveIntegerField(default=0)
    quiet_until = models.DateTimeField(null=True)

    def watch(self) -> QueueWatch:
        """Return the memory as the domain knows it."""
        return QueueWatch(
            self.long_since,
            self.short_since,
            self.blind_since,
            self.raised_at,
            self.limit_when_raised,
            self.quiet_until,
        )

    def take(self, watch: QueueWatch) -> None:
        """Put the domain's memory into the row (not saved)."""
        self.long_since = watch.long_since
        self.short_since = watch.short_since
        self.blind_since = watch.blind_since
        self.raised_at = watch.raised_at
        self.limit_when_raised = watch.limit_when_raised
        self.quiet_until = watch.quiet_until


class QueueAlertQuerySet(models.QuerySet["QueueAlert"]):
    def open(self) -> QueueAlertQuerySet:
        """Calls whose queue is still too long."""
        return self.filter(cleared_at__isnull=True)


class QueueAlert(models.Model):
    """A call to open another till."""

    class Reason(models.TextChoices):
        SHORT = "SHORT", _("The queue is short again")
        TILLS_OPENED = "TILLS_OPENED", _("Tills were opened")
        NO_DATA = "NO_DATA", _("The camera cannot see the queue any more")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="alerts")
    raised_at = models.DateTimeField()
    length = models.PositiveIntegerField()
    peak = models.PositiveIntegerField()
    open_tills = models.PositiveSmallIntegerField()
    tills_suggested = models.PositiveSmallIntegerField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.CharField(max_length=80, blank=True)
    acknowledged_staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    cleared_at = models.DateTimeField(null=True, blank=True)
    clear_reason = models.CharField(max_length=12, choices=Reason, blank=True)

    objects = QueueAlertQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope"], condition=Q(cleared_at__isnull=True), name="queue_alert_one_open"
            ),
            models.CheckConstraint(
                condition=Q(cleared_at__isnull=True, clear_reason="")
                | Q(cleared_at__gte=F("raised_at")) & ~Q(clear_reason=""),
                name="queue_alert_cleared_has_reason",
            ),
            models.CheckConstraint(condition=Q(peak__gte=F("length")), name="queue_alert_peak_is_most"),
        ]
        indexes = [models.Index(fields=["-raised_at"], name="queue_alert_newest")]

    def __str__(self) -> str:
        return str(self.id)


class TillState(models.Model):
    """Whether a till is open, as the tills' own events told it."""

    till = models.CharField(max_length=40, primary_key=True)
    is_open = models.BooleanField()
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.till

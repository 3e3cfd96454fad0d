"""Sensors, their readings and minutes, and the alarms on their limits."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from store.models import Device, Fixture
from telemetry.domain.alarm import Kind, State, Step
from telemetry.domain.limits import STALE_FLOOR, Limits
from telemetry.domain.reading import Quality, Range, Reason

DOOR, DEFROST = 1, 2
"""Bits of `flags`: the door stood open, a defrost was running."""


class SensorQuerySet(models.QuerySet["Sensor"]):
    def for_pages(self) -> SensorQuerySet:
        """Sensors with what every page shows of them."""
        return self.select_related("device", "fixture", "latest")


class Sensor(models.Model):
    """One series: a channel of a device, where it hangs and the limits it is watched by."""

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="sensors")
    channel = models.SlugField(_("channel"), max_length=20, default="temperature")
    name = models.CharField(_("name"), max_length=80)
    fixture = models.ForeignKey(
        Fixture, null=True, blank=True, on_delete=models.SET_NULL, related_name="sensors"
    )
    unit = models.CharField(_("unit"), max_length=8, default="°C")
    interval = models.DurationField(_("interval"), default=timedelta(seconds=5))
    range_low = models.FloatField(_("lowest possible value"), default=-60.0)
    range_high = models.FloatField(_("highest possible value"), default=80.0)
    alarm_low = models.FloatField(_("alarm below"), null=True, blank=True)
    warn_low = models.FloatField(_("warn below"), null=True, blank=True)
    warn_high = models.FloatField(_("warn above"), null=True, blank=True)
    alarm_high = models.FloatField(_("alarm above"), null=True, blank=True)
    hysteresis = models.FloatField(_("hysteresis"), default=0.5, validators=[MinValueValidator(0)])
    on_delay = models.DurationField(_("delay before an alarm"), default=timedelta(minutes=15))
    off_delay = models.DurationField(_("delay before it clears"), default=timedelta(minutes=2))
    stale_after = models.DurationField(_("silent for"), default=STALE_FLOOR)
    holds_products = models.BooleanField(_("an alarm holds the products of the fixture"), default=True)
    is_enabled = models.BooleanField(_("in use"), default=True)

    objects = SensorQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["device", "channel"], name="sensor_channel_unique"),
            models.CheckConstraint(condition=Q(range_low__lt=F("range_high")), name="sensor_range_ordered"),
            models.CheckConstraint(condition=Q(hysteresis__gte=0), name="sensor_hysteresis_positive"),
            models.CheckConstraint(
                condition=Q(warn_high__isnull=True)
                | Q(alarm_high__isnull=True)
                | Q(warn_high__lte=F("alarm_high")),
                name="sensor_high_limits_ordered",
            ),
            models.CheckConstraint(
                condition=Q(warn_low__isnull=True)
                | Q(alarm_low__isnull=True)
                | Q(alarm_low__lte=F("warn_low")),
                name="sensor_low_limits_ordered",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def limits(self) -> Limits:
        """The limits as the domain knows them."""
        return Limits(
            warn_low=self.warn_low,
            alarm_low=self.alarm_low,
            warn_high=self.warn_high,
            alarm_high=self.alarm_high,
            hysteresis=self.hysteresis,
            on_delay=self.on_delay,
            off_delay=self.off_delay,
            stale_after=self.stale_after,
        )

    @property
    def range(self) -> Range:
        """What the sensor can possibly measure."""
        return Range(self.range_low, self.range_high)


class Reading(models.Model):
    """A measured value. Written by set-based SQL only (telemetry/record.py)."""

    pk = models.CompositePrimaryKey("sensor_id", "at", "quality")
    # The primary key begins with the sensor: no second index.
    sensor = models.ForeignKey(Sensor, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    quality = models.CharField(max_length=9, choices=[(q.value, q.value) for q in Quality])
    value = models.FloatField()
    flags = models.SmallIntegerField(default=0)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quality__in=[Quality.GOOD.value, Quality.UNCERTAIN.value]),
                name="reading_quality_stored",
            ),
        ]


class MinuteRollup(models.Model):
    """The good readings of a sensor in one minute, [minute, minute + 1)."""

    pk = models.CompositePrimaryKey("sensor_id", "minute")
    sensor = models.ForeignKey(Sensor, on_delete=models.PROTECT, related_name="+", db_index=False)
    minute = models.DateTimeField()
    n = models.IntegerField()
    total = models.FloatField()
    lowest = models.FloatField()
    highest = models.FloatField()
    first_value = models.FloatField()
    first_at = models.DateTimeField()
    last_value = models.FloatField()
    last_at = models.DateTimeField()
    flags = models.SmallIntegerField(default=0)


class Latest(models.Model):
    """The newest state of a sensor by time of reading, not by arrival."""

    sensor = models.OneToOneField(Sensor, primary_key=True, on_delete=models.CASCADE, related_name="latest")
    at = models.DateTimeField(null=True)
    value = models.FloatField(null=True)
    quality = models.CharField(max_length=9, default=Quality.GOOD.value)
    flags = models.SmallIntegerField(default=0)
    received_at = models.DateTimeField(null=True)
    online = models.BooleanField(null=True)
    online_at = models.DateTimeField(null=True)
    bad_in_a_row = models.IntegerField(default=0)
    bad_count = models.BigIntegerField(default=0)


class SetAside(models.Model):
    """A reading nobody should believe: kept, counted, shown, never part of a curve or an alarm."""

    sensor = models.ForeignKey(Sensor, on_delete=models.CASCADE, related_name="set_aside")
    at = models.DateTimeField()
    reason = models.CharField(max_length=14, choices=[(r.value, r.value) for r in Reason if r])
    raw = models.CharField(max_length=80)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sensor", "at", "reason", "raw"], name="set_aside_once"),
        ]
        indexes = [models.Index(fields=["-received_at"], name="set_aside_newest")]


class AlarmQuerySet(models.QuerySet["Alarm"]):
    def open(self) -> AlarmQuerySet:
        """Alarms somebody should know of: active, or returned without having been seen."""
        return self.filter(state__in=[State.ACTIVE_UNACK, State.ACTIVE_ACK, State.LATCHED])

    def active(self) -> AlarmQuerySet:
        """Alarms whose value is still outside its limit."""
        return self.filter(state__in=[State.ACTIVE_UNACK, State.ACTIVE_ACK])


class Alarm(models.Model):
    """The present state of one limit of one sensor."""

    sensor = models.ForeignKey(Sensor, on_delete=models.CASCADE, related_name="alarms")
    kind = models.CharField(max_length=9, choices=[(k.value, k.value) for k in Kind])
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in State], default=State.NORMAL)
    changed_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    clearing_at = models.DateTimeField(null=True)
    raised_at = models.DateTimeField(null=True)
    peak = models.FloatField(null=True)
    resumes = models.CharField(max_length=12, default=State.NORMAL)
    until = models.DateTimeField(null=True)
    episode = models.UUIDField(null=True)
    due_at = models.DateTimeField(null=True)
    """When the running timer ends."""

    objects = AlarmQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sensor", "kind"], name="alarm_once_per_limit"),
            models.CheckConstraint(
                condition=~Q(state__in=[State.ACTIVE_UNACK.value, State.ACTIVE_ACK.value])
                | Q(episode__isnull=False, raised_at__isnull=False),
                name="alarm_active_has_episode",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="alarm_due"),
            models.Index(fields=["state"], condition=~Q(state=State.NORMAL.value), name="alarm_not_normal"),
        ]

    def __str__(self) -> str:
        return f"{self.sensor_id} {self.kind} {self.state}"


class AlarmTransition(models.Model):
    """Every change of an alarm's state: append-only, by trigger."""

    alarm = models.ForeignKey(Alarm, on_delete=models.PROTECT, related_name="transitions")
    episode = models.UUIDField(null=True, db_index=True)
    step = models.CharField(max_length=12, choices=[(s.value, s.value) for s in Step])
    before = models.CharField(max_length=12)
    after = models.CharField(max_length=12)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    value = models.FloatField(null=True)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    comment = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["-at"], name="alarm_transition_newest")]

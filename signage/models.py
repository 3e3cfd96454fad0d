"""Screens, what they show, when, and what they have shown."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from store.models import Device, EnrolmentCode, Product

MIN_ITEM_MS, MAX_ITEM_MS = 2_000, 3_600_000
SEEN_WITHIN = timedelta(seconds=45)


def every_weekday() -> list[int]:
    """ISO weekdays, Monday is 1."""
    return [1, 2, 3, 4, 5, 6, 7]


class Media(models.Model):
    """One piece of content, named by the SHA-256 of what it is; never changed, only replaced."""

    class Kind(models.TextChoices):
        IMAGE = "IMAGE", _("Picture")
        TEMPLATE = "TEMPLATE", _("Template")

    class Template(models.TextChoices):
        NONE = "", "—"
        PRICE = "PRICE", _("Product with its price")
        MESSAGE = "MESSAGE", _("Message")
        HOURS = "HOURS", _("Opening hours")

    sha256 = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(max_length=80)
    content_type = models.CharField(max_length=40)
    size_bytes = models.PositiveIntegerField()
    template = models.CharField(max_length=10, choices=Template, blank=True, default="")
    data = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["title"]
        verbose_name = _("media")
        verbose_name_plural = _("media")
        constraints = [
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="media_sha256_is_hex"),
            models.CheckConstraint(
                condition=Q(kind="IMAGE", template="") | (Q(kind="TEMPLATE") & ~Q(template="")),
                name="media_template_only_for_templates",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Playlist(models.Model):
    """Items in an order, shown round and round."""

    name = models.CharField(max_length=60, unique=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PlaylistItem(models.Model):
    """One place in a playlist; a price template also names the product it advertises."""

    playlist = models.ForeignKey(Playlist, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    media = models.ForeignKey(Media, on_delete=models.PROTECT, related_name="items")
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    duration_ms = models.PositiveIntegerField(
        default=10_000, validators=[MinValueValidator(MIN_ITEM_MS), MaxValueValidator(MAX_ITEM_MS)]
    )

    class Meta:
        ordering = ["playlist", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["playlist", "position"],
                name="playlist_item_position_unique",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=Q(duration_ms__gte=MIN_ITEM_MS, duration_ms__lte=MAX_ITEM_MS),
                name="playlist_item_duration_sane",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.playlist_id}:{self.position}"


class DisplayGroup(models.Model):
    """Screens that are scheduled together, such as those above the counters."""

    name = models.CharField(max_length=60, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Display(models.Model):
    """A screen: a device of the store with what it plays by default and what it last reported."""

    class Storage(models.TextChoices):
        UNKNOWN = "", _("unknown")
        WORKER = "WORKER", _("kept on the screen")
        MEMORY = "MEMORY", _("in memory only")

    device = models.OneToOneField(Device, on_delete=models.CASCADE, related_name="display")
    group = models.ForeignKey(
        DisplayGroup, null=True, blank=True, on_delete=models.SET_NULL, related_name="displays"
    )
    default_playlist = models.ForeignKey(Playlist, on_delete=models.PROTECT, related_name="default_of")
    reported_at = models.DateTimeField(null=True, blank=True)
    reported_version = models.CharField(max_length=16, blank=True)
    reported_playlist = models.CharField(max_length=60, blank=True)
    reported_title = models.CharField(max_length=140, blank=True)
    reported_media = models.CharField(max_length=64, blank=True)
    storage = models.CharField(max_length=10, choices=Storage, blank=True, default="")
    clock_offset_ms = models.IntegerField(default=0)
    waiting_plays = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["device__code"]

    def __str__(self) -> str:
        return self.device.name


class PairingOffer(models.Model):
    """A screen that shows a code and waits; its secret proves that it is the one that asked."""

    code = models.OneToOneField(EnrolmentCode, on_delete=models.CASCADE, related_name="pairing_offer")
    secret_hash = models.CharField(max_length=64, unique=True)
    collected_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.code.code


class Ladder(models.TextChoices):
    """Who beats whom; audience rules stand between normal and override."""

    NORMAL = "NORMAL", _("Normal")
    OVERRIDE = "OVERRIDE", _("Override")
    EMERGENCY = "EMERGENCY", _("Emergency")


class Scoped(models.Model):
    """Something that applies to one screen, one group, or all of them when neither is named."""

    display = models.ForeignKey(
        Display, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("Screen")
    )
    group = models.ForeignKey(
        DisplayGroup,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("Group"),
    )

    class Meta:
        abstract = True

    def applies_to(self, display: Display) -> bool:
        """Whether a screen obeys this."""
        if self.display_id:
            return self.display_id == display.pk
        return self.group_id is None or self.group_id == display.group_id


class ScheduleRule(Scoped):
    """A playlist at wall-clock times (signage/domain/schedule.py says what the times mean)."""

    class Daypart(models.TextChoices):
        ALL_DAY = "ALL_DAY", _("All day")
        MORNING = "MORNING", _("Morning, 6 to 11")
        LUNCH = "LUNCH", _("Lunch, 11 to 14")
        AFTERNOON = "AFTERNOON", _("Afternoon, 14 to 17")
        EVENING = "EVENING", _("Evening, 17 to 22")
        NIGHT = "NIGHT", _("Night, 22 to 6")
        CUSTOM = "CUSTOM", _("From … until")

    name = models.CharField(max_length=60)
    playlist = models.ForeignKey(Playlist, on_delete=models.PROTECT, related_name="rules")
    ladder = models.CharField(max_length=10, choices=Ladder, default=Ladder.NORMAL)
    priority = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(100)])
    order = models.PositiveSmallIntegerField(default=0)
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=every_weekday)
    first_on = models.DateField(null=True, blank=True)
    last_on = models.DateField(null=True, blank=True)
    daypart = models.CharField(max_length=10, choices=Daypart, default=Daypart.ALL_DAY)
    from_time = models.TimeField(null=True, blank=True)
    until_time = models.TimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["order", "name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(display__isnull=True) | Q(group__isnull=True), name="schedule_rule_one_scope"
            ),
            models.CheckConstraint(
                condition=Q(last_on__isnull=True) | Q(first_on__isnull=True) | Q(last_on__gte=F("first_on")),
                name="schedule_rule_dates_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(daypart="CUSTOM") | Q(from_time__isnull=False, until_time__isnull=False),
                name="schedule_rule_custom_has_times",
            ),
            models.CheckConstraint(
                condition=Q(weekdays__len__gte=1) & Q(weekdays__contained_by=[1, 2, 3, 4, 5, 6, 7]),
                name="schedule_rule_weekdays_iso",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TargetRule(Scoped):
    """A playlist for an audience, and the window that the last fact planned (domain/targeting.py)."""

    name = models.CharField(max_length=60)
    playlist = models.ForeignKey(Playlist, on_delete=models.PROTECT, related_name="+")
    camera = models.CharField(max_length=60)
    zone = models.CharField(max_length=60)
    at_least = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    at_most = models.PositiveSmallIntegerField(null=True, blank=True)
    enter_ms = models.PositiveIntegerField(default=500)
    leave_ms = models.PositiveIntegerField(default=2_000)
    show_ms = models.PositiveIntegerField(default=8_000, validators=[MinValueValidator(5_000)])
    cool_down_ms = models.PositiveIntegerField(default=20_000)
    priority = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(100)])
    is_active = models.BooleanField(default=True)
    true_since = models.DateTimeField(null=True, blank=True, editable=False)
    true_until = models.DateTimeField(null=True, blank=True, editable=False)
    starts_at = models.DateTimeField(null=True, blank=True, editable=False)
    ends_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    observed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["camera", "zone"], name="target_rule_zone")]
        constraints = [
            models.CheckConstraint(
                condition=Q(display__isnull=True) | Q(group__isnull=True), name="target_rule_one_scope"
            ),
            models.CheckConstraint(
                condition=Q(at_most__isnull=True) | Q(at_most__gte=F("at_least")),
                name="target_rule_count_range",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True, ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="target_rule_window",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AudienceFact(models.Model):
    """The last count of a camera zone; unknown from `expires_at` on."""

    camera = models.CharField(max_length=60)
    zone = models.CharField(max_length=60)
    count = models.PositiveIntegerField()
    observed_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["camera", "zone"], name="audience_fact_zone_unique")]

    def __str__(self) -> str:
        return f"{self.camera}/{self.zone}: {self.count}"


class Decision(models.Model):
    """Why a target rule did or did not switch, with what it knew. Never changed."""

    class Reason(models.TextChoices):
        ENTER = "ENTER", _("The audience is there: it will show")
        EXTEND = "EXTEND", _("The audience stays: it goes on")
        LEAVE = "LEAVE", _("The audience left: it ends")
        CANCEL = "CANCEL", _("Not steady: it does not show")

    rule = models.ForeignKey(TargetRule, on_delete=models.CASCADE, related_name="decisions")
    reason = models.CharField(max_length=10, choices=Reason)
    count = models.PositiveIntegerField()
    observed_at = models.DateTimeField()
    decided_at = models.DateTimeField()
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-decided_at", "-pk"]
        indexes = [models.Index(fields=["rule", "-decided_at"], name="decision_by_rule")]

    def __str__(self) -> str:
        return f"{self.rule_id}: {self.reason}"


class Play(models.Model):
    """Proof of play: one showing of one item, known by the id the screen gave it before showing it."""

    id = models.UUIDField(primary_key=True)
    display = models.ForeignKey(Display, on_delete=models.CASCADE, related_name="plays")
    seq = models.PositiveBigIntegerField()
    playlist = models.CharField(max_length=60)
    title = models.CharField(max_length=140)
    media = models.CharField(max_length=64)
    cause = models.CharField(max_length=10)
    cause_id = models.BigIntegerField(null=True)
    product = models.ForeignKey(Product, null=True, on_delete=models.SET_NULL, related_name="+")
    price_version = models.PositiveIntegerField(null=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    complete = models.BooleanField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["-started_at"]
        indexes = [
            models.Index(fields=["display", "-started_at"], name="play_by_display"),
            models.Index(fields=["-started_at"], name="play_by_time"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ended_at__gte=F("started_at")), name="play_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.started_at}"


class PlayCount(models.Model):
    """Plays per screen, content and UTC day: written only from plays that were new."""

    display = models.ForeignKey(Display, on_delete=models.CASCADE, related_name="+")
    media = models.CharField(max_length=64)
    day = models.DateField()
    plays = models.PositiveIntegerField()
    shown_ms = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["display", "media", "day"], name="play_count_once_per_day"),
        ]

    def __str__(self) -> str:
        return f"{self.display_id} {self.day}: {self.plays}"

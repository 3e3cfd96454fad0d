"""Forms of the sensor pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from telemetry.domain.limits import Limits, check
from telemetry.models import Sensor
from telemetry.services.alarms import MAX_COMMENT

LIMIT_FIELDS = ("alarm_low", "warn_low", "warn_high", "alarm_high")
DELAY_FIELDS = ("on_delay", "off_delay", "stale_after")
PROBLEMS = {
    ("warn_low", "below_alarm"): _("The warning must not lie below the alarm."),
    ("warn_low", "crossed"): _("The lower limits must lie below the upper ones."),
    ("warn_high", "above_alarm"): _("The warning must not lie above the alarm."),
    ("alarm_high", "none"): _("Set at least one limit."),
    ("hysteresis", "too_wide"): _("Wider than the band between the limits: the alarm could never clear."),
    ("hysteresis", "negative"): _("Must not be negative."),
}


class MinutesField(forms.FloatField):
    """A duration that people enter in minutes."""

    def __init__(self, **options: Any) -> None:
        """At most a day; half minutes are possible."""
        super().__init__(min_value=0, max_value=1440, **options)
        self.widget.attrs.update({"step": "any", "inputmode": "decimal"})

    def prepare_value(self, value: Any) -> Any:
        """Show a timedelta as minutes."""
        if isinstance(value, timedelta):
            minutes = value.total_seconds() / 60
            return int(minutes) if minutes.is_integer() else round(minutes, 2)
        return value

    def clean(self, value: Any) -> timedelta | None:  # type: ignore[override]
        """Minutes to timedelta."""
        minutes = super().clean(value)
        return None if minutes is None else timedelta(minutes=minutes)


class LimitsForm(forms.ModelForm):
    """The limits of a sensor; refuses what makes no sense and says at which field."""

    on_delay = MinutesField(label=_("Alarm after (minutes)"))
    off_delay = MinutesField(label=_("Clear after (minutes)"))
    stale_after = MinutesField(label=_("No data after (minutes)"))

    class Meta:
        model = Sensor
        fields = ["name", *LIMIT_FIELDS, "hysteresis", *DELAY_FIELDS, "holds_products", "is_enabled"]
        labels = {
            "alarm_low": _("Alarm below"),
            "warn_low": _("Warn below"),
            "warn_high": _("Warn above"),
            "alarm_high": _("Alarm above"),
            "hysteresis": _("Hysteresis (K)"),
            "holds_products": _("An alarm holds the products of this unit"),
            "is_enabled": _("In use"),
        }
        help_texts = {"hysteresis": _("How far the value must come back before the alarm clears.")}

    def clean(self) -> dict[str, Any]:
        """Check the limits against each other and against what the sensor can measure."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        for name in LIMIT_FIELDS:
            value = cleaned.get(name)
            if value is not None and not self.instance.range_low <= value <= self.instance.range_high:
                self.add_error(name, _("This sensor cannot measure that."))
        limits = Limits(**{name: cleaned.get(name) for name in (*LIMIT_FIELDS, "hysteresis", *DELAY_FIELDS)})
        for problem in check(limits):
            self.add_error(problem.field, PROBLEMS[problem.field, problem.code])
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # The constraints of the table say the same as `check`, but not at the field.
        return super()._get_validation_exclusions() | set(LIMIT_FIELDS)


class AcknowledgeForm(forms.Form):
    """What somebody says who has seen an alarm."""

    comment = forms.CharField(
        label=_("What was done"), max_length=MAX_COMMENT, required=False, widget=forms.Textarea({"rows": 2})
    )

"""Forms of the screens' pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from signage.models import MAX_ITEM_MS, MIN_ITEM_MS, Display, DisplayGroup, Playlist, ScheduleRule, TargetRule
from store.models import Device
from store.templatetags.ui import given

WEEKDAYS = (
    (1, _("Mon")),
    (2, _("Tue")),
    (3, _("Wed")),
    (4, _("Thu")),
    (5, _("Fri")),
    (6, _("Sat")),
    (7, _("Sun")),
)


class ScopeField(forms.ChoiceField):
    """All screens, one group, or one screen."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=self.options, label=_("Where"), initial="all", **kwargs)

    @staticmethod
    def options() -> list[tuple[str, Any]]:
        """The choices as they are now."""
        groups = [(f"group:{group.pk}", group.name) for group in DisplayGroup.objects.all()]
        screens = [
            (f"display:{each.pk}", given(each.device.name))
            for each in Display.objects.select_related("device")
        ]
        return [("all", _("All screens")), (_("Groups"), groups), (_("Screens"), screens)]


def scope_of(rule: ScheduleRule | TargetRule) -> str:
    """The choice that stands for a rule's scope."""
    if rule.display_id:
        return f"display:{rule.display_id}"
    return f"group:{rule.group_id}" if rule.group_id else "all"


class ScopedForm(forms.ModelForm):
    """A rule with one field for where it applies."""

    scope = ScopeField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["scope"] = scope_of(self.instance)

    def _post_clean(self) -> None:
        kind, _colon, number = self.cleaned_data.get("scope", "all").partition(":")
        self.instance.display_id = int(number) if kind == "display" else None
        self.instance.group_id = int(number) if kind == "group" else None
        super()._post_clean()


class RuleForm(ScopedForm):
    """When a playlist plays."""

    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days"),
        coerce=int,
        choices=WEEKDAYS,
        widget=forms.CheckboxSelectMultiple,
        initial=[1, 2, 3, 4, 5, 6, 7],
        error_messages={"required": _("Choose at least one day.")},
    )

    class Meta:
        model = ScheduleRule
        fields = [
            "name",
            "playlist",
            "scope",
            "weekdays",
            "daypart",
            "from_time",
            "until_time",
            "first_on",
            "last_on",
            "ladder",
            "priority",
            "is_active",
        ]
        labels = {
            "name": _("Name"),
            "playlist": _("Playlist"),
            "daypart": _("Time of day"),
            "from_time": _("From"),
            "until_time": _("Until"),
            "first_on": _("First day"),
            "last_on": _("Last day"),
            "ladder": _("Rank"),
            "priority": _("Priority"),
            "is_active": _("In force"),
        }
        help_texts = {
            "until_time": _("Earlier than the start means the next morning; the same time means 24 hours."),
            "ladder": _("Emergency beats override, override beats audience rules, these beat normal."),
            "priority": _("0 to 100; inside one rank the higher number wins."),
        }
        widgets = {
            "from_time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "until_time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "first_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "last_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def clean(self) -> dict[str, Any]:
        """Own times belong to "From … until"; the last day is not before the first."""
        data = super().clean() or {}
        if data.get("daypart") == ScheduleRule.Daypart.CUSTOM:
            for name in ("from_time", "until_time"):
                if data.get(name) is None and name not in self.errors:
                    self.add_error(name, ValidationError(_("Give a time."), code="required"))
        first, last = data.get("first_on"), data.get("last_on")
        if first and last and last < first:
            self.add_error("last_on", ValidationError(_("The last day lies before the first."), code="order"))
        return data


class TargetForm(ScopedForm):
    """Which playlist an audience gets."""

    class Meta:
        model = TargetRule
        fields = [
            "name",
            "playlist",
            "scope",
            "camera",
            "zone",
            "at_least",
            "at_most",
            "enter_ms",
            "leave_ms",
            "show_ms",
            "cool_down_ms",
            "priority",
            "is_active",
        ]
        labels = {
            "name": _("Name"),
            "playlist": _("Playlist"),
            "camera": _("Camera"),
            "zone": _("Zone"),
            "at_least": _("At least so many persons"),
            "at_most": _("At most"),
            "enter_ms": _("Steady for (ms) before it shows"),
            "leave_ms": _("Gone for (ms) before it ends"),
            "show_ms": _("Shows at least (ms)"),
            "cool_down_ms": _("Pause afterwards (ms)"),
            "priority": _("Priority"),
            "is_active": _("In force"),
        }

    def clean(self) -> dict[str, Any]:
        """The upper limit is not below the lower one."""
        data = super().clean() or {}
        low, high = data.get("at_least"), data.get("at_most")
        if low is not None and high is not None and high < low:
            self.add_error("at_most", ValidationError(_("This is less than the lower limit."), code="order"))
        return data


class PairForm(forms.Form):
    """The code a screen shows, and which screen it is to be."""

    code = forms.CharField(
        label=_("Code on the screen"),
        min_length=6,
        max_length=6,
        strip=True,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    display = forms.ChoiceField(label=_("Which screen is it?"), choices=lambda: PairForm.screens())  # noqa: PLW0108 - the class is not there yet
    name = forms.CharField(
        label=_("Name of the new screen"),
        max_length=80,
        required=False,
        help_text=_("Only for a new screen."),
    )

    @staticmethod
    def screens() -> list[tuple[str, Any]]:
        """The store's screens, and a new one."""
        known = [
            (each.device.code, f"{given(each.device.name)} ({each.device.code})")
            for each in Display.objects.select_related("device")
        ]
        return [*known, ("new", _("A new screen"))]

    def clean(self) -> dict[str, Any]:
        """A new screen needs a name."""
        data = super().clean() or {}
        if data.get("display") == "new" and not data.get("name"):
            self.add_error("name", ValidationError(_("Give the new screen a name."), code="required"))
        return data


class PlaylistForm(forms.ModelForm):
    """A playlist's name."""

    class Meta:
        model = Playlist
        fields = ["name"]
        labels = {"name": _("Name")}


class DurationForm(forms.Form):
    """How long an item shows."""

    seconds = forms.DecimalField(
        label=_("Seconds"), min_value=MIN_ITEM_MS // 1000, max_value=MAX_ITEM_MS // 1000, decimal_places=1
    )


class ItemForm(forms.Form):
    """What to add to a playlist: a piece of content, or a product (then the price template)."""

    media = forms.IntegerField(required=False)
    product = forms.IntegerField(required=False)


class MessageForm(forms.Form):
    """Words for a screen."""

    headline = forms.CharField(label=_("Headline"), max_length=60)
    text = forms.CharField(label=_("Text"), max_length=140, required=False)
    tone = forms.ChoiceField(
        label=_("Colour"),
        choices=(("blue", _("Blue")), ("green", _("Green")), ("amber", _("Amber")), ("red", _("Red"))),
    )


class WhenForm(forms.Form):
    """An instant of the store's clock."""

    at = forms.DateTimeField(required=False, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


def next_display_code() -> str:
    """The first free code for a new screen: `display-5`."""
    taken = set(Device.objects.filter(code__startswith="display-").values_list("code", flat=True))
    number = 1
    while f"display-{number}" in taken:
        number += 1
    return f"display-{number}"

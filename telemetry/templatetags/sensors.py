"""How temperatures and states are written."""

from __future__ import annotations

from django import template
from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from telemetry.queries.overview import Health

register = template.Library()

MINUS = "\N{MINUS SIGN}"
STATES: dict[Health, tuple[str, str, str | Promise]] = {
    Health.ALARM: ("danger", "alarm", _("Alarm")),
    Health.WARNING: ("warning", "bell", _("Warning")),
    Health.NO_DATA: ("muted", "offline", _("No data")),
    Health.RETURNED: ("info", "undo", _("Was in alarm")),
    Health.MUTED: ("muted", "bell-off", _("Not in use")),
    Health.OK: ("ok", "check", _("OK")),
}
REASONS: dict[str, str | Promise] = {
    "NOT_A_NUMBER": _("Not a number"),
    "PROBE_FAULT": _("Probe fault"),
    "ABSURD": _("Impossible value"),
    "JUMP": _("Impossible jump"),
    "TOO_OLD": _("Clock is wrong"),
}


@register.filter
def degrees(value: float | None) -> str:
    """A value with one decimal in the reader's language and a real minus sign; a dash for None."""
    if value is None:
        return "–"
    return formats.number_format(round(value, 1) + 0.0, 1).replace("-", MINUS)


@register.filter
def health_kind(health: Health) -> str:
    """The kind of badge or tile for a state."""
    return STATES[health][0]


@register.filter
def health_icon(health: Health) -> str:
    """The symbol of a state."""
    return STATES[health][1]


@register.filter
def health_word(health: Health) -> str | Promise:
    """The word for a state."""
    return STATES[health][2]


@register.filter
def reason_words(reason: str) -> str | Promise:
    """Why a reading was kept aside."""
    return REASONS.get(reason, reason)

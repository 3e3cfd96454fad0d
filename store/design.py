"""The page that shows every component in every state, in both themes; it is also the accessibility test."""

from __future__ import annotations

import math
import re
from functools import cache
from pathlib import Path
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from store import access

SPRITE = Path(__file__).parent / "static/store/icons/sprite.svg"
HOURS = 24
DEFROST = range(60, 66)
TOKENS = (
    ("bg", "surface", "surface-2", "text", "muted", "border", "line"),
    ("primary", "ok", "danger", "warning", "warning-bg", "selected", "focus"),
)


class SpecimenForm(forms.Form):
    """One field of each kind; bound with nothing it shows its errors."""

    name = forms.CharField(label=_("Name on receipts"), help_text=_("As customers read it."))
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    zone = forms.ChoiceField(
        label=_("Storage zone"), choices=[("A", _("Ambient")), ("C", _("Chilled")), ("F", _("Frozen"))]
    )


@cache
def icon_names() -> tuple[str, ...]:
    """Names of all icons in the sprite, in its order."""
    return tuple(re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text(encoding="utf-8")))


def _chart(now: float) -> dict[str, Any]:
    """A day of freezer temperatures with a defrost in it: a wave, not data of a store."""
    start = now - HOURS * 3600
    x = [round(start + minute * 600) for minute in range(HOURS * 6)]
    values = [round(-19.4 + 0.8 * math.sin(i / 5) + (6 if i in DEFROST else 0), 1) for i in range(len(x))]
    return {
        "x": x,
        "series": [{"label": str(_("Freezer 1")), "unit": "°C", "values": values, "digits": 1}],
        "bands": [{"from": -22, "to": -18, "kind": "ok"}, {"from": -15, "to": None, "kind": "danger"}],
        "spans": [{"from": x[DEFROST.start], "to": x[DEFROST.stop], "label": str(_("Defrost"))}],
    }


def _bars() -> dict[str, Any]:
    """People by hour, as the footfall chart shows them."""
    hours = [f"{hour}:00" for hour in range(8, 20)]
    people = [12, 28, 41, 57, 72, 64, 49, 44, 58, 83, 91, 47]
    return {
        "x": list(range(len(hours))),
        "categories": hours,
        "xLabel": str(_("Hour")),
        "series": [{"label": str(_("People")), "values": people, "kind": "bars"}],
    }


@access.public
def design(request: HttpRequest) -> HttpResponse:
    """Show the components; `?theme=light` or `dark` narrows the page to one theme."""
    themes = [name for name in ("light", "dark") if request.GET.get("theme", name) == name]
    context = {
        "themes": themes or ["light", "dark"],
        "icons": icon_names(),
        "tokens": TOKENS,
        "form_for": {name: SpecimenForm(prefix=name, initial={"name": "Anna"}) for name in themes},
        "bad_form_for": {name: SpecimenForm({}, prefix=f"{name}-bad") for name in themes},
        "chart": _chart(timezone.now().timestamp()),
        "bars": _bars(),
        "columns": [
            {"label": _("Till")},
            {"label": _("Sales"), "num": True},
            {"label": _("Total"), "num": True},
        ],
        "rows": [["till-1", 64, "€812.40"], ["till-2", 51, "€640.15"], ["till-3", 12, "€98.70"]],
    }
    return render(request, "store/design.html", context)

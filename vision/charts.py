"""Query results in the shape store/static/store/js/chart.js draws."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from vision.queries import Footfall


def footfall_chart(data: Footfall) -> dict[str, Any]:
    """Return today's and yesterday's people by slot; unobserved slots stay empty."""
    return {
        "x": [int(slot.starts_at.timestamp()) for slot in data.today],
        "yMin": 0,
        "series": [
            {
                "label": _("Today"),
                "values": [slot.value for slot in data.today],
                "kind": "bars",
                "color": 1,
                "digits": 0,
            },
            {
                "label": _("Yesterday"),
                "values": [slot.value for slot in data.yesterday],
                "kind": "line",
                "color": 2,
                "digits": 0,
            },
        ],
    }


def queue_chart(peaks: list[tuple[datetime, float | None]], limit: int) -> dict[str, Any]:
    """Return the longest queue by ten minutes, with the length above which staff are called."""
    return {
        "x": [int(at.timestamp()) for at, _value in peaks],
        "yMin": 0,
        "bands": [{"from": limit, "to": None, "kind": "warning"}],
        "series": [
            {
                "label": _("Longest queue"),
                "values": [value for _at, value in peaks],
                "kind": "steps",
                "digits": 0,
            }
        ],
    }

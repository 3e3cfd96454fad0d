"""Telling screens to fetch their manifest again."""

from __future__ import annotations

from collections.abc import Iterable

from signage.models import Display, PlaylistItem, Scoped
from store import live


def nudge_displays(displays: Iterable[Display]) -> None:
    """Nudge screens and the pages that watch them, after the commit."""
    for display in displays:
        live.nudge(f"display:{display.device.code}")
    live.nudge("displays")


def nudge_scopes(*scopes: Scoped) -> None:
    """Nudge every screen that one of the rules applies to."""
    everyone = Display.objects.select_related("device")
    nudge_displays([each for each in everyone if any(scope.applies_to(each) for scope in scopes)])


def nudge_all() -> None:
    """Nudge every screen."""
    nudge_displays(Display.objects.select_related("device"))


def nudge_advertisers(product_id: int) -> None:
    """Nudge every screen when a playlist advertises the product."""
    if PlaylistItem.objects.filter(product_id=product_id).exists():
        nudge_all()

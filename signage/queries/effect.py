"""What a rule would do on every screen it applies to, over the next seven days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from signage.domain.report import Effect, effect
from signage.models import Display, ScheduleRule
from signage.queries.rules import as_rule, rules_for
from store.models import Site

RANGE = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class RuleEffect:
    """The effect on all screens of the rule; screens with the same effect are told together."""

    groups: tuple[tuple[tuple[str, ...], Effect], ...]
    is_active: bool

    @property
    def hides_something(self) -> bool:
        """Whether any other rule loses screen time."""
        return any(each.hides for _names, each in self.groups)


def effect_of(rule: ScheduleRule, *, now: datetime) -> RuleEffect:
    """Compare every affected screen's next seven days without and with the rule."""
    zone = ZoneInfo(Site.objects.current().timezone)
    others = list(ScheduleRule.objects.filter(is_active=True).exclude(pk=rule.pk))
    new = as_rule(rule)
    grouped: dict[Effect, list[str]] = {}
    for display in Display.objects.select_related("device"):
        if not rule.applies_to(display):
            continue
        mine = rules_for(display, others)
        found = effect(mine, new, now, now + RANGE, zone, default=display.default_playlist_id)
        grouped.setdefault(found, []).append(display.device.name)
    groups = tuple((tuple(names), found) for found, names in grouped.items())
    return RuleEffect(groups=groups, is_active=rule.is_active)

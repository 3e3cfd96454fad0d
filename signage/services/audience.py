"""The audience changed: which rules switch, and why."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction

from signage.domain.targeting import Fact, Outcome, State, TargetRule, observe
from signage.models import Decision
from signage.models import TargetRule as TargetRow
from signage.services.nudges import nudge_scopes
from store import outbox
from store.events.signage import TargetSwitched

_FIELDS = ("true_since", "true_until", "starts_at", "ends_at", "last_ended_at", "observed_at")

_KEEP_LATEST = """
insert into signage_audiencefact (camera, zone, count, observed_at, expires_at) values (%s, %s, %s, %s, %s)
on conflict (camera, zone) do update
set count = excluded.count, observed_at = excluded.observed_at, expires_at = excluded.expires_at
where signage_audiencefact.observed_at < excluded.observed_at
"""


def take_fact(*, camera: str, zone: str, fact: Fact, now: datetime) -> list[Decision]:
    """Keep the latest count of a zone and decide every rule that looks at it; returns what was decided.

    Rules are locked in the order of their ids; each decision is logged with its inputs, and the screens
    concerned are told after the commit.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_KEEP_LATEST, (camera, zone, fact.count, fact.observed_at, fact.expires_at))
        rows = list(
            TargetRow.objects.select_for_update()
            .filter(camera=camera, zone=zone, is_active=True)
            .order_by("pk")
        )
        decisions = [decision for row in rows if (decision := _decide(row, fact, now))]
        Decision.objects.bulk_create(decisions)
        outbox.publish(*(_event(each) for each in decisions), now=now)
        if decisions:
            nudge_scopes(*(each.rule for each in decisions))
    return decisions


def _decide(row: TargetRow, fact: Fact, now: datetime) -> Decision | None:
    """Move one rule on; a Decision when its window changed."""
    outcome = observe(rule_of(row), State(**{name: getattr(row, name) for name in _FIELDS}), fact, now)
    _store(row, outcome)
    if not outcome.changed:
        return None
    return Decision(
        rule=row,
        reason=outcome.reason,
        count=fact.count,
        observed_at=fact.observed_at,
        decided_at=now,
        starts_at=outcome.state.starts_at,
        ends_at=outcome.state.ends_at,
    )


def rule_of(row: TargetRow) -> TargetRule:
    """The rule as the decision wants it."""
    return TargetRule(
        at_least=row.at_least,
        at_most=row.at_most,
        enter_after=timedelta(milliseconds=row.enter_ms),
        leave_after=timedelta(milliseconds=row.leave_ms),
        minimum_show=timedelta(milliseconds=row.show_ms),
        cool_down=timedelta(milliseconds=row.cool_down_ms),
    )


def _store(row: TargetRow, outcome: Outcome) -> None:
    for name in _FIELDS:
        setattr(row, name, getattr(outcome.state, name))
    row.save(update_fields=_FIELDS)


def _event(decision: Decision) -> TargetSwitched:
    return TargetSwitched(
        rule_id=decision.rule.pk,
        rule=decision.rule.name,
        reason=decision.reason,
        count=decision.count,
        starts_at=decision.starts_at,
        ends_at=decision.ends_at,
        decided_at=decision.decided_at,
    )

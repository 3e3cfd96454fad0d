"""Tasks of the base."""

from __future__ import annotations

from datetime import timedelta

import structlog
from celery import shared_task
from django.conf import settings
from django.utils import timezone

from store import outbox, verify
from store.services import stock

log = structlog.get_logger(__name__)


@shared_task(name="store.fold_balances", queue="default", ignore_result=True)
def fold_balances() -> None:
    """Fold new stock movements into the balances."""
    stock.fold_balances()


@shared_task(name="store.prune_events", queue="default", ignore_result=True)
def prune_events() -> None:
    """Remove events everybody has had for longer than settings.KEEP_EVENTS_DAYS."""
    gone = outbox.prune(before=timezone.now() - timedelta(days=settings.KEEP_EVENTS_DAYS))
    log.info("outbox.pruned", events=gone)


@shared_task(name="store.verify", queue="default", ignore_result=True)
def verify_invariants() -> None:
    """Check every invariant and log what does not hold."""
    for violation in verify.run():
        log.error("invariant.violated", invariant=violation.invariant, detail=violation.detail)

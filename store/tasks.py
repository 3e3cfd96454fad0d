"""Tasks of the base."""

from __future__ import annotations

import structlog
from celery import shared_task

from store import verify
from store.services import stock

log = structlog.get_logger(__name__)


@shared_task(name="store.fold_balances", queue="default", ignore_result=True)
def fold_balances() -> None:
    """Fold new stock movements into the balances."""
    stock.fold_balances()


@shared_task(name="store.verify", queue="default", ignore_result=True)
def verify_invariants() -> None:
    """Check every invariant and log what does not hold."""
    for violation in verify.run():
        log.error("invariant.violated", invariant=violation.invariant, detail=violation.detail)

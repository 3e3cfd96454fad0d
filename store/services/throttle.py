"""Attempts at a secret, counted in the database so that every web process sees them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from store.models import Attempt

MAX_FAILURES = 5
LOCK_FOR = timedelta(seconds=60)


class AttemptInProgress:
    """One try: call `succeeded()` when the secret was right; `message` says why a try was not allowed."""

    def __init__(self, *, blocked: bool) -> None:
        self.blocked = blocked
        self.right = False
        self.message: str | Promise = _("Too many wrong tries. Wait a minute.") if blocked else ""

    def succeeded(self) -> None:
        self.right = True


@contextmanager
def attempt(*, scope: str, subject: str, now: datetime | None = None) -> Iterator[AttemptInProgress]:
    """Count a try at `subject`'s secret; five wrong ones in a row block it for a minute.

    The caller must treat a try as failed while `blocked` is true, whatever the secret was.
    """
    moment = now or timezone.now()
    row, _created = Attempt.objects.get_or_create(scope=scope, subject=subject[:80])
    state = AttemptInProgress(blocked=bool(row.locked_until and row.locked_until > moment))
    yield state
    if state.blocked:
        return
    if state.right:
        Attempt.objects.filter(pk=row.pk).delete()
        return
    Attempt.objects.filter(pk=row.pk).update(failures=F("failures") + 1, locked_until=None)
    Attempt.objects.filter(pk=row.pk, failures__gte=MAX_FAILURES).update(
        failures=0, locked_until=moment + LOCK_FOR
    )

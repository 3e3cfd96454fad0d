"""PINs: fast at the till, hashed, and throttled."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from store.errors import AisleError
from store.models import Staff
from store.services import audit

MAX_FAILURES = 5
LOCK_FOR = timedelta(seconds=60)
PIN_LENGTHS = range(4, 9)


class PinRejectedError(AisleError):
    code = "pin_rejected"
    message = _("That PIN is not right.")
    status = 403
    retry = True


class PinLockedError(AisleError):
    code = "pin_locked"
    message = _("Too many wrong PINs. Wait a minute and try again.")
    status = 429
    retry = True


class PinUnusableError(AisleError):
    code = "pin_unusable"
    message = _("A PIN has 4 to 8 digits.")


def set_pin(*, staff: Staff, pin: str, actor: str) -> None:
    """Give a person a new PIN. Raises PinUnusableError unless it has 4 to 8 digits."""
    if not pin.isascii() or not pin.isdigit() or len(pin) not in PIN_LENGTHS:
        raise PinUnusableError(field="pin")
    with transaction.atomic():
        Staff.objects.filter(pk=staff.pk).update(
            pin_hash=make_password(pin), pin_failures=0, pin_locked_until=None
        )
        audit.record(actor=actor, action="pin.set", target=f"staff {staff.username}")


def check_pin(*, staff: Staff, pin: str, now: datetime | None = None) -> Staff:
    """Return the person when the PIN is right.

    Raises PinRejectedError when it is wrong and PinLockedError for a minute after five wrong ones
    in a row; each wrong one is counted even though the request fails.
    """
    moment = now or timezone.now()
    if staff.pin_locked_until and staff.pin_locked_until > moment:
        raise PinLockedError
    if staff.is_active and staff.pin_hash and check_password(pin, staff.pin_hash):
        if staff.pin_failures or staff.pin_locked_until:
            Staff.objects.filter(pk=staff.pk).update(pin_failures=0, pin_locked_until=None)
        return staff
    Staff.objects.filter(pk=staff.pk).update(pin_failures=F("pin_failures") + 1)
    locked = Staff.objects.filter(pk=staff.pk, pin_failures__gte=MAX_FAILURES).update(
        pin_failures=0, pin_locked_until=moment + LOCK_FOR
    )
    if locked:
        audit.record(actor=staff.username, action="pin.locked", target=f"staff {staff.username}", now=moment)
        raise PinLockedError
    raise PinRejectedError

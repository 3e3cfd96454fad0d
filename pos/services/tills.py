"""Signing in at a till, opening it with a float, closing it with a count."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pos.errors import NoShiftError, NotSignedInError
from pos.models import Cart, JournalRecord, Shift, TillSession
from pos.queries import tills
from pos.queries.tills import Till
from pos.services import journal
from store import ids, live, outbox
from store.errors import AisleError, ConflictError, NotAllowedError
from store.events.pos import ShiftClosed, ShiftOpened
from store.models import Device, Site, Staff
from store.services import staff as staff_service

MAX_DRAWER_MINOR = 100_000_000
TILL_ROLES = (Staff.Role.CASHIER, Staff.Role.SUPERVISOR)
Kind = JournalRecord.Kind


class BadAmountError(AisleError):
    code = "bad_amount"
    message = _("Enter an amount of money, such as 150.00.")
    status = 422


class ShiftIsOpenError(ConflictError):
    code = "shift_open"
    message = _("This till is open already.")
    retry = False


class BasketOpenError(ConflictError):
    code = "basket_open"
    message = _("There is still something in the basket. Finish or cancel the sale first.")
    retry = False


def sign_in_with_pin(*, device: Device, username: str, pin: str, now: datetime | None = None) -> Staff:
    """Sign a person in at a till; the one before is signed out.

    Raises PinRejectedError, PinLockedError (each refusal is in the journal) and NotAllowedError for a role
    that sells nothing.
    """
    moment = now or timezone.now()
    person = Staff.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise staff_service.PinRejectedError(field="pin")
    try:
        staff_service.check_pin(staff=person, pin=pin, now=moment)
        if not person.has_role(*TILL_ROLES):
            raise NotAllowedError
    except AisleError as error:
        with transaction.atomic():
            _note(device, Kind.SIGN_IN_REFUSED, person.username, {"reason": error.code}, moment)
        raise
    with transaction.atomic():
        TillSession.objects.update_or_create(
            device=device, defaults={"staff": person, "signed_in_at": moment, "seen_at": moment}
        )
        _note(device, Kind.SIGN_IN, person.username, {}, moment)
    live.nudge(f"till:{device.code}")
    return person


def sign_out(*, device: Device, now: datetime | None = None) -> None:
    """Sign the person at a till out; the basket and the shift stay."""
    moment = now or timezone.now()
    with transaction.atomic():
        session = TillSession.objects.select_for_update().filter(device=device, staff__isnull=False).first()
        if session is None:
            return
        username = session.staff.username if session.staff else ""
        TillSession.objects.filter(pk=session.pk).update(staff=None, signed_in_at=None)
        _note(device, Kind.SIGN_OUT, username, {}, moment)
    live.nudge(f"till:{device.code}")


def open_shift(*, till: Till, float_minor: int, now: datetime | None = None) -> Shift:
    """Open a till with the money that is in its drawer.

    Raises NotSignedInError, BadAmountError, ShiftIsOpenError (also when another request was faster).
    """
    moment = now or timezone.now()
    if till.person is None:
        raise NotSignedInError
    if not 0 <= float_minor <= MAX_DRAWER_MINOR:
        raise BadAmountError(field="float")
    try:
        with transaction.atomic():
            journal.ensure(device_id=till.device_id)
            shift = Shift.objects.create(
                uid=ids.uuid7(),
                device_id=till.device_id,
                opened_by_id=till.person.id,
                opened_at=moment,
                business_date=moment.astimezone(ZoneInfo(Site.objects.current().timezone)).date(),
                float_minor=float_minor,
            )
            _opened(till, shift, moment)
    except IntegrityError as error:
        raise ShiftIsOpenError from error
    return shift


def _opened(till: Till, shift: Shift, moment: datetime) -> None:
    username = till.person.username if till.person else ""
    journal.append(
        device_id=till.device_id,
        terminal=till.code,
        kind=Kind.SHIFT_OPENED,
        staff=username,
        data={
            "shift": str(shift.uid),
            "float_minor": shift.float_minor,
            "date": shift.business_date.isoformat(),
        },
        at=moment,
    )
    outbox.publish(
        ShiftOpened(
            shift_id=shift.uid,
            till=till.code,
            cashier=username,
            float_minor=shift.float_minor,
            open_tills=tills.open_tills(),
            opened_at=moment,
        ),
        now=moment,
    )
    live.nudge("tills")
    live.nudge(f"till:{till.code}")


def close_shift(*, till: Till, counted_minor: int, now: datetime | None = None) -> Shift:
    """Count the drawer and close the till. What was expected is worked out after the count is given.

    Raises NotSignedInError, NoShiftError, BadAmountError, BasketOpenError.
    """
    moment = now or timezone.now()
    if till.person is None:
        raise NotSignedInError
    if not 0 <= counted_minor <= MAX_DRAWER_MINOR:
        raise BadAmountError(field="counted")
    with transaction.atomic():
        shift = (
            Shift.objects.select_for_update().filter(device_id=till.device_id, closed_at__isnull=True).first()
        )
        if shift is None:
            raise NoShiftError
        open_cart = Cart.objects.filter(device_id=till.device_id, status=Cart.Status.OPEN).first()
        if open_cart is not None and open_cart.state["lines"] and _has_lines(open_cart):
            raise BasketOpenError
        Cart.objects.filter(device_id=till.device_id, status=Cart.Status.OPEN).update(
            status=Cart.Status.ABANDONED
        )
        shift.closed_at, shift.closed_by_id = moment, till.person.id
        shift.counted_minor, shift.expected_minor = counted_minor, shift.float_minor + shift.cash_minor
        shift.save(update_fields=["closed_at", "closed_by", "counted_minor", "expected_minor"])
        _closed(till, shift, moment)
    return shift


def _has_lines(cart: Cart) -> bool:
    return any(not line["is_voided"] for line in cart.state["lines"])


def _closed(till: Till, shift: Shift, moment: datetime) -> None:
    username = till.person.username if till.person else ""
    totals = {
        "receipts": shift.receipts,
        "net_minor": shift.net_minor,
        "tax_minor": shift.tax_minor,
        "rounding_minor": shift.rounding_minor,
        "total_minor": shift.total_minor,
        "expected_minor": shift.expected_minor or 0,
        "counted_minor": shift.counted_minor or 0,
    }
    journal.append(
        device_id=till.device_id,
        terminal=till.code,
        kind=Kind.SHIFT_CLOSED,
        staff=username,
        data={"shift": str(shift.uid), **totals},
        at=moment,
    )
    outbox.publish(
        ShiftClosed(
            shift_id=shift.uid,
            till=till.code,
            cashier=username,
            receipts=shift.receipts,
            expected_minor=totals["expected_minor"],
            counted_minor=totals["counted_minor"],
            open_tills=tills.open_tills(),
            closed_at=moment,
        ),
        now=moment,
    )
    live.nudge("tills")
    live.nudge(f"till:{till.code}")


def _note(device: Device, kind: str, username: str, data: dict[str, str], moment: datetime) -> None:
    journal.append(device_id=device.pk, terminal=device.code, kind=kind, staff=username, data=data, at=moment)

"""Enrolment and revocation of devices."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from store import live
from store.errors import AisleError
from store.models import Device, EnrolmentCode
from store.queries.devices import forget_device, token_hash
from store.services import audit

# Without 0/O, 1/I/L: read aloud from a screen across the room.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 6
VALID_FOR = timedelta(minutes=15)


class CodeRejectedError(AisleError):
    code = "code_rejected"
    message = _("This code is not known or has expired. Ask for a new one.")
    status = 403


@dataclass(frozen=True)
class Enrolled:
    """A device and its token, which is shown this once and stored only as a hash."""

    device: Device
    token: str


def issue_code(*, kind: str, device: Device | None = None, now: datetime | None = None) -> EnrolmentCode:
    """Make a code that is good for 15 minutes and one enrolment."""
    moment = now or timezone.now()
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return EnrolmentCode.objects.create(
        code=code, kind=kind, device=device, created_at=moment, expires_at=moment + VALID_FOR
    )


def claim_code(*, code: str, device: Device, actor: str, now: datetime | None = None) -> Enrolled:
    """Use a code to enrol `device`; exactly one caller wins. Raises CodeRejectedError."""
    moment = now or timezone.now()
    with transaction.atomic():
        claimed = EnrolmentCode.objects.filter(
            code=code.strip().upper(), kind=device.kind, claimed_at__isnull=True, expires_at__gt=moment
        ).update(claimed_at=moment, device=device)
        if claimed != 1:
            raise CodeRejectedError(field="code")
        return enrol(device=device, actor=actor, now=moment)


def enrol(*, device: Device, actor: str, now: datetime | None = None) -> Enrolled:
    """Give the device a fresh token; an older one stops working at once."""
    moment = now or timezone.now()
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        forget_device(device)
        device.token_hash = token_hash(token)
        device.enrolled_at = moment
        device.revoked_at = None
        device.save(update_fields=["token_hash", "enrolled_at", "revoked_at"])
        audit.record(actor=actor, action="device.enrolled", target=f"device {device.code}", now=moment)
        live.nudge("devices")
    return Enrolled(device, token)


def revoke(*, device: Device, actor: str, now: datetime | None = None) -> None:
    """Take the device's credential away; its next request is refused (within 5 s by other processes)."""
    moment = now or timezone.now()
    with transaction.atomic():
        forget_device(device)
        Device.objects.filter(pk=device.pk).update(
            revoked_at=moment, token_hash="", certificate_fingerprint=""
        )
        audit.record(actor=actor, action="device.revoked", target=f"device {device.code}", now=moment)
        live.nudge("devices")

"""A browser becomes a screen: it shows a code, a manager types it, the browser collects its token."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from signage.models import Display, PairingOffer, Playlist
from signage.services.nudges import nudge_displays
from store import live, outbox
from store.errors import AisleError
from store.events.signage import DisplayPaired
from store.models import Device, EnrolmentCode
from store.queries.devices import token_hash
from store.services import audit, devices

MAX_OPEN_OFFERS = 200


class OfferUnknownError(AisleError):
    """The screen must ask for a new code."""

    code = "offer_unknown"
    message = _("This code has expired. A new one is on its way.")
    status = 410


class TooManyOffersError(AisleError):
    """More screens wait than a store has."""

    code = "too_many_offers"
    message = _("Too many screens wait to be paired. Try again in a few minutes.")
    status = 429
    retry = True


@dataclass(frozen=True)
class Offer:
    """What a waiting screen knows: the code it shows and the secret it keeps."""

    code: str
    secret: str
    expires_at: datetime


def open_offer(*, now: datetime) -> Offer:
    """Give an unpaired browser a code to show. Raises TooManyOffersError."""
    waiting = PairingOffer.objects.filter(code__claimed_at__isnull=True, code__expires_at__gt=now).count()
    if waiting >= MAX_OPEN_OFFERS:
        raise TooManyOffersError
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        drop_old_offers(now=now)
        code = devices.issue_code(kind=Device.Kind.DISPLAY, now=now)
        PairingOffer.objects.create(code=code, secret_hash=token_hash(secret))
    return Offer(code=code.code, secret=secret, expires_at=code.expires_at)


def pair(*, code: str, display: Display, actor: str, now: datetime) -> None:
    """Accept the code that a screen shows. Raises CodeRejectedError; a screen that was paired stops being so.

    The token made here is thrown away: the screen gets its own when it collects (nothing secret is stored).
    """
    with transaction.atomic():
        devices.claim_code(code=code, device=display.device, actor=actor, now=now)
        outbox.publish(DisplayPaired(display=display.device.code, paired_at=now), now=now)
        live.nudge("displays")


def collect(*, secret: str, now: datetime) -> devices.Enrolled | None:
    """The token for a screen whose code was accepted, exactly once; None while it waits.

    Raises OfferUnknownError for a secret that is unknown, used or too old.
    """
    offer = (
        PairingOffer.objects.select_related("code__device")
        .filter(secret_hash=token_hash(secret), collected_at__isnull=True)
        .first()
    )
    if offer is None or (offer.code.claimed_at is None and offer.code.expires_at <= now):
        raise OfferUnknownError
    device = offer.code.device
    if offer.code.claimed_at is None or device is None:
        return None
    with transaction.atomic():
        won = PairingOffer.objects.filter(pk=offer.pk, collected_at__isnull=True).update(collected_at=now)
        if won != 1 or device.revoked_at is not None:
            raise OfferUnknownError
        return devices.enrol(device=device, actor=f"screen {device.code}", now=now)


def open_here(*, display: Display, actor: str, now: datetime) -> devices.Enrolled:
    """Make the browser of a manager this screen: the same as pairing, without the walk."""
    with transaction.atomic():
        enrolled = devices.enrol(device=display.device, actor=actor, now=now)
        outbox.publish(DisplayPaired(display=display.device.code, paired_at=now), now=now)
        live.nudge("displays")
    return enrolled


def revoke(*, display: Display, actor: str, now: datetime) -> None:
    """Take a screen's credential away; it goes back to showing a code."""
    with transaction.atomic():
        devices.revoke(device=display.device, actor=actor, now=now)
        live.nudge(f"display:{display.device.code}")
        live.nudge("displays")


def create_display(*, code: str, name: str, playlist: Playlist) -> Display:
    """A new screen, not paired yet."""
    with transaction.atomic():
        device = Device.objects.create(kind=Device.Kind.DISPLAY, code=code, name=name)
        return Display.objects.create(device=device, default_playlist=playlist)


def drop_old_offers(*, now: datetime) -> int:
    """Forget codes of screens that expired without being typed; returns how many."""
    stale = EnrolmentCode.objects.filter(
        pairing_offer__isnull=False, claimed_at__isnull=True, expires_at__lte=now
    )
    return stale.delete()[0]


def pair_new(*, code: str, display_code: str, name: str, actor: str, now: datetime) -> Display:
    """Make a screen and accept the code for it; nothing is made when the code is refused."""
    with transaction.atomic():
        playlist = Playlist.objects.filter(default_of__isnull=False).first() or Playlist.objects.first()
        if playlist is None:
            playlist = Playlist.objects.create(name=str(_("Welcome")))
        display = create_display(code=display_code, name=name, playlist=playlist)
        pair(code=code, display=display, actor=actor, now=now)
    return display


def set_default(*, display: Display, playlist: Playlist, actor: str, now: datetime) -> None:
    """Choose what a screen plays when nothing is scheduled."""
    with transaction.atomic():
        display.default_playlist = playlist
        display.save(update_fields=["default_playlist"])
        data = {"playlist": playlist.pk}
        audit.record(
            actor=actor, action="signage.default.changed", target=display.device.code, data=data, now=now
        )
        nudge_displays([display])

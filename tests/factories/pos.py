"""A till with a person, a shift and things to sell, ready to use."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.utils import timezone

from pos.queries import tills
from pos.queries.tills import Till
from pos.services import carts
from pos.services import tills as till_services
from store import ids
from store.models import Device, Site, Staff
from tests.factories.store import DeviceFactory, ProductFactory, SiteFactory, StaffFactory

PIN = "1111"


def make_site(**fields: object) -> Site:
    """The one site, not the one another test left in the cache."""
    cache.clear()
    return SiteFactory(**fields)


def make_cashier(**fields: object) -> Staff:
    return StaffFactory(pin_hash=make_password(PIN), **fields)


def make_till(*, is_open: bool = True, float_minor: int = 10_000, device: Device | None = None) -> Till:
    """A till with a cashier signed in and, unless told otherwise, open."""
    make_site()
    device = device or DeviceFactory()
    cashier = make_cashier()
    till_services.sign_in_with_pin(device=device, username=cashier.username, pin=PIN)
    till = tills.till(device.pk, now=timezone.now())
    if is_open:
        till_services.open_shift(till=till, float_minor=float_minor)
    return look(till)


def look(till: Till) -> Till:
    """The till as it is now."""
    return tills.till(till.device_id, now=timezone.now())


def send(
    till: Till, command: str, /, *, command_id: UUID | None = None, version: int | None = None, **data: object
) -> carts.Outcome:
    """One command at a till."""
    return carts.append_command(
        till=till, kind=command, command_id=command_id or ids.uuid7(), data=data, version=version
    )


def fill(till: Till, *prices_minor: int) -> carts.Outcome:
    """Scan one new product for each price."""
    outcome = None
    for price_minor in prices_minor:
        product = ProductFactory(price_minor=price_minor)
        outcome = send(till, "scan", code=product.gtins.get().gtin14)
    assert outcome is not None
    return outcome

"""What a till is doing: who is signed in, whether it is open, what is in its basket."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from pos.domain.cart import Cart, from_data
from pos.domain.cash import CashMode, CashProfile
from pos.domain.money import Rounding
from pos.domain.totals import Rules
from pos.models import QueueAlert, Shift
from store.models import Device, Site, Staff

IDLE_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who is signed in at a till."""

    id: int
    username: str
    name: str
    role: str

    @property
    def is_supervisor(self) -> bool:
        """Whether this person may allow what a cashier may not."""
        return self.role in (Staff.Role.SUPERVISOR, Staff.Role.MANAGER)


@dataclass(frozen=True, kw_only=True)
class Till:
    """A till at one moment; `shift_id` and `cart` are None when closed or empty."""

    device_id: int
    code: str
    name: str
    person: Person | None
    shift_id: int | None
    business_date: date | None
    opened_at: datetime | None
    float_minor: int
    receipts: int
    state: Any = None

    @property
    def cart(self) -> Cart | None:
        """The open basket; built from its stored state at each look, since many requests never look."""
        return from_data(Cart, as_json(self.state)) if self.state is not None else None

    @property
    def is_open(self) -> bool:
        """Whether a shift is open."""
        return self.shift_id is not None


def till(device_id: int, *, now: datetime) -> Till:
    """The state of a till: one query. A person who did nothing for a while counts as signed out."""
    with connection.cursor() as cursor:
        cursor.execute("select * from pos_till(%s)", [device_id])
        row = cursor.fetchone()
    if row is None:
        raise Device.DoesNotExist
    is_awake = row[7] is not None and now - row[7] < IDLE_AFTER
    person = Person(id=row[3], username=row[4], name=row[5], role=row[6]) if row[3] and is_awake else None
    return Till(
        device_id=row[0],
        code=row[1],
        name=row[2],
        person=person,
        shift_id=row[8],
        business_date=row[9],
        opened_at=row[10],
        float_minor=row[11] or 0,
        receipts=row[12] or 0,
        state=row[13],
    )


def as_json(value: Any) -> Any:
    """A jsonb column as data, whichever way the driver hands it over."""
    return json.loads(value) if isinstance(value, str) else value


def rules(site: Site) -> Rules:
    """The store's rules of money as plain data."""
    profile = site.tax_profile
    return Rules(
        rounding=Rounding(profile.rounding),
        cash=CashProfile(step_minor=profile.cash_step_minor, mode=CashMode(profile.cash_mode)),
    )


def cashiers() -> list[Person]:
    """People who may sign in at a till, by name: one query."""
    allowed = (Staff.Role.CASHIER, Staff.Role.SUPERVISOR, Staff.Role.MANAGER)
    found = (
        Staff.objects.filter(is_active=True, role__in=allowed).exclude(pin_hash="").order_by("display_name")
    )
    return [Person(id=one.pk, username=one.username, name=one.display_name, role=one.role) for one in found]


def open_tills() -> int:
    """How many tills are open now."""
    return Shift.objects.filter(closed_at__isnull=True).count()


def queue_alert() -> QueueAlert | None:
    """The worst queue that waits for another till, if any."""
    return QueueAlert.objects.filter(cleared_at__isnull=True).order_by("-tills_suggested", "-length").first()

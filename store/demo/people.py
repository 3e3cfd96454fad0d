"""Site, tax rules, people and devices of the demo store.

Taxes follow Germany: rate A 19 %, rate B 7 % for food, prices include tax, rounded once per receipt and tax
(a property of the profile, copied onto each receipt), no rounding of cash (step 0.01).
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.utils.translation import gettext_noop

from store.demo.assortment import read_table
from store.demo.logins import PASSWORD_PREFIX
from store.models import Device, Site, Staff, TaxProfile, TaxRate

TILLS, PICKERS, DISPLAYS = 4, 2, 4
EDGE_BOX = "edge-1"
GATEWAY = "gateway-1"
CAMERAS = ("camera-entrance", "camera-tills")


class PublicSecretHasher(Argon2PasswordHasher):
    """Quick Argon2: the demo's passwords stand in its banner, so a slow hash would protect nothing.

    Django replaces the hash with one of full strength when somebody signs in with the password.
    """

    time_cost = 1
    memory_cost = 256
    parallelism = 1


def load_site() -> Site:
    """Write the tax rules and the site, unless there is one; its own values are left alone."""
    rates = (("A", "Standard", "19"), ("B", "Reduced", "7"))
    for code, name, percent in rates:
        TaxRate.objects.get_or_create(code=code, defaults={"name": name, "percent": Decimal(percent)})
    profile, _ = TaxProfile.objects.get_or_create(
        name="Germany, prices include tax",
        defaults={
            "prices_include_tax": True,
            "rounding": TaxProfile.Rounding.RECEIPT,
            "cash_step_minor": 1,
            "cash_mode": TaxProfile.CashMode.HALF_UP,
        },
    )
    site = Site.objects.first()
    return site or Site.objects.create(
        code="demo",
        name="Aisle Market",
        address="Lindenallee 12\n20999 Musterstadt",
        currency="EUR",
        currency_exponent=2,
        timezone="Europe/Berlin",
        locale="en",
        tax_profile=profile,
        receipt_footer="Thank you for shopping with us.\nOpen Monday to Saturday 7 to 21.",
    )


def load_staff() -> int:
    """Add the demo's people who are missing; returns how many. Passwords are `demo-<username>`."""
    known = set(Staff.objects.values_list("username", flat=True))
    fresh = [row for row in read_table("staff.csv") if row["username"] not in known]
    hasher = PublicSecretHasher()
    for row in fresh:
        Staff.objects.create(
            username=row["username"],
            display_name=row["display_name"],
            role=row["role"],
            language=row["language"],
            born_on=date.fromisoformat(row["born_on"]),
            password=make_password(PASSWORD_PREFIX + row["username"], hasher=hasher),
            pin_hash=make_password(row["pin"], hasher=hasher) if row["pin"] else "",
        )
    return len(fresh)


def load_devices(*, now: datetime) -> int:
    """Add the demo's devices that are missing; returns how many.

    Tills, phones and screens get their token when a browser enrols as them; sensors and the camera box are
    enrolled already and show themselves by certificate.
    """
    known = set(Device.objects.values_list("code", flat=True))
    fresh = [device for device in _devices(now) if device.code not in known]
    Device.objects.bulk_create(fresh)
    return len(fresh)


def _devices(now: datetime) -> list[Device]:
    kinds = Device.Kind
    numbered = (
        (kinds.TILL, "till", gettext_noop("Till"), TILLS),
        (kinds.PICKER, "picker", gettext_noop("Picker's phone"), PICKERS),
        (kinds.DISPLAY, "display", gettext_noop("Screen"), DISPLAYS),
    )
    devices = [
        Device(kind=kind, code=f"{stem}-{number}", name=f"{name} {number}")
        for kind, stem, name, count in numbered
        for number in range(1, count + 1)
    ]
    cold = [row for row in read_table("fixtures.csv") if row["kind"] in {"CHILLER", "FREEZER"}]
    devices += [
        Device(
            kind=kinds.SENSOR,
            code=f"sensor-{row['code']}",
            name=f"Sensor {row['code']}",
            enrolled_at=now,
            attributes={"fixture": row["code"]},
        )
        for row in cold
    ]
    devices.append(
        Device(kind=kinds.GATEWAY, code=GATEWAY, name=gettext_noop("Sensor gateway"), enrolled_at=now)
    )
    cameras = {"cameras": list(CAMERAS)}
    devices.append(
        Device(
            kind=kinds.EDGE,
            code=EDGE_BOX,
            name=gettext_noop("Camera box"),
            enrolled_at=now,
            attributes=cameras,
        )
    )
    return devices

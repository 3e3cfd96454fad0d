"""Records of the base, as small as they can be."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import factory

from store import models

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class TaxProfileFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.TaxProfile
        django_get_or_create = ("name",)

    name = "Prices with tax"
    cash_step_minor = 1


class SiteFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Site
        django_get_or_create = ("code",)

    code = "s1"
    name = "Test store"
    tax_profile = factory.SubFactory(TaxProfileFactory)


class TaxRateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.TaxRate
        django_get_or_create = ("code",)

    code = "A"
    name = "Full"
    percent = Decimal(19)


class DepartmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Department
        django_get_or_create = ("code",)

    code = "pantry"
    name = "Pantry"


class FixtureFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Fixture
        django_get_or_create = ("code",)

    code = "freezer-1"
    name = "Freezer 1"
    kind = models.Fixture.Kind.FREEZER
    zone = "FROZEN"


class LocationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Location

    fixture = factory.SubFactory(FixtureFactory)
    code = factory.Sequence(lambda n: f"L{n:04}")
    aisle = "A01"
    bay = 1
    shelf = 1
    walk_order = factory.Sequence(lambda n: n)


def gtin14(number: int) -> str:
    """A valid GTIN-14 in the demonstration prefix 952 for a running number."""
    body = f"0952{number:09}"
    total = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(body))
    return body + str(-total % 10)


class ProductFactory(factory.django.DjangoModelFactory):
    """A product with a barcode, a price of 1.00 and no stock."""

    class Meta:
        model = models.Product
        skip_postgeneration_save = True

    sku = factory.Sequence(lambda n: f"P{n:05}")
    name = factory.Sequence(lambda n: f"Oat biscuits {n}")
    department = factory.SubFactory(DepartmentFactory)
    tax_rate = factory.SubFactory(TaxRateFactory)

    @factory.post_generation
    def gtin(self, create, extracted, **kwargs):
        code = extracted or gtin14(self.pk)
        models.Gtin.objects.create(product=self, gtin14=code)

    @factory.post_generation
    def price_minor(self, create, extracted, **kwargs):
        models.Price.objects.create(
            product=self, price_minor=100 if extracted is None else extracted, starts_at=EPOCH, version=1
        )

    @factory.post_generation
    def stands_in(self, create, extracted, **kwargs):
        if extracted:
            models.ProductLocation.objects.create(product=self, location=LocationFactory(fixture=extracted))


class StaffFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Staff
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person-{n}")
    display_name = factory.Sequence(lambda n: f"Person {n}")
    role = models.Staff.Role.CASHIER


class DeviceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Device

    kind = models.Device.Kind.TILL
    code = factory.Sequence(lambda n: f"till-{n}")
    name = factory.Sequence(lambda n: f"Till {n}")
    enrolled_at = EPOCH

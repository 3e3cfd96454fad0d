"""The one store this server belongs to, and its tax rules."""

from __future__ import annotations

from decimal import Decimal

from django.core.cache import cache
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class TaxProfile(models.Model):
    """How prices contain tax, where tax is rounded, and how cash is rounded."""

    class Rounding(models.TextChoices):
        LINE = "LINE", _("on each line")
        RECEIPT = "RECEIPT", _("once per receipt and tax")

    class CashMode(models.TextChoices):
        HALF_UP = "HALF_UP", _("nearest, half up")
        HALF_DOWN = "HALF_DOWN", _("nearest, half down")
        UP = "UP", _("always up")

    name = models.CharField(max_length=60, unique=True)
    prices_include_tax = models.BooleanField(default=True)
    rounding = models.CharField(max_length=10, choices=Rounding, default=Rounding.RECEIPT)
    cash_step_minor = models.PositiveIntegerField(default=1)
    cash_mode = models.CharField(max_length=10, choices=CashMode, default=CashMode.HALF_UP)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(cash_step_minor__gte=1), name="tax_profile_cash_step_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TaxRate(models.Model):
    """One rate of tax, known on receipts by a letter."""

    code = models.CharField(max_length=4, unique=True)
    name = models.CharField(max_length=60)
    percent = models.DecimalField(
        max_digits=6,
        decimal_places=3,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__gte=0) & Q(percent__lte=100), name="tax_rate_percent_between_0_and_100"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.percent.normalize():f} %"


class SiteManager(models.Manager["Site"]):
    CACHE_KEY = "store.site"

    def current(self) -> Site:
        """Return the store's one row, kept for 5 s in this process. Raises Site.DoesNotExist."""
        site: Site | None = cache.get(self.CACHE_KEY)
        if site is None:
            site = self.select_related("tax_profile").get()
            cache.set(self.CACHE_KEY, site, 5)
        return site


class Site(models.Model):
    """The store: one row in each database."""

    singleton = models.BooleanField(default=True, unique=True, editable=False)
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    address = models.TextField(blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    currency_exponent = models.PositiveSmallIntegerField(default=2)
    timezone = models.CharField(max_length=60, default="Europe/Berlin")
    locale = models.CharField(max_length=10, default="en")
    tax_profile = models.ForeignKey(TaxProfile, on_delete=models.PROTECT)
    receipt_footer = models.TextField(blank=True)

    objects = SiteManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(singleton=True), name="site_is_one_row"),
            models.CheckConstraint(
                condition=Q(currency_exponent__in=[0, 2, 3]), name="site_currency_exponent"
            ),
        ]

    def __str__(self) -> str:
        return self.name

"""People who work in the store: a role, a password, and a PIN for speed at the till."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _


class StaffManager(BaseUserManager["Staff"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> Staff:
        staff = self.model(username=username, **fields)
        staff.set_password(password)
        staff.save(using=self._db)
        return staff

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> Staff:
        return self.create_user(username, password, role=Staff.Role.MANAGER, is_operator=True, **fields)


class Staff(AbstractBaseUser):
    """A person who may sign in."""

    class Role(models.TextChoices):
        CASHIER = "CASHIER", _("Cashier")
        PICKER = "PICKER", _("Picker")
        SUPERVISOR = "SUPERVISOR", _("Supervisor")
        MANAGER = "MANAGER", _("Manager")
        TECHNICIAN = "TECHNICIAN", _("Technician")

    username = models.SlugField(max_length=40, unique=True)
    display_name = models.CharField(max_length=60)
    role = models.CharField(max_length=12, choices=Role)
    language = models.CharField(max_length=5, default="", blank=True)
    is_active = models.BooleanField(default=True)
    # An operator may use the stock admin; managers use the product's own pages.
    is_operator = models.BooleanField(default=False)
    born_on = models.DateField(null=True, blank=True)
    pin_hash = models.CharField(max_length=200, blank=True)
    pin_failures = models.PositiveSmallIntegerField(default=0)
    pin_locked_until = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["display_name"]

    objects = StaffManager()

    class Meta:
        verbose_name_plural = "staff"
        ordering = ["display_name"]

    def __str__(self) -> str:
        return self.display_name

    @property
    def is_staff(self) -> bool:
        return self.is_operator and self.is_active

    @property
    def is_superuser(self) -> bool:
        return self.is_operator and self.is_active

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_superuser

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_superuser

    def has_role(self, *roles: str) -> bool:
        """Say whether this person holds one of the roles; a manager holds all but technician's."""
        return self.is_active and (self.role in roles or (self.role == self.Role.MANAGER and bool(roles)))


class Attempt(models.Model):
    """Wrong tries at a secret, and until when no more are taken."""

    scope = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    failures = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "subject"], name="attempt_scope_subject_unique")
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.subject}: {self.failures}"

"""The stock admin: for operators who look after the data, not for staff."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from store import models


class RecordAdmin(admin.ModelAdmin):
    """Records are looked at, never changed."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


admin.site.register([models.Department, models.Fixture, models.Location, models.Product, models.Gtin])
admin.site.register([models.Site, models.TaxProfile, models.TaxRate, models.Device])
admin.site.register([models.StockLedger, models.AuditEntry, models.OutboxEvent, models.Price], RecordAdmin)

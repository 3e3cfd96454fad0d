"""Price changes: a new row in the ledger, never an overwritten one."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from store import live, outbox
from store.errors import AisleError
from store.events.store import PriceChanged
from store.models import Price, Product
from store.services import audit

MAX_PRICE_MINOR = 100_000_000


class PriceRefusedError(AisleError):
    code = "price_refused"
    message = _("This price cannot be set.")
    status = 422


def change_price(
    *, product: Product, price_minor: int, starts_at: datetime, actor: str, now: datetime | None = None
) -> Price:
    """Let a product cost `price_minor` from `starts_at` until the next planned change, if there is one.

    A change planned for the same instant is replaced by a new version. Raises PriceRefusedError for a
    price below zero or above a million, and for an instant in the past.
    """
    moment = now or timezone.now()
    if not 0 <= price_minor <= MAX_PRICE_MINOR:
        raise PriceRefusedError(_("A price lies between 0 and a million."), field="price")
    if starts_at < moment.replace(second=0, microsecond=0):
        raise PriceRefusedError(_("A price cannot change in the past."), field="starts_at")
    starts_at = max(starts_at, moment)
    with transaction.atomic():
        Product.objects.select_for_update().get(pk=product.pk)
        ledger = Price.objects.filter(product=product)
        following = ledger.filter(starts_at__gt=starts_at).order_by("starts_at").first()
        # A planned change at exactly this instant gives way: it never came into force.
        ledger.filter(starts_at=starts_at, starts_at__gt=moment).delete()
        ledger.effective(starts_at).update(ends_at=starts_at)
        version = (ledger.aggregate(last=Max("version"))["last"] or 0) + 1
        price = Price.objects.create(
            product=product,
            price_minor=price_minor,
            starts_at=starts_at,
            ends_at=following.starts_at if following else None,
            version=version,
        )
        outbox.publish(
            PriceChanged(
                product_id=product.pk,
                sku=product.sku,
                price_minor=price_minor,
                version=version,
                starts_at=starts_at,
            ),
            now=moment,
        )
        audit.record(
            actor=actor,
            action="price.changed",
            target=f"product {product.sku}",
            data={"price_minor": price_minor, "version": version, "starts_at": starts_at.isoformat()},
            now=moment,
        )
        live.nudge("prices", product=product.pk)
    return price

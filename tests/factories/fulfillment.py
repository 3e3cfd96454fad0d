"""Orders as shops send them, and a small shop floor to pick them from."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from fulfillment.models import Order, StagingBin, Tote
from fulfillment.services import picking, staging
from store.link import inbox
from store.models import Product, Site, Staff
from store.services import stock
from tests.factories.store import FixtureFactory, ProductFactory, SiteFactory, StaffFactory

SHOP = "com.test.shop"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def wire_line(product, quantity="1", line_id="", price=199, **more):
    """One line as the shop writes it; `product` is a Product or a GTIN."""
    gtin = product if isinstance(product, str) else product.gtins.first().gtin14
    return {
        "line_id": line_id or f"l-{gtin[-6:]}",
        "gtin": gtin,
        "quantity": quantity,
        "unit_price_minor": price,
        **more,
    }


def wire(kind="order.created", *, order_id="1001", version=1, lines=(), event_id="", due_at=None, **more):
    """A whole EventBridge envelope around a CloudEvent, as a dict."""
    data = {
        "order_id": order_id,
        "number": f"A-{order_id}",
        "version": version,
        "currency": "EUR",
        "customer": {"name": "Mia Berg", "email": "mia@example.com"},
        "pickup": {"due_at": (due_at or NOW + timedelta(hours=3)).isoformat()},
        "lines": list(lines),
    } | more
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": kind,
        "source": SHOP,
        "account": "000000000000",
        "time": "2026-11-23T08:00:00Z",
        "region": "eu-central-1",
        "resources": [],
        "detail": {
            "specversion": "1.0",
            "id": event_id or str(uuid.uuid4()),
            "source": "/shop/test",
            "type": kind,
            "time": "2026-11-23T08:00:00Z",
            "data": data,
        },
    }


def body(*args, **more) -> str:
    """The envelope as the queue carries it."""
    return json.dumps(wire(*args, **more))


def floor() -> Site:
    """A site, two boxes and a bin per zone."""
    site = SiteFactory()
    for zone, letter, colour in (
        ("AMBIENT", "A", "blue"),
        ("CHILLED", "C", "teal"),
        ("FROZEN", "F", "violet"),
    ):
        fixture = (
            FixtureFactory(code=f"bin-{letter.lower()}", zone=zone, kind="CHILLER")
            if zone != "AMBIENT"
            else None
        )
        StagingBin.objects.get_or_create(
            code=f"S-{letter}1", defaults={"name": letter, "zone": zone, "fixture": fixture}
        )
        for number in (1, 2):
            Tote.objects.get_or_create(
                code=f"T-{letter}{number}", defaults={"letter": letter, "colour": colour, "zone": zone}
            )
    return site


def stocked(quantity=10, **more) -> Product:
    """A product with stock."""
    product = ProductFactory(**more)
    stock.append_moves(
        moves=[
            stock.Move(
                product_id=product.pk,
                quantity=Decimal(quantity),
                reason="RECEIPT",
                source="test",
                source_id=str(uuid.uuid4()),
            )
        ]
    )
    return product


def picker(name="picker", role=Staff.Role.PICKER) -> Staff:
    """A picker."""
    return StaffFactory(username=name, role=role)


def code_of(product) -> str:
    """What the scanner reads from a product."""
    return product.gtins.first().gtin14


def order_of(order_id="1001") -> Order:
    """The order of a shop's number."""
    return Order.objects.get(source=SHOP, shop_order_id=order_id)


def take_in(*lines, order_id="1001"):
    """An order as the inbox takes it."""
    inbox.take_in(body=body(lines=lines, order_id=order_id))
    return order_of(order_id)


def scan(line, product, picker, **more):
    """One scan of a product for a line."""
    more.setdefault("scan_id", uuid.uuid4())
    return picking.confirm_pick(line_pk=line.pk, code=code_of(product), staff=picker, **more)


def picked_order(picker, *products, order_id="1001"):
    """An order whose products all lie in their boxes."""
    order = take_in(*[wire_line(one) for one in products], order_id=order_id)
    picking.claim(staff=picker, order_id=order.pk)
    for line, product in zip(order.lines.all(), products, strict=True):
        scan(line, product, picker)
    order.refresh_from_db()
    return order


def ready_order(picker, order_id="1001"):
    """An order a customer may collect."""
    order = picked_order(picker, stocked(5), order_id=order_id)
    staging.stage(order_id=order.pk, tote_code=order.totes.get().code, bin_code="s-a1", staff=picker)
    return staging.mark_ready(order_id=order.pk, staff=picker)

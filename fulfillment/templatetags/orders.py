"""Words of the order pages: quantities, zones, urgency, and what a log entry says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django import template
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from fulfillment import queries
from fulfillment.models import Order, OrderLine, OrderLogEntry
from fulfillment.queries import Card
from fulfillment.services.log import SYSTEM
from store.models.planogram import Zone

register = template.Library()

URGENCY_KINDS = {"CALM": "muted", "SOON": "info", "NOW": "warning", "LATE": "danger"}
STATE_KINDS = {
    "READY": "ok",
    "ARRIVED": "warning",
    "HANDED_OVER": "ok",
    "CANCEL_PENDING": "danger",
    "RESTOWING": "warning",
    "REJECTED": "danger",
    "CANCELLED": "muted",
    "HELD": "warning",
    "PICKING": "info",
    "PICKED": "info",
    "STAGED": "info",
}
ZONE_ICONS = {"AMBIENT": "box", "CHILLED": "thermometer", "FROZEN": "snowflake"}
LOG_TEXTS: Mapping[str, str | Promise] = {
    "received": gettext_lazy("Order received from the shop"),
    "short_expected": gettext_lazy("%(missing)s × %(sku)s are likely to be missing"),
    "line_picked": gettext_lazy("%(quantity)s × %(name)s picked"),
    "line_short": gettext_lazy("%(quantity)s × %(name)s not there: %(reason)s"),
    "tote_staged": gettext_lazy("Box %(tote)s put into bin %(bin)s"),
    "code_wrong": gettext_lazy("Wrong code at the desk, %(left)s tries left"),
    "paid": gettext_lazy("Paid"),
    "arrived_early": gettext_lazy("The customer is here before the order is ready"),
    "changed": gettext_lazy("The shop changed the order"),
    "changed_in_part": gettext_lazy(
        "The shop changed the order after picking began: only notes and times were taken"
    ),
    "cancel_refused": gettext_lazy("The shop wanted to cancel: too late"),
    "given_back": gettext_lazy("Given back to the others"),
    "taken_over": gettext_lazy("Taken over"),
}


@register.filter
def qty(value: Decimal | str | None) -> str:
    """A quantity without trailing zeros, in the reader's notation."""
    if value is None or value == "":
        return ""
    number = Decimal(str(value))
    places = max(0, -int(number.normalize().as_tuple().exponent))
    return formats.number_format(number, decimal_pos=places, use_l10n=True)


@register.filter
def zone_name(zone: str) -> str:
    """A temperature zone in words."""
    return str(Zone(zone).label) if zone in Zone.values else zone


@register.filter
def zone_icon(zone: str) -> str:
    """The icon of a temperature zone."""
    return ZONE_ICONS.get(zone, "box")


@register.filter
def urgency_kind(urgency: str) -> str:
    """The badge of an urgency."""
    return URGENCY_KINDS.get(urgency, "muted")


@register.filter
def state_kind(state: str) -> str:
    """The badge of an order's state."""
    return STATE_KINDS.get(state, "muted")


@register.filter
def picture_url(picture: str) -> str:
    """The address of a product's picture; empty without one."""
    return static(picture) if picture else ""


@register.filter
def local_name(product: object) -> str:
    """A product's name in the reader's language where the catalogue has it."""
    german = str(getattr(product, "name_de", "") or "")
    return german if german and (get_language() or "").startswith("de") else str(getattr(product, "name", ""))


@register.filter
def log_text(entry: OrderLogEntry) -> str:
    """One line of the timeline in words."""
    if entry.kind == "moved":
        return str(Order.State(entry.state).label)
    data = {
        "name": "",
        "sku": "",
        "quantity": "",
        "reason": "",
        "missing": "",
        "tote": "",
        "bin": "",
        "left": "",
    }
    data |= entry.data
    for name in ("quantity", "missing"):
        data[name] = qty(data[name])
    if entry.kind == "line_short":
        data["reason"] = str(dict(OrderLine.Short.choices).get(data["reason"], data["reason"]))
    return str(LOG_TEXTS.get(entry.kind, entry.kind)) % data


@register.filter
def log_icon(entry: OrderLogEntry) -> str:
    """The icon of a line of the timeline."""
    by_kind = {"line_picked": "check", "line_short": "minus", "code_wrong": "alarm", "tote_staged": "tote"}
    return by_kind.get(entry.kind, "clock" if entry.kind != "moved" else "arrow-right")


@register.filter
def actor_name(entry: OrderLogEntry) -> str:
    """Who did it, as people call them; the shop's own address is not for them."""
    if entry.actor == entry.order.source:
        return _("Web shop")
    return _("by itself") if entry.actor == SYSTEM else entry.actor


@register.filter
def shop_name(order: Order) -> str:
    """Where the order came from and its number there."""
    return _("Web shop, %(number)s") % {"number": order.shop_order_id}


@register.filter
def urgency_words(card: Card) -> str:
    """What stands beside an order's time: `start now`, `in 14 min`, `12 min late`; ready ones wait."""
    if card.mark == queries.NOW and card.state in queries.WAITING:
        return _("start now")
    if card.state in queries.READY and card.seconds_left < 0:
        return _("waits to be fetched")
    return due_words(card.seconds_left)


@register.filter
def due_words(seconds: int) -> str:
    """`in 14 min` or `12 min late`."""
    minutes = abs(int(seconds)) // 60
    hours, rest = divmod(minutes, 60)
    text = (
        _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}
        if hours
        else _("%(count)d min") % {"count": minutes}
    )
    return _("%(span)s late") % {"span": text} if seconds < 0 else _("in %(span)s") % {"span": text}


@register.filter
def is_today(moment: datetime | None) -> bool:
    """Say whether a moment lies on the reader's current day."""
    return moment is not None and timezone.localdate(moment) == timezone.localdate()

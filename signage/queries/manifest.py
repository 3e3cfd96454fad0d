"""Everything a screen needs to play by itself: rules, playlists, content and the till's prices."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.templatetags.static import static
from django.urls import reverse

from signage.models import Display, Media, PlaylistItem, ScheduleRule, TargetRule
from signage.queries.rules import interrupt_json, interrupts_for, rule_json, rules_for
from store.models import Price, Product, Site
from store.queries import catalogue, holds

# Without word from the server for this long, a price is not shown any more.
PRICE_TTL_S = 90


@dataclass(frozen=True)
class Manifest:
    """What a screen plays from; `version` changes exactly when `body` does."""

    version: str
    body: dict[str, Any]

    @property
    def etag(self) -> str:
        """The version as an HTTP entity tag."""
        return f'"{self.version}"'


@dataclass(frozen=True)
class Content:
    """The playable items of some playlists; items of held or retired products are left out."""

    items: dict[int, list[PlaylistItem]]
    names: dict[int, str]
    held: dict[int, str]

    @property
    def playable(self) -> set[int]:
        """Playlists with something to show."""
        return {playlist for playlist, items in self.items.items() if items}


def content_of(playlist_ids: Iterable[int]) -> Content:
    """Items of playlists in order: two queries."""
    rows = (
        PlaylistItem.objects.filter(playlist_id__in=set(playlist_ids))
        .select_related("media", "product", "playlist")
        .order_by("playlist_id", "position")
    )
    rows = list(rows)
    held = holds.active_holds({row.product_id for row in rows if row.product_id})
    items: dict[int, list[PlaylistItem]] = defaultdict(list)
    for row in rows:
        if row.product is None or (row.product_id not in held and row.product.is_active):
            items[row.playlist_id].append(row)
    names = {row.playlist_id: row.playlist.name for row in rows}
    return Content(dict(items), names, {key: info.reason for key, info in held.items()})


def rows_for_schedule() -> tuple[list[ScheduleRule], list[TargetRule]]:
    """Every active rule: two queries."""
    return (
        list(ScheduleRule.objects.filter(is_active=True)),
        list(TargetRule.objects.filter(is_active=True)),
    )


def manifest_for(display: Display, *, now: datetime) -> Manifest:
    """Build a screen's manifest: 7 queries whatever the number of rules, playlists and products."""
    site = Site.objects.current()
    schedule, targets = rows_for_schedule()
    interrupts = interrupts_for(display, targets, now)
    rules = rules_for(display, schedule)
    # Content of every audience rule goes along, so that a switch finds it on the screen already.
    wanted = {each.playlist for each in (*rules, *interrupts)} | {display.default_playlist_id}
    wanted |= {row.playlist_id for row in targets if row.applies_to(display)}
    content = content_of(wanted)
    playable = content.playable
    body = {
        "display": {
            "code": display.device.code,
            "name": display.device.name,
            "store": site.name,
            "zone": site.timezone,
            "locale": site.locale,
            "currency": site.currency,
            "exponent": site.currency_exponent,
        },
        "default": display.default_playlist_id,
        "rules": [rule_json(each) for each in rules if each.playlist in playable],
        "interrupts": [interrupt_json(each) for each in interrupts if each.playlist in playable],
        "playlists": {
            str(key): {"name": content.names[key], "items": [_item_json(item) for item in items]}
            for key, items in content.items.items()
        },
        "cards": _cards(content, site, now),
        "price_ttl_s": PRICE_TTL_S,
    }
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return Manifest(version=hashlib.sha256(canonical.encode()).hexdigest()[:16], body=body)


def media_url(media: Media) -> str | None:
    """Where a picture is fetched; templates have no file."""
    return reverse("signage:media", args=[media.sha256]) if media.kind == Media.Kind.IMAGE else None


def _item_json(item: PlaylistItem) -> dict[str, Any]:
    media = item.media
    return {
        "id": item.pk,
        "kind": media.template or media.kind,
        "media": media.sha256,
        "title": title_of(item),
        "url": media_url(media),
        "data": media.data,
        "product": item.product_id,
        "duration_ms": item.duration_ms,
    }


def title_of(item: PlaylistItem) -> str:
    """What a person calls the item."""
    return str(item.product) if item.product else item.media.title


def _cards(content: Content, site: Site, now: datetime) -> dict[str, Any]:
    """Product cards with the price that the till charges now, by product id: two queries."""
    products = {
        item.product_id: item.product for items in content.items.values() for item in items if item.product
    }
    cards = catalogue.find_by_ids(list(products), at=now)
    ends = dict(
        Price.objects.effective(now).filter(product_id__in=products).values_list("product_id", "ends_at")
    )
    return {
        str(card.id): {
            "name": card.name_de if site.locale.startswith("de") and card.name_de else card.name,
            "size": card.size_label,
            "unit": card.unit,
            "is_weighed": card.is_weighed,
            "picture": picture_url(products[card.id].picture),
            "price_minor": card.price_minor,
            "price_version": card.price_version,
            "price_until": ends[card.id].isoformat() if ends.get(card.id) else None,
        }
        for card in cards.values()
    }


def picture_url(picture: str) -> str | None:
    """The address of a product's picture."""
    return static(picture) if picture else None


def display_by_code(code: str) -> Display | None:
    """A screen with its device: one query."""
    return Display.objects.select_related("device", "group").filter(device__code=code).first()


def products_for_picker(text: str, *, now: datetime) -> list[Product]:
    """Products a manager may advertise, found by words."""
    found = catalogue.search(text, at=now, limit=12)
    rows = Product.objects.in_bulk([card.id for card in found])
    return [rows[card.id] for card in found if card.id in rows]

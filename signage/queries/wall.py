"""The wall: every screen with what it shows, what comes next and how it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils import translation

from signage.domain.playhead import playhead
from signage.domain.schedule import Choice, timeline
from signage.models import SEEN_WITHIN, Display, Media, Playlist, PlaylistItem
from signage.queries.manifest import (
    Content,
    content_of,
    media_url,
    picture_url,
    rows_for_schedule,
    title_of,
)
from signage.queries.rules import interrupts_for, rules_for
from store.models import Product, Site
from store.queries import catalogue
from store.queries.catalogue import ProductCard
from store.templatetags.ui import money

AHEAD = timedelta(hours=24)


class State(StrEnum):
    """How a screen is."""

    PLAYING = "PLAYING"
    SILENT = "SILENT"
    UNPAIRED = "UNPAIRED"
    REVOKED = "REVOKED"


@dataclass(frozen=True, kw_only=True)
class Thumb:
    """A small picture of an item: an image, a product with its price, or words."""

    kind: str
    title: str
    url: str | None = None
    price: str = ""
    headline: str = ""
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class ScreenCard:
    """One screen of the wall; `now` is what it reported, or what it should show when it is silent."""

    code: str
    name: str
    group: str
    state: State
    thumb: Thumb | None
    now_title: str
    now_playlist: str
    cause: str
    cause_name: str
    next_playlist: str
    next_at: datetime | None
    last_seen_at: datetime | None
    storage: str
    waiting_plays: int


def state_of(display: Display, now: datetime) -> State:
    """Whether a screen plays, is silent, or has no credential."""
    device = display.device
    if device.revoked_at is not None:
        return State.REVOKED
    if not device.is_trusted or not device.token_hash:
        return State.UNPAIRED
    if display.reported_at and now - display.reported_at <= SEEN_WITHIN:
        return State.PLAYING
    return State.SILENT


def wall(*, now: datetime) -> list[ScreenCard]:
    """All screens: 7 queries whatever their number."""
    site = Site.objects.current()
    zone = ZoneInfo(site.timezone)
    schedule, targets = rows_for_schedule()
    displays = list(Display.objects.select_related("device", "group"))
    wanted = {row.playlist_id for row in (*schedule, *targets)}
    content = content_of(wanted | {display.default_playlist_id for display in displays})
    names = dict(Playlist.objects.values_list("pk", "name"))
    products = {item.product_id for items in content.items.values() for item in items if item.product_id}
    prices = catalogue.find_by_ids(sorted(products), at=now)
    cards = []
    for display in displays:
        rules = [each for each in rules_for(display, schedule) if each.playlist in content.playable]
        interrupts = interrupts_for(display, targets, now)
        segments = timeline(
            rules, now, now + AHEAD, zone, default=display.default_playlist_id, interrupts=interrupts
        )
        item = shown_item(display, segments[0].choice, content, now)
        upcoming = segments[1] if len(segments) > 1 else None
        cards.append(
            ScreenCard(
                code=display.device.code,
                name=display.device.name,
                group=display.group.name if display.group else "",
                state=state_of(display, now),
                thumb=thumb_of(item, prices, site) if item else None,
                now_title=title_of(item) if item else "",
                now_playlist=names.get(segments[0].choice.playlist, ""),
                cause=segments[0].choice.kind,
                cause_name=cause_name(segments[0].choice),
                next_playlist=names.get(upcoming.choice.playlist, "") if upcoming else "",
                next_at=upcoming.starts_at if upcoming else None,
                last_seen_at=display.reported_at,
                storage=display.storage,
                waiting_plays=display.waiting_plays,
            )
        )
    return cards


def cause_name(choice: Choice) -> str:
    """Name of the rule that won, empty for the default playlist."""
    return choice.winner.cause.name if choice.winner else ""


def shown_item(display: Display, choice: Choice, content: Content, now: datetime) -> PlaylistItem | None:
    """The item a screen reported, else the one its playhead stands at."""
    if state_of(display, now) is State.PLAYING:
        for items in content.items.values():
            for item in items:
                if (item.media.sha256, title_of(item)) == (display.reported_media, display.reported_title):
                    return item
    items = content.items.get(choice.playlist) or content.items.get(display.default_playlist_id, [])
    position = playhead([item.duration_ms for item in items], choice.since, now)
    return items[position.index] if position else None


def thumb_of(item: PlaylistItem, prices: Mapping[int, ProductCard], site: Site) -> Thumb:
    """The small picture of an item."""
    title = title_of(item)
    if item.product:
        card = prices.get(item.product.pk)
        price = price_words(card, site) if card and card.price_minor is not None else ""
        return Thumb(
            kind="price", title=_name(item.product, site), url=picture_url(item.product.picture), price=price
        )
    if item.media.kind == Media.Kind.IMAGE:
        return Thumb(kind="image", title=title, url=media_url(item.media))
    data = item.media.data
    return Thumb(
        kind="words", title=title, headline=data.get("headline", title), tone=data.get("tone", "blue")
    )


def _name(product: Product, site: Site) -> str:
    """A product's name in the screens' language."""
    return product.name_de if site.locale.startswith("de") and product.name_de else product.name


def price_words(card: ProductCard, site: Site) -> str:
    """A price as the screen writes it, in the screens' language: `€2.19`, `17,90 €/kg`."""
    with translation.override(site.locale):
        amount = money(card.price_minor, site.currency)
    return f"{amount}/{card.unit}" if card.is_weighed else amount


def counts(*, now: datetime) -> dict[State, int]:
    """How many screens are in each state: one query."""
    found = dict.fromkeys(State, 0)
    for display in Display.objects.select_related("device"):
        found[state_of(display, now)] += 1
    return found

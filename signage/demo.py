"""The demo's screens: what they show, when, and what they showed yesterday."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_noop as _

from signage import demo_art
from signage.domain.playhead import playhead
from signage.domain.schedule import timeline
from signage.models import (
    Display,
    DisplayGroup,
    Ladder,
    Media,
    Playlist,
    PlaylistItem,
    ScheduleRule,
    TargetRule,
)
from signage.queries.manifest import title_of
from signage.queries.rules import rules_for
from signage.services import library, plays
from store.models import Device, Product, Site

NAMES = {
    "display-1": (_("Entrance"), "Sales floor"),
    "display-2": (_("Fresh food"), "Sales floor"),
    "display-3": (_("Tills"), "Tills"),
    "display-4": (_("Shop window"), None),
}
PLAY_SPACE = UUID("0199a000-0000-7000-8000-000000000000")
OFFER_MS, PICTURE_MS = 10_000, 14_000
WITH_HISTORY = ("display-1", "display-2")


@dataclass(frozen=True)
class Shown:
    """One item to put into a playlist."""

    media: Media
    product: Product | None = None
    duration_ms: int = PICTURE_MS


def seed(*, now: datetime, rng: Random) -> None:
    """Write the demo's screens, playlists, rules and yesterday's plays; again changes nothing."""
    if Playlist.objects.exists():
        return
    site = Site.objects.current()
    playlists = _playlists(site, now, rng)
    displays = _displays(playlists["Welcome"])
    _rules(playlists, displays)
    _target(playlists["Just for you"], displays["display-1"])
    for code in WITH_HISTORY:
        _history(displays[code], ZoneInfo(site.timezone), now)


def _playlists(site: Site, now: datetime, rng: Random) -> dict[str, Playlist]:
    def picture(title: str, content: bytes) -> Shown:
        return Shown(library.add_picture(content=content, title=title, content_type="image/svg+xml", now=now))

    def words(title: str, template: str = "MESSAGE", **data: object) -> Shown:
        return Shown(library.add_template(template=template, title=title, data=data, now=now))

    price = library.add_template(template="PRICE", title="Product with its price", data={}, now=now)
    goods = _goods(rng)

    def offers(department: str, count: int) -> list[Shown]:
        return [Shown(price, product, OFFER_MS) for product in goods(department, count)]

    welcome = picture("Welcome", demo_art.welcome(site.name))
    orchard = picture("Apples from nearby", demo_art.orchard())
    rows = [["Monday to Friday", "7:00 – 21:00"], ["Saturday", "7:00 – 20:00"], ["Sunday", "closed"]]
    hours = words("Opening hours", "HOURS", headline="Open for you", tone="green", rows=rows)
    lines = {"headline": "A till opens for you", "text": "Please come forward to till 3."}
    contents = {
        "Welcome": [welcome, *offers("fruit_veg", 1), hours, picture("Bring your bag", demo_art.bags())],
        "Breakfast": [picture("Still warm", demo_art.bakery()), *offers("bakery", 3), *offers("dairy", 2)],
        "Offers of the day": [orchard, *offers("fruit_veg", 2), *offers("deli", 2), *offers("drinks", 2)],
        "Evening": [
            words("Last orders", headline="A quiet evening", text="Fresh bread until nine.", tone="blue"),
            *offers("frozen", 2),
            *offers("snacks", 2),
            hours,
        ],
        "Just for you": [
            words("Hello", headline="Hello there!", text="Take a look at these.", tone="amber"),
            *offers("snacks", 2),
        ],
        "Fresh today": [orchard, *offers("fruit_veg", 2), *offers("deli", 1), *offers("meat_fish", 2)],
        "While you wait": [*offers("snacks", 2), *offers("kiosk", 1), hours],
        "Shop window": [welcome, hours, *offers("bakery", 1)],
        "Queue": [words("Till opens", tone="amber", **lines)],
        "Emergency": [
            words("Leave the store", headline="Please leave the store", text="Calmly, now.", tone="red")
        ],
    }
    return {name: _playlist(name, items) for name, items in contents.items()}


def _playlist(name: str, items: list[Shown]) -> Playlist:
    playlist = Playlist.objects.create(name=name)
    PlaylistItem.objects.bulk_create(
        PlaylistItem(
            playlist=playlist,
            position=position,
            media=item.media,
            product=item.product,
            duration_ms=item.duration_ms,
        )
        for position, item in enumerate(items)
    )
    return playlist


def _goods(rng: Random):  # noqa: ANN202 - a closure that hands out each product once
    """Pick products of a department, or of any when the store has no such department; none twice."""
    everything = list(
        Product.objects.filter(is_active=True, min_age__isnull=True, prices__isnull=False)
        .exclude(picture="")
        .select_related("department")
        .order_by("sku")
        .distinct()
    )
    rng.shuffle(everything)

    def pick(department: str, count: int) -> list[Product]:
        fitting = [each for each in everything if department in each.department.code] or everything
        chosen = fitting[:count]
        for each in chosen:
            everything.remove(each)
        return chosen

    return pick


def _displays(default: Playlist) -> dict[str, Display]:
    displays = {}
    for code, (name, group_name) in NAMES.items():
        device, created = Device.objects.get_or_create(
            code=code, defaults={"kind": Device.Kind.DISPLAY, "name": name}
        )
        if created or device.name.startswith("Screen "):
            device.name = name
            device.save(update_fields=["name"])
        group = DisplayGroup.objects.get_or_create(name=group_name)[0] if group_name else None
        displays[code] = Display.objects.create(device=device, group=group, default_playlist=default)
    return displays


WORKDAYS = [1, 2, 3, 4, 5, 6]


def _between(start: time, end: time, **more: object) -> dict[str, object]:
    """A rule of every open day from one time to another."""
    custom = ScheduleRule.Daypart.CUSTOM
    return {"daypart": custom, "from_time": start, "until_time": end, "weekdays": WORKDAYS} | more


def _rules(playlists: dict[str, Playlist], displays: dict[str, Display]) -> None:
    floor, tills = displays["display-1"].group, displays["display-3"].group
    morning = {"daypart": ScheduleRule.Daypart.MORNING, "weekdays": WORKDAYS}
    breakfast = {"playlist": playlists["Breakfast"], "weekdays": [6], "priority": 10, "group": floor}
    queue = {"playlist": playlists["Queue"], "ladder": Ladder.OVERRIDE, "is_active": False, "group": tills}
    leave = {"playlist": playlists["Emergency"], "ladder": Ladder.EMERGENCY, "is_active": False}
    rows: dict[str, dict[str, object]] = {
        "Breakfast": morning,
        "Offers of the day": _between(time(11), time(18, 30)),
        "Evening": _between(time(18, 30), time(21)),
        "Fresh today": _between(time(11), time(18, 30), priority=10, display=displays["display-2"]),
        "While you wait": {"priority": 10, "group": tills},
        "Shop window": {"priority": 10, "display": displays["display-4"]},
        "Weekend breakfast": _between(time(9), time(13), **breakfast),
        "Queue at the tills": queue,
        "Leave the store": leave,
    }
    for order, (name, row) in enumerate(rows.items()):
        values = {"playlist": playlists.get(name)} | row
        ScheduleRule.objects.create(name=name, order=order, **values)


def _target(playlist: Playlist, display: Display) -> None:
    TargetRule.objects.create(
        name="Somebody looks at the entrance screen",
        playlist=playlist,
        display=display,
        camera="camera-entrance",
        zone="promo",
        at_least=2,
    )


def _history(display: Display, zone: ZoneInfo, now: datetime) -> None:
    """Yesterday's plays from seven to nine in the evening, as the screen would have reported them."""
    day = now.astimezone(zone).date() - timedelta(days=1)
    opens, closes = (datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC) for hour in (7, 21))
    rules = rules_for(display, ScheduleRule.objects.filter(is_active=True))
    items = _items_by_playlist()
    records: list[dict[str, object]] = []
    for segment in timeline(rules, opens, closes, zone, default=display.default_playlist_id):
        content = items.get(segment.choice.playlist, [])
        at = segment.starts_at
        while content and at < segment.ends_at:
            spot = playhead([each.duration_ms for each in content], segment.choice.since, at)
            if spot is None:
                break
            item, ends_at = content[spot.index], min(spot.ends_at, segment.ends_at)
            records.append(
                {
                    "id": str(uuid5(PLAY_SPACE, f"{display.device.code} {at.isoformat()}")),
                    "seq": len(records) + 1,
                    "playlist": item.playlist.name,
                    "title": title_of(item),
                    "media": item.media.sha256,
                    "cause": segment.choice.kind,
                    "cause_id": segment.choice.cause_id,
                    "product": item.product_id,
                    "price_version": None,
                    "started_at": at.isoformat(),
                    "ended_at": ends_at.isoformat(),
                    "complete": ends_at == spot.ends_at,
                }
            )
            at = ends_at
    taken = [plays.parse(each, now=now) for each in records]
    plays.insert_plays(display=display, records=taken, now=closes)


def _items_by_playlist() -> dict[int, list[PlaylistItem]]:
    found: dict[int, list[PlaylistItem]] = {}
    for item in PlaylistItem.objects.select_related("media", "product", "playlist"):
        found.setdefault(item.playlist_id, []).append(item)
    return found

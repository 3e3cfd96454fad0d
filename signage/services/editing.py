"""Changes to playlists and rules; each tells the screens concerned and is written to the audit trail."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from signage.models import Media, Playlist, PlaylistItem, ScheduleRule, Scoped, TargetRule
from signage.services import library
from signage.services.nudges import nudge_all, nudge_scopes
from store.errors import AisleError
from store.models import Product
from store.services import audit


class PlaylistInUseError(AisleError):
    """A rule or screen still names the playlist."""

    code = "playlist_in_use"
    message = _("This playlist is used by a rule or a screen. Change these first.")
    status = 409


def save_rule(*, rule: ScheduleRule | TargetRule, was: Scoped | None, actor: str, now: datetime) -> None:
    """Store a new or changed rule; screens of its old and new scope are told. `was` is the rule before."""
    with transaction.atomic():
        rule.save()
        data = {"rule": rule.pk, "playlist": rule.playlist_id, "active": rule.is_active}
        action = "signage.rule.changed" if was else "signage.rule.added"
        audit.record(actor=actor, action=action, target=rule.name, data=data, now=now)
        nudge_scopes(rule, *([was] if was else []))


def delete_rule(*, rule: ScheduleRule | TargetRule, actor: str, now: datetime) -> None:
    """Take a rule away."""
    with transaction.atomic():
        audit.record(
            actor=actor, action="signage.rule.deleted", target=rule.name, data={"rule": rule.pk}, now=now
        )
        nudge_scopes(rule)
        rule.delete()


def switch_rule(*, rule: ScheduleRule, active: bool, actor: str, now: datetime) -> None:
    """Put a rule in force or out of it."""
    with transaction.atomic():
        rule.is_active = active
        rule.save(update_fields=["is_active", "updated_at"])
        action = "signage.rule.on" if active else "signage.rule.off"
        audit.record(actor=actor, action=action, target=rule.name, data={"rule": rule.pk}, now=now)
        nudge_scopes(rule)


def move_item(*, item: PlaylistItem, step: int) -> None:
    """Move an item one place up (-1) or down (+1); at the end nothing happens."""
    with transaction.atomic():
        ordered = list(
            PlaylistItem.objects.select_for_update().filter(playlist=item.playlist_id).order_by("pk")
        )
        ordered.sort(key=lambda each: each.position)
        index = next(number for number, each in enumerate(ordered) if each.pk == item.pk)
        target = max(0, min(len(ordered) - 1, index + step))
        ordered.insert(target, ordered.pop(index))
        _renumber(ordered)
        _touched(item.playlist)


def add_item(*, playlist: Playlist, media: Media, product: Product | None = None) -> PlaylistItem:
    """Put something at the end of a playlist."""
    with transaction.atomic():
        Playlist.objects.select_for_update().get(pk=playlist.pk)
        last = playlist.items.aggregate(last=Max("position"))["last"]
        item = PlaylistItem.objects.create(
            playlist=playlist, media=media, product=product, position=0 if last is None else last + 1
        )
        _touched(playlist)
    return item


def add_product(*, playlist: Playlist, product: Product, now: datetime) -> PlaylistItem:
    """Advertise a product with the till's price."""
    media = library.add_template(template="PRICE", title="Product with its price", data={}, now=now)
    return add_item(playlist=playlist, media=media, product=product)


def remove_item(*, item: PlaylistItem) -> None:
    """Take an item out of its playlist; the others close up."""
    with transaction.atomic():
        playlist = item.playlist
        item.delete()
        _renumber(list(playlist.items.select_for_update().order_by("position")))
        _touched(playlist)


def set_duration(*, item: PlaylistItem, duration_ms: int) -> None:
    """Change how long an item shows."""
    with transaction.atomic():
        item.duration_ms = duration_ms
        item.save(update_fields=["duration_ms"])
        _touched(item.playlist)


def delete_playlist(*, playlist: Playlist, actor: str, now: datetime) -> None:
    """Delete a playlist that nothing names. Raises PlaylistInUseError."""
    with transaction.atomic():
        if is_used(playlist):
            raise PlaylistInUseError
        audit.record(actor=actor, action="signage.playlist.deleted", target=playlist.name, now=now)
        playlist.delete()


def is_used(playlist: Playlist) -> bool:
    """Whether a rule or a screen names the playlist."""
    return (
        ScheduleRule.objects.filter(playlist=playlist).exists()
        or TargetRule.objects.filter(playlist=playlist).exists()
        or playlist.default_of.exists()
    )


def _renumber(items: list[PlaylistItem]) -> None:
    for position, each in enumerate(items):
        each.position = position
    PlaylistItem.objects.bulk_update(items, ["position"])


def _touched(playlist: Playlist) -> None:
    playlist.save(update_fields=["updated_at"])
    nudge_all()

"""Screens, playlists, rules and plays, as small as they can be."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import factory

from signage import models
from store.ids import uuid7
from store.models import Device
from tests.factories.store import DeviceFactory

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def sha256(text: str) -> str:
    """A name for content."""
    return hashlib.sha256(text.encode()).hexdigest()


class MediaFactory(factory.django.DjangoModelFactory):
    """A message."""

    class Meta:
        model = models.Media

    title = factory.Sequence(lambda n: f"Message {n}")
    sha256 = factory.LazyAttribute(lambda media: sha256(f"{media.template} {media.title}"))
    kind = models.Media.Kind.TEMPLATE
    template = models.Media.Template.MESSAGE
    data = factory.LazyAttribute(lambda media: {"headline": media.title, "tone": "blue"})
    content_type = "application/json"
    size_bytes = 10
    created_at = NOW


class PlaylistFactory(factory.django.DjangoModelFactory):
    """A playlist with `items` messages of ten seconds."""

    class Meta:
        model = models.Playlist
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Playlist {n}")

    @factory.post_generation
    def items(self, create, extracted, **kwargs):
        for position in range(1 if extracted is None else extracted):
            models.PlaylistItem.objects.create(playlist=self, position=position, media=MediaFactory())


class DisplayDeviceFactory(DeviceFactory):
    """The device of a screen, paired with the token `token-<code>`."""

    kind = Device.Kind.DISPLAY
    code = factory.Sequence(lambda n: f"screen-{n}")
    name = factory.Sequence(lambda n: f"Screen {n}")
    token_hash = factory.LazyAttribute(lambda device: sha256(f"token-{device.code}"))


class DisplayFactory(factory.django.DjangoModelFactory):
    """A paired screen."""

    class Meta:
        model = models.Display

    device = factory.SubFactory(DisplayDeviceFactory)
    default_playlist = factory.SubFactory(PlaylistFactory)


class RuleFactory(factory.django.DjangoModelFactory):
    """A rule for every day, all day, everywhere."""

    class Meta:
        model = models.ScheduleRule

    name = factory.Sequence(lambda n: f"Rule {n}")
    playlist = factory.SubFactory(PlaylistFactory)


class TargetFactory(factory.django.DjangoModelFactory):
    """Three persons at the entrance."""

    class Meta:
        model = models.TargetRule

    name = factory.Sequence(lambda n: f"Audience {n}")
    playlist = factory.SubFactory(PlaylistFactory)
    camera = "camera-entrance"
    zone = "promo"
    at_least = 3


def authorization(display: models.Display) -> dict[str, str]:
    """The header of a screen's requests."""
    return {"Authorization": f"Device token-{display.device.code}"}


def play(
    seq: int = 1, *, started_at: datetime = NOW, seconds: float = 10, **facts: object
) -> dict[str, object]:
    """A proof of play as the player sends it."""
    return {
        "id": str(uuid7()),
        "seq": seq,
        "playlist": "Offers",
        "title": "Oat biscuits",
        "media": "a" * 64,
        "cause": "rule",
        "cause_id": 7,
        "product": None,
        "price_version": None,
        "started_at": started_at.isoformat(),
        "ended_at": (started_at + timedelta(seconds=seconds)).isoformat(),
        "complete": True,
    } | facts

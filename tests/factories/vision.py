"""Cameras, their zones, and the messages of an edge box."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import factory

from store.models import Device
from tests.factories.store import SiteFactory
from vision import models
from vision.domain import ulid
from vision.services.ingest import Raw

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CHANNEL = {"heartbeat": "hb"}


class EdgeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Device
        django_get_or_create = ("code",)

    code = "edge-1"
    kind = Device.Kind.EDGE
    name = "Camera box 1"
    enrolled_at = NOON


class CameraFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Camera
        django_get_or_create = ("code",)

    code = "camera-tills"
    name = "Tills"
    device = factory.SubFactory(EdgeFactory)


class ScopeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Scope
        django_get_or_create = ("camera", "code")

    camera = factory.SubFactory(CameraFactory)
    code = "queue"
    name = "Queue"
    kind = "QUEUE"
    shape = [[0, 0], [1, 0], [1, 1], [0, 1]]


class Edge:
    """An edge box on paper: writes messages with rising sequence numbers and ULIDs."""

    def __init__(self, device: str = "edge-1", site: str = "s1") -> None:
        self.device, self.site, self.seq = device, site, 0

    def say(self, kind, camera, scope, body, *, at=NOON, received_at=None, **changes) -> Raw:
        """Return a message as it arrives."""
        self.seq += 1
        data = {
            "v": 1,
            "id": ulid.encode(int(at.timestamp() * 1000), self.seq),
            "type": kind,
            "device": self.device,
            "seq": self.seq,
            "at": at.isoformat(),
            "camera": camera,
            "scope": scope,
            "body": body,
        } | changes
        topic = f"store/{self.site}/edge/{self.device}/{CHANNEL.get(kind, kind)}/{camera}/{scope}"
        return Raw(topic, json.dumps(data).encode(), received_at or at)

    def crossed(self, direction="in", at=NOON):
        return self.say(
            "event", "camera-entrance", "door", {"kind": "line_crossed", "direction": direction}, at=at
        )

    def minute(self, ins, outs=0, bucket=NOON, coverage=60):
        body = {"bucket": bucket.isoformat(), "coverage_s": coverage, "metrics": {"in": ins, "out": outs}}
        return self.say("minute", "camera-entrance", "door", body, at=bucket + timedelta(seconds=59))

    def queue(self, count, at=NOON, lives=30, scope="queue", camera="camera-tills"):
        body = {"count": count, "expires_at": (at + timedelta(seconds=lives)).isoformat()}
        return self.say("state", camera, scope, body, at=at)

    def camera(self, state="up", at=NOON, lives=30, code="camera-tills", reason=""):
        expiry = (at + timedelta(seconds=lives)).isoformat()
        return self.say(
            "state", code, "-", {"state": state, "fps": 5, "reason": reason, "expires_at": expiry}, at=at
        )

    def box(self, state, session, at=NOON):
        return self.say("state", "-", "-", {"state": state, "session": session, "version": "1"}, at=at)

    def detections(self, points, at=NOON, camera="camera-entrance"):
        return self.say("detections", camera, "-", {"count": len(points), "points": points}, at=at)


def make_store() -> dict[str, models.Scope]:
    """A site with the two cameras of the demo layout."""
    SiteFactory()
    entrance = CameraFactory(code="camera-entrance", name="Entrance")
    line = [[0.25, 0.62], [0.75, 0.62]]
    return {
        "door": ScopeFactory(
            camera=entrance, code="door", name="Door", kind="LINE", shape=line, is_entrance=True
        ),
        "promo": ScopeFactory(camera=entrance, code="promo", name="Display", kind="AUDIENCE"),
        "queue": ScopeFactory(
            camera=CameraFactory(), people_per_till=3, enter_after_s=10, leave_after_s=10, cool_down_s=60
        ),
    }


def make_tills(count: int = 4) -> None:
    """Tills the store has; none is open yet."""
    for number in range(1, count + 1):
        Device.objects.create(kind="TILL", code=f"till-{number}", name=f"Till {number}", enrolled_at=NOON)

"""One subscription per process, fanned out to this process's sockets.

Channels routes and authenticates; fan-out is ours because its channel layer costs ten times the
latency (docs/adr). Each socket has a bounded queue: a slow browser loses its oldest nudge, never
anybody else's, and fetches everything again when it reconnects.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import defaultdict
from urllib.parse import parse_qs

import redis.asyncio as redis
import structlog
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from redis.exceptions import RedisError

from store import access
from store.live import CHANNEL
from store.models import Device, Staff

log = structlog.get_logger(__name__)

QUEUE_LENGTH = 64
MAX_TOPICS = 32
RECHECK_S = 5
RETRY_S = 1
LISTEN_S = 5


class Broadcaster:
    """Reads the live channel once and hands each message to the sockets that watch its topic."""

    def __init__(self) -> None:
        self._watchers: defaultdict[str, set[asyncio.Queue[str]]] = defaultdict(set)
        self._reader: asyncio.Task[None] | None = None

    def watch(self, topics: list[str]) -> asyncio.Queue[str]:
        """Register a socket's queue for its topics and start reading if nobody did yet."""
        queue: asyncio.Queue[str] = asyncio.Queue(QUEUE_LENGTH)
        for topic in topics:
            self._watchers[topic].add(queue)
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read())
        return queue

    def leave(self, topics: list[str], queue: asyncio.Queue[str]) -> None:
        for topic in topics:
            self._watchers[topic].discard(queue)
            if not self._watchers[topic]:
                del self._watchers[topic]

    def hand_out(self, text: str) -> None:
        """Put one message into the queues of its topic."""
        topic = json.loads(text)["topic"]
        for queue in self._watchers.get(topic, ()):
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(text)

    async def _read(self) -> None:
        """Read for as long as this process serves."""
        while not _is_cancelled():
            try:
                await self._listen()
            except (RedisError, OSError) as error:
                # Without Valkey pages poll; the subscription comes back by itself.
                log.warning("live.subscription_lost", error=str(error))
                await asyncio.sleep(RETRY_S)

    async def _listen(self) -> None:
        client = redis.Redis.from_url(settings.REDIS_URL, decode_responses=True)
        async with client, client.pubsub(ignore_subscribe_messages=True) as subscription:
            await subscription.subscribe(CHANNEL)
            # What was nudged before the subscription stood is unknown: every watcher fetches once.
            for topic in list(self._watchers):
                self.hand_out(json.dumps({"topic": topic, "data": {}}, separators=(",", ":")))
            while not _is_cancelled():
                message = await subscription.get_message(timeout=LISTEN_S)
                if message is not None:
                    self.hand_out(message["data"])


def _is_cancelled() -> bool:
    """Whether this task was asked to end: the client may swallow the cancellation while it connects."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


broadcaster = Broadcaster()


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """`/ws/live?topics=a,b`: sends `{"topic": …, "data": …}` whenever a watched topic is nudged."""

    async def connect(self) -> None:
        query = parse_qs(self.scope["query_string"].decode())
        self.topics = [topic for topic in query.get("topics", [""])[0].split(",") if topic][:MAX_TOPICS]
        cookies = self.scope["cookies"]
        # A browser may be a till and, with another cookie, a screen.
        names = (settings.DEVICE_COOKIE_NAME, settings.DISPLAY_COOKIE_NAME)
        self.device_tokens = [cookies[name] for name in names if cookies.get(name)]
        if not await self._is_welcome():
            await self.close(code=4403)
            return
        await self.accept()
        self.queue = broadcaster.watch(self.topics)
        self.tasks = [asyncio.create_task(self._send()), asyncio.create_task(self._recheck())]

    async def disconnect(self, code: int) -> None:
        if not hasattr(self, "queue"):
            return
        broadcaster.leave(self.topics, self.queue)
        for task in self.tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _send(self) -> None:
        while True:
            await self.send(text_data=await self.queue.get())

    async def _recheck(self) -> None:
        """A disabled person or revoked device loses the socket within five seconds."""
        while True:
            await asyncio.sleep(RECHECK_S)
            if not await self._is_welcome():
                await self.close(code=4403)
                return

    @database_sync_to_async
    def _is_welcome(self) -> bool:
        user = self.scope["user"]
        if user.is_authenticated and Staff.objects.filter(pk=user.pk, is_active=True).exists():
            return True
        devices = [device for token in self.device_tokens if (device := access.find_device(token))]
        return any(all(_may_watch(device, topic) for topic in self.topics) for device in devices)


# A screen watches itself, a till or picker's phone what its work needs.
_TOPICS_BY_KIND = {
    Device.Kind.TILL: {"link", "holds", "alerts", "tills", "orders", "stock"},
    Device.Kind.PICKER: {"link", "holds", "orders", "stock", "alerts"},
    Device.Kind.DISPLAY: {"link", "displays", "holds"},
}


def _may_watch(device: Device, topic: str) -> bool:
    """Devices watch the topics of their kind, and of topics that name a device only their own."""
    name, _, code = topic.partition(":")
    if code and name in {"till", "display", "picker"}:
        return code == device.code
    if name == "order":
        return device.kind in {Device.Kind.TILL, Device.Kind.PICKER}
    return topic in _TOPICS_BY_KIND.get(Device.Kind(device.kind), set())

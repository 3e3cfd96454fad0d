"""Django's synchronous request chain behind ASGI, on threads that live on.

Every middleware and view here is synchronous. Django's own ASGI handler gives each request a thread, an
executor and database wrappers of its own and takes them down again; a few threads that live on serve the
same chain for half the CPU. WebSockets stay on the event loop (store/asgi.py).
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.http import HttpResponseBase
from django.urls import set_script_prefix

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]

STREAM_PATIENCE_S = 60


class ThreadHandler(ASGIHandler):
    """An ASGI application; as many threads as the database pool has connections answer requests."""

    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)
        # One more would only wait for a connection.
        threads = settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"]
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="http")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"this answers HTTP, not {scope['type']}")
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        loop = asyncio.get_running_loop()

        def stream(message: Message) -> None:
            asyncio.run_coroutine_threadsafe(send(message), loop).result(STREAM_PATIENCE_S)

        for message in await loop.run_in_executor(self._threads, self._answer, scope, body, stream):
            await send(message)

    def _answer(self, scope: Message, body: io.IOBase, stream: Callable[[Message], None]) -> list[Message]:
        """Answer a request in this thread; returns what is left to send (all of it unless it streams)."""
        with body:
            set_script_prefix(get_script_prefix(scope))
            signals.request_started.send(sender=type(self), scope=scope)
            request, response = self.create_request(scope, body)
            if request is not None:
                response = self.get_response(request)
            response._handler_class = type(self)
            try:
                return self._messages(response, stream)
            finally:
                # Gives the database connection back, in the thread that took it.
                response.close()

    def _messages(self, response: HttpResponseBase, stream: Callable[[Message], None]) -> list[Message]:
        start = {"type": "http.response.start", "status": response.status_code, "headers": _headers(response)}
        if not response.streaming:
            return [start, {"type": "http.response.body", "body": response.content}]  # type: ignore[attr-defined]
        stream(start)
        for part in response:  # type: ignore[attr-defined]
            stream({"type": "http.response.body", "body": part, "more_body": True})
        return [{"type": "http.response.body", "body": b""}]


def _headers(response: HttpResponseBase) -> list[tuple[bytes, bytes]]:
    headers = [
        (name.encode("ascii"), value.encode("latin1"))
        for name, value in response.items()  # type: ignore[attr-defined]
    ]
    return headers + [
        (b"Set-Cookie", cookie.output(header="").encode("ascii").strip())
        for cookie in response.cookies.values()
    ]

"""HTTP by Django, WebSockets by the broadcaster."""

from __future__ import annotations

import os

import django
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "store.settings")
django.setup()

# Models are ready only after setup().
from store.broadcast import LiveConsumer  # noqa: E402 - see above
from store.handler import ThreadHandler  # noqa: E402 - see above

http = ThreadHandler()

application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(URLRouter([path("ws/live", LiveConsumer.as_asgi())]))
        ),
    }
)

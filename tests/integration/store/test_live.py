"""Nudges reach the sockets that watch them; strangers and revoked devices get none."""

import asyncio
import json

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings

from store import asgi, broadcast
from store.services import devices
from tests.factories.store import DeviceFactory


def test_hand_out_reaches_watchers_of_the_topic_only_and_drops_the_oldest():
    async def run():
        broadcaster = broadcast.Broadcaster()
        broadcaster._reader = asyncio.create_task(asyncio.sleep(60))
        mine, other = broadcaster.watch(["a", "b"]), broadcaster.watch(["c"])
        for number in range(broadcast.QUEUE_LENGTH + 3):
            broadcaster.hand_out(json.dumps({"topic": "a", "data": {"n": number}}))
        assert mine.qsize() == broadcast.QUEUE_LENGTH
        assert json.loads(mine.get_nowait())["data"]["n"] == 3
        assert other.empty()
        broadcaster.leave(["a", "b"], mine)
        broadcaster.leave(["c"], other)
        assert dict(broadcaster._watchers) == {}
        broadcaster._reader.cancel()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("kind", "code", "topic", "expected"),
    [
        ("TILL", "till-1", "till:till-1", True),
        ("TILL", "till-1", "till:till-2", False),
        ("TILL", "till-1", "holds", True),
        ("TILL", "till-1", "sensors", False),
        ("DISPLAY", "display-1", "display:display-1", True),
        ("DISPLAY", "display-1", "order:5", False),
        ("SENSOR", "s-1", "holds", False),
    ],
)
def test_devices_watch_only_what_their_work_needs(kind, code, topic, expected):
    device = DeviceFactory.build(kind=kind, code=code)
    assert broadcast._may_watch(device, topic) is expected


def communicator(token: str) -> ApplicationCommunicator:
    cookie = f"{settings.DEVICE_COOKIE_NAME}={token}".encode()
    scope = {
        "type": "websocket",
        "path": "/ws/live",
        "query_string": b"topics=holds",
        "headers": [(b"cookie", cookie), (b"origin", b"http://localhost"), (b"host", b"localhost")],
        "subprotocols": [],
    }
    return ApplicationCommunicator(asgi.application, scope)


@pytest.mark.django_db(transaction=True)
def test_a_stranger_is_turned_away():
    async def run():
        socket = communicator("nothing")
        await socket.send_input({"type": "websocket.connect"})
        assert await socket.receive_output(5) == {"type": "websocket.close", "code": 4403}

    asyncio.run(run())


@pytest.mark.django_db(transaction=True)
def test_an_enrolled_till_is_let_in():
    token = devices.enrol(device=DeviceFactory(enrolled_at=None), actor="test").token

    async def run():
        socket = communicator(token)
        await socket.send_input({"type": "websocket.connect"})
        assert (await socket.receive_output(5))["type"] == "websocket.accept"
        broadcast.broadcaster.hand_out('{"topic":"holds","data":{}}')
        assert json.loads((await socket.receive_output(5))["text"]) == {"topic": "holds", "data": {}}
        await socket.send_input({"type": "websocket.disconnect", "code": 1000})
        await socket.wait(5)

    asyncio.run(run())

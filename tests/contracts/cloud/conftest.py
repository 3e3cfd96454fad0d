"""One suite, three implementations: loopback, moto in process, ministack as a program of its own."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest

from store.adapters.cloud import aws, provision
from store.adapters.cloud.loopback import LoopbackQueue, LoopbackSink
from store.adapters.cloud.port import EventSink, MessageQueue
from store.runtime import paths

REGION = "eu-central-1"


@dataclass
class Way:
    """One implementation: the shop puts into `shop`, the store reads `orders`; `out` is told to, `arrived` is read."""

    name: str
    shop: EventSink
    orders: MessageQueue
    out: EventSink
    arrived: MessageQueue

    def envelope_of(self, message) -> dict:
        return json.loads(message.body)


def program() -> Path | None:
    """The installed AWS counterpart: `manage.py` puts it into .tools/cloud; MINISTACK names another."""
    for found in (
        os.environ.get("MINISTACK"),
        paths.tools() / "cloud" / "bin" / "ministack",
        shutil.which("ministack"),
    ):
        if found and Path(found).exists():
            return Path(found)
    return None


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="session")
def ministack_url(tmp_path_factory):
    """A running counterpart for the whole test session."""
    found = program()
    if found is None:
        if os.environ.get("AISLE_REQUIRE_CLOUD") == "1":
            pytest.fail("the AWS counterpart is not installed")
        pytest.skip("the AWS counterpart is not installed (python3 manage.py install)")
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path_factory.mktemp("ministack")),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "SERVICES": "events,sqs",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "ERROR",
        "MINISTACK_REGION": REGION,
    }
    child = subprocess.Popen(
        [str(found)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, child)
        yield url
    finally:
        child.terminate()
        child.wait(10)


def _wait(url, child):
    until = time.monotonic() + 30
    while time.monotonic() < until and child.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/_ministack/health", timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the AWS counterpart did not start")


def aws_way(name: str, url: str) -> Way:
    """Buses, rules and queues of fresh names behind an endpoint."""
    tag = uuid.uuid4().hex[:8]
    made = provision.provision(
        region=REGION, endpoint_url=url, bus_in=f"in-{tag}", bus_out=f"out-{tag}", queue_name=f"orders-{tag}"
    )
    events = aws.client("events", region=REGION, endpoint_url=url)
    sqs = aws.client("sqs", region=REGION, endpoint_url=url, read_timeout=25)
    return Way(
        name=name,
        shop=aws.AwsSink(events, bus=made.bus_in),
        orders=aws.AwsQueue(sqs, queue_url=made.queue_url),
        out=aws.AwsSink(events, bus=made.bus_out),
        arrived=aws.AwsQueue(sqs, queue_url=made.out_queue_url),
    )


@pytest.fixture(params=["loopback", "moto", "ministack"])
def way(request, db):
    """Each implementation in turn."""
    if request.param == "loopback":
        shop, out = f"orders-{uuid.uuid4().hex[:8]}", f"out-{uuid.uuid4().hex[:8]}"
        yield Way(
            "loopback",
            LoopbackSink(queue=shop),
            LoopbackQueue(queue=shop),
            LoopbackSink(queue=out),
            LoopbackQueue(queue=out),
        )
    elif request.param == "moto":
        moto = pytest.importorskip("moto")
        with pytest.MonkeyPatch.context() as patch, moto.mock_aws():
            for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
                patch.setenv(name, "test")
            yield aws_way("moto", "")
    else:
        yield aws_way("ministack", request.getfixturevalue("ministack_url"))

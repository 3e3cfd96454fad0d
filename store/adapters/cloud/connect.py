"""Which adapter is used: one place that reads the settings."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from store.adapters.cloud import aws, provision
from store.adapters.cloud.loopback import LoopbackQueue, LoopbackSink
from store.adapters.cloud.port import EventSink, MessageQueue

RECEIVE_PATIENCE_SECONDS = 25


def is_loopback() -> bool:
    """No AWS at all."""
    return str(settings.CLOUD_ADAPTER) == "loopback"


def is_counterpart() -> bool:
    """The AWS interface is played by a program on this machine, which we may set up ourselves."""
    host = urlsplit(settings.AWS_ENDPOINT_URL).hostname if settings.AWS_ENDPOINT_URL else None
    return not is_loopback() and host in aws.LOOPBACK_HOSTS


def describe() -> str:
    """What the link goes through, for banners and logs."""
    if is_loopback():
        return "loopback (no AWS: PostgreSQL tables on this machine)"
    if is_counterpart():
        return f"AWS counterpart at {settings.AWS_ENDPOINT_URL}"
    return f"AWS, region {settings.AWS_REGION}"


def out_sink() -> EventSink:
    """Where the store's events go."""
    if is_loopback():
        return LoopbackSink(queue=provision.OUT_QUEUE)
    return aws.AwsSink(_client("events"), bus=settings.AWS_BUS_OUT)


def shop_sink() -> EventSink:
    """The shop's side of the incoming bus: for the demo and tests."""
    if is_loopback():
        return LoopbackSink(queue=provision.ORDER_QUEUE)
    return aws.AwsSink(_client("events"), bus=settings.AWS_BUS_IN)


def order_queue() -> MessageQueue:
    """Where messages for the store come from."""
    if is_loopback():
        return LoopbackQueue(queue=provision.ORDER_QUEUE)
    client = _client("sqs", read_timeout=RECEIVE_PATIENCE_SECONDS)
    return aws.AwsQueue(client, queue_url=settings.AWS_QUEUE_URL, queue_name=provision.ORDER_QUEUE)


def out_queue() -> MessageQueue:
    """What arrived on the outgoing bus: for tests and the demo only."""
    if is_loopback():
        return LoopbackQueue(queue=provision.OUT_QUEUE)
    return aws.AwsQueue(_client("sqs", read_timeout=RECEIVE_PATIENCE_SECONDS), queue_name=provision.OUT_QUEUE)


def _client(service: str, *, read_timeout: float = 10) -> object:
    return aws.client(
        service,
        region=settings.AWS_REGION,
        endpoint_url=settings.AWS_ENDPOINT_URL,
        read_timeout=read_timeout,
    )

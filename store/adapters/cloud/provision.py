"""Set up the AWS counterpart of tests and the demo: buses, rules and queues as deploy/cloudformation makes
them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from store.adapters.cloud import aws

ORDER_QUEUE = "aisle-orders"
OUT_QUEUE = "aisle-out-watch"
ORDER_PATTERN = {"source": [{"prefix": "com."}], "detail-type": [{"prefix": "order."}]}
OUT_PATTERN = {"source": [{"prefix": "aisle."}]}
RETENTION_SECONDS = 14 * 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Counterpart:
    """What was set up: the shop's side puts into `bus_in`, the store's events can be read from
    `out_queue_url`."""

    bus_in: str
    bus_out: str
    queue_url: str
    out_queue_url: str


def provision(
    *, region: str, endpoint_url: str, bus_in: str, bus_out: str, queue_name: str = ORDER_QUEUE
) -> Counterpart:
    """Create buses, rules and queues; running it again changes nothing."""
    events = aws.client("events", region=region, endpoint_url=endpoint_url)
    sqs = aws.client("sqs", region=region, endpoint_url=endpoint_url)
    for bus in (bus_in, bus_out):
        _ensure_bus(events, bus)
    queue_url = _route(events, sqs, bus=bus_in, queue=queue_name, pattern=ORDER_PATTERN)
    out_queue_url = _route(events, sqs, bus=bus_out, queue=OUT_QUEUE, pattern=OUT_PATTERN)
    return Counterpart(bus_in=bus_in, bus_out=bus_out, queue_url=queue_url, out_queue_url=out_queue_url)


def _ensure_bus(events: Any, name: str) -> None:
    known = {bus["Name"] for bus in events.list_event_buses()["EventBuses"]}
    if name not in known:
        events.create_event_bus(Name=name)


def _route(events: Any, sqs: Any, *, bus: str, queue: str, pattern: Mapping[str, object]) -> str:
    """Make one queue and the rule that fills it; return the queue's URL."""
    attributes = {"MessageRetentionPeriod": str(RETENTION_SECONDS), "VisibilityTimeout": "120"}
    url = sqs.create_queue(QueueName=queue, Attributes=attributes)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rule = f"{queue}-rule"
    events.put_rule(Name=rule, EventBusName=bus, EventPattern=json.dumps(pattern), State="ENABLED")
    events.put_targets(Rule=rule, EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
    return str(url)

"""The AWS adapter over a way that breaks: every fault is LinkDownError, soon, and nothing is retried behind our back."""

import time
from urllib.parse import urlsplit

import pytest

from store.adapters.cloud import aws
from store.adapters.cloud.port import LinkDownError
from tests.contracts.cloud.conftest import REGION
from tests.contracts.cloud.test_port import entry
from tests.tools.fault_proxy import FaultProxy


@pytest.fixture
def broken_way(ministack_url):
    parts = urlsplit(ministack_url)
    with FaultProxy(target=(parts.hostname, parts.port)) as proxy:
        yield proxy


def sink(proxy, patience=2):
    client = aws.client("events", region=REGION, endpoint_url=proxy.url, read_timeout=patience)
    return aws.AwsSink(client, bus="default")


@pytest.mark.parametrize("mode", ["cut", "reset", "stall", "half"])
def test_fault_is_link_down_and_the_way_back_works(broken_way, mode):
    way = sink(broken_way)
    assert way.put_events([entry()])[0].is_sent
    broken_way.set_mode(mode)
    started = time.monotonic()
    with pytest.raises(LinkDownError):
        way.put_events([entry()])
    assert time.monotonic() - started < 6
    broken_way.restore()
    assert way.put_events([entry()])[0].is_sent


def test_botocore_does_not_retry(broken_way):
    way = sink(broken_way)
    broken_way.cut()
    before = broken_way.accepted
    with pytest.raises(LinkDownError):
        way.put_events([entry()])
    assert broken_way.accepted - before == 1


def test_queue_goes_through_the_endpoint_given_and_not_past_it(broken_way):
    client = aws.client("sqs", region=REGION, endpoint_url=broken_way.url, read_timeout=5)
    client.create_queue(QueueName="proxied")
    queue = aws.AwsQueue(client, queue_name="proxied")
    assert queue.receive(wait_seconds=0) == []
    broken_way.cut()
    with pytest.raises(LinkDownError):
        queue.receive(wait_seconds=0)


def test_missing_queue_is_link_down_with_the_reason(ministack_url):
    client = aws.client("sqs", region=REGION, endpoint_url=ministack_url, read_timeout=5)
    with pytest.raises(LinkDownError, match=r"NonExistentQueue|does not exist"):
        aws.AwsQueue(client, queue_name="nowhere").receive(wait_seconds=0)

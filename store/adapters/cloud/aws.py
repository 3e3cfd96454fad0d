"""EventBridge and SQS through boto3; botocore's own retries are off, the relay owns backoff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from store.adapters.cloud import limits
from store.adapters.cloud.port import EntryResult, LinkDownError, OutEntry, QueueMessage

SERVER_ERROR, TOO_MANY = 500, 429
LOOPBACK_HOSTS = {"127.0.0.1", "localhost", "::1"}
SERVER_FAULTS = {
    "InternalFailure",
    "InternalException",
    "InternalError",
    "ServiceUnavailable",
    "RequestTimeout",
}
THROTTLED = {"ThrottlingException", "Throttling", "RequestThrottled", "TooManyRequestsException", "SlowDown"}


def config(*, read_timeout: float = 10) -> Config:
    """Client settings: one attempt, short patience, as many connections as threads use."""
    return Config(
        connect_timeout=3,
        read_timeout=read_timeout,
        retries={"total_max_attempts": 1},
        max_pool_connections=8,
        parameter_validation=True,
    )


def client(service: str, *, region: str, endpoint_url: str = "", read_timeout: float = 10) -> Any:
    """Make a boto3 client.

    An endpoint on this machine is the AWS counterpart of tests and the demo and gets its well-known dummy
    credentials;
    anything else uses the machine's own credential chain.
    """
    is_local = bool(endpoint_url) and urlsplit(endpoint_url).hostname in LOOPBACK_HOSTS
    dummy = {"aws_access_key_id": "test", "aws_secret_access_key": "test"} if is_local else {}
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=endpoint_url or None,
        config=config(read_timeout=read_timeout),
        **dummy,
    )


def _down(error: Exception) -> LinkDownError | None:
    """Translate what means "nobody answered" or "not now"; None for a refusal of what was asked."""
    if isinstance(error, ParamValidationError):
        return None
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        code = error.response.get("Error", {}).get("Code", "")
        if status >= SERVER_ERROR or status == TOO_MANY or code in SERVER_FAULTS | THROTTLED:
            return LinkDownError(f"{status} {code}")
        # A missing bus, queue or right is the far side's state too: nothing of ours may die for it.
        return LinkDownError(f"{code}: {error.response.get('Error', {}).get('Message', '')}"[:300])
    return LinkDownError(f"{type(error).__name__}: {error}"[:300])


class AwsSink:
    """An EventBridge bus."""

    max_entries = limits.PUT_EVENTS_ENTRIES
    max_bytes = limits.PUT_EVENTS_BYTES

    def __init__(self, client: Any, *, bus: str) -> None:
        self._client = client
        self._bus = bus

    def put_events(self, entries: Sequence[OutEntry]) -> list[EntryResult]:
        """Send up to 10 entries; see EventSink."""
        limits.check_call(entries)
        allowed, refused = limits.split_refused(entries)
        answered = self._call(allowed) if allowed else []
        try:
            return limits.merge(len(entries), refused, answered)
        except ValueError as error:
            raise LinkDownError(str(error)) from error

    def _call(self, entries: Sequence[OutEntry]) -> list[EntryResult]:
        try:
            answer = self._client.put_events(Entries=[self._entry(entry) for entry in entries])
        except (BotoCoreError, ClientError, ValueError) as error:
            raise (_down(error) or error) from error
        rows = answer.get("Entries") if isinstance(answer, Mapping) else None
        if not isinstance(rows, list):
            raise LinkDownError("The answer names no entries.")
        return [_result(row) for row in rows]

    def _entry(self, entry: OutEntry) -> dict[str, object]:
        return {
            "EventBusName": self._bus,
            "Source": entry.source,
            "DetailType": entry.detail_type,
            "Detail": entry.detail,
            "Time": entry.time,
        }


def _result(row: Mapping[str, str]) -> EntryResult:
    if row.get("EventId") and not row.get("ErrorCode"):
        return EntryResult(is_sent=True)
    code = row.get("ErrorCode") or "NoAnswer"
    return EntryResult(is_sent=False, code=code, message=row.get("ErrorMessage", ""))


class AwsQueue:
    """An SQS queue, found by URL, or by name where no URL is set."""

    def __init__(self, client: Any, *, queue_url: str = "", queue_name: str = "") -> None:
        self._client = client
        self._url = queue_url
        self._name = queue_name

    def receive(self, *, wait_seconds: int, limit: int = 10) -> list[QueueMessage]:
        """Long poll; see MessageQueue."""
        answer = self._ask(
            "receive_message",
            MaxNumberOfMessages=min(limit, limits.SQS_BATCH),
            WaitTimeSeconds=min(wait_seconds, limits.SQS_WAIT_SECONDS),
            VisibilityTimeout=limits.SQS_VISIBILITY_SECONDS,
            AttributeNames=["ApproximateReceiveCount"],
        )
        return [
            QueueMessage(
                message_id=raw["MessageId"],
                receipt=raw["ReceiptHandle"],
                body=raw.get("Body", ""),
                receives=int(raw.get("Attributes", {}).get("ApproximateReceiveCount", 1)),
            )
            for raw in answer.get("Messages", [])
        ]

    def delete(self, message: QueueMessage) -> None:
        """Delete after the commit; see MessageQueue."""
        self._ask("delete_message", ReceiptHandle=message.receipt)

    def _ask(self, operation: str, **arguments: object) -> Any:
        try:
            if not self._url:
                self._url = self._client.get_queue_url(QueueName=self._name)["QueueUrl"]
            return getattr(self._client, operation)(QueueUrl=self._url, **arguments)
        except (BotoCoreError, ClientError, ValueError, KeyError) as error:
            raise (_down(error) or error) from error

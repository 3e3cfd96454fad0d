"""The AWS counterpart of the demo forgets everything when it restarts: this sets it up again."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from store.adapters.cloud import provision
from store.adapters.cloud.port import LinkDownError, MessageQueue, QueueMessage
from store.adapters.cloud.provision import Counterpart


def set_up() -> Counterpart:
    """Make buses, rules and queues in the counterpart; raises LinkDownError when it does not answer."""
    try:
        return provision.provision(
            region=settings.AWS_REGION,
            endpoint_url=settings.AWS_ENDPOINT_URL,
            bus_in=settings.AWS_BUS_IN,
            bus_out=settings.AWS_BUS_OUT,
        )
    except (BotoCoreError, ClientError, ValueError) as error:
        raise LinkDownError(f"{type(error).__name__}: {error}"[:300]) from error


class ProvisionedQueue:
    """A queue of the counterpart that is set up before the first receive, and again after a failed one."""

    def __init__(self, queue: MessageQueue) -> None:
        self._queue = queue
        self._is_set_up = False

    def receive(self, *, wait_seconds: int, limit: int = 10) -> list[QueueMessage]:
        """See MessageQueue."""
        if not self._is_set_up:
            set_up()
            self._is_set_up = True
        try:
            return self._queue.receive(wait_seconds=wait_seconds, limit=limit)
        except LinkDownError:
            self._is_set_up = False
            raise

    def delete(self, message: QueueMessage) -> None:
        """See MessageQueue."""
        self._queue.delete(message)

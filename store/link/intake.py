"""The intake: long poll, inbox, delete after the commit; never ahead of it."""

from __future__ import annotations

import threading

import structlog
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from store.adapters.cloud.port import LinkDownError, MessageQueue, QueueMessage
from store.link import inbox
from store.link.inbox import Outcome
from store.link.state import Endpoint

log = structlog.get_logger(__name__)

WAIT_SECONDS = 20
MAX_RECEIVES = 5
PAUSE_SECONDS = 1.0


class IntakeLoop:
    """Takes messages until stopped; a database that is away leaves them in the queue."""

    def __init__(self, queue: MessageQueue, endpoint: Endpoint, *, wait_seconds: int = WAIT_SECONDS) -> None:
        self._queue = queue
        self._endpoint = endpoint
        self._wait_seconds = wait_seconds
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Stop after the current message; safe in a signal handler."""
        self._stopping.set()

    def run(self) -> None:
        """Work until `stop`."""
        while not self._stopping.is_set():
            try:
                self.step()
            except (DatabaseError, InterfaceError) as error:
                log.warning("intake.database_away", error=str(error))
                self._stopping.wait(PAUSE_SECONDS)
            finally:
                connection.close()

    def step(self) -> int:
        """One long poll; returns how many messages were finished."""
        if not self._endpoint.allows():
            self._stopping.wait(min(self._endpoint.wait_seconds() or 0.05, PAUSE_SECONDS))
            return 0
        messages = self._receive()
        # After the first failure the rest would overtake it; the visibility timeout brings all of them again.
        finished = 0
        for message in messages:
            if self._stopping.is_set() or not self._finish(message):
                break
            finished += 1
        return finished

    def _receive(self) -> list[QueueMessage]:
        try:
            messages = self._queue.receive(wait_seconds=self._wait_seconds)
        except LinkDownError as error:
            self._endpoint.failed(str(error))
            return []
        except Exception as error:  # whatever ails the queue: the breaker opens, a later round tries again
            self._endpoint.failed(f"{type(error).__name__}: {error}")
            raise
        self._endpoint.succeeded()
        return messages

    def _finish(self, message: QueueMessage) -> bool:
        """Take one message in and delete it; False when it stays in the queue."""
        if not self._take(message):
            return False
        try:
            self._queue.delete(message)
        except LinkDownError as error:
            # It comes again and is found in the inbox.
            self._endpoint.failed(str(error))
            return False
        return True

    def _take(self, message: QueueMessage) -> bool:
        try:
            taken = inbox.take_in(body=message.body)
        except (DatabaseError, InterfaceError):
            if message.receives < MAX_RECEIVES:
                raise
            self._put_aside(message, "the database refused it five times")
        except Exception as error:  # one bad message must not stop the others; it comes back
            log.exception("intake.failed", message_id=message.message_id, receives=message.receives)
            if message.receives < MAX_RECEIVES:
                return False
            self._put_aside(message, f"could not be processed: {type(error).__name__}: {error}")
        else:
            if taken.outcome is not Outcome.APPLIED:
                log.info("intake.message", outcome=taken.outcome.value, reason=taken.reason)
        return True

    def _put_aside(self, message: QueueMessage, reason: str) -> None:
        inbox.put_aside(message.body, reason=reason[:300], now=timezone.now())

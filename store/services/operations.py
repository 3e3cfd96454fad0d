"""Operations with a client's key happen once; the same key gets the same answer, byte for byte."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from store.errors import AisleError
from store.models import Operation


class KeyReusedError(AisleError):
    code = "key_reused"
    message = _("This key was already used for another request.")
    status = 409


@dataclass(frozen=True)
class Answer:
    """What an operation answered: an HTTP status, JSON text, and whether it was a replay."""

    status: int
    text: str
    replayed: bool

    def data(self) -> Any:
        return json.loads(self.text)


def hash_request(body: Any) -> str:
    """SHA-256 of the request's canonical JSON."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def run_once(*, key: UUID, scope: str, request_hash: str, act: Callable[[], tuple[int, Any]]) -> Answer:
    """Run `act` and store its answer under `key`, in one transaction; or replay the stored answer.

    A rival with the same key waits for this transaction. Raises KeyReusedError when the key came with
    another request or scope. An exception of `act` stores nothing: the key stays free.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [key.int % 2**63])
        known = find_answer(key=key, scope=scope, request_hash=request_hash)
        if known is not None:
            return known
        status, body = act()
        text = json.dumps(body, separators=(",", ":"), default=str)
        Operation.objects.create(
            key=key, scope=scope, request_hash=request_hash, status=status, response=text
        )
    return Answer(status, text, replayed=False)


def find_answer(*, key: UUID, scope: str, request_hash: str) -> Answer | None:
    """The answer stored under `key`, None when the key is free. Raises KeyReusedError."""
    known = Operation.objects.filter(pk=key).first()
    if known is None:
        return None
    if known.request_hash != request_hash or known.scope != scope:
        raise KeyReusedError
    return Answer(known.status, known.response, replayed=True)

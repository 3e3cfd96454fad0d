"""Privileged acts, written down once, in order, chained by hash."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from store.models import AuditEntry

GENESIS = "0" * 64
# One lock for the chain: audit entries are rare, so waiting for each other costs nothing.
_LOCK = 0x41554449


def chain_hash(previous: str, record: dict[str, Any]) -> str:
    """SHA-256 over the previous hash and the record's canonical JSON (sorted keys, no spaces)."""
    canonical = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{previous}\n{canonical}".encode()).hexdigest()


def canonical_record(entry: AuditEntry) -> dict[str, Any]:
    """The fields of an entry that its hash covers."""
    return {
        "seq": entry.seq,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "action": entry.action,
        "target": entry.target,
        "data": entry.data,
    }


def record(
    *, actor: str, action: str, target: str, data: dict[str, Any] | None = None, now: datetime | None = None
) -> AuditEntry:
    """Append one act to the audit trail, inside the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
    last = AuditEntry.objects.order_by("-seq").first()
    entry = AuditEntry(
        seq=last.seq + 1 if last else 1,
        at=now or timezone.now(),
        actor=actor[:80],
        action=action[:60],
        target=target[:120],
        data=data or {},
        previous_hash=last.hash if last else GENESIS,
    )
    entry.hash = chain_hash(entry.previous_hash, canonical_record(entry))
    entry.save(force_insert=True)
    return entry

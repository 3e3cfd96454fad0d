"""What fulfillment takes in: order messages of the shops, through the store's inbox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fulfillment.domain import envelopes
from fulfillment.domain.commands import OrderCommand
from fulfillment.services import intake
from store.link import inbox
from store.link.inbox import Channel, Incoming, UnusableError


def _matches(envelope: Mapping[str, Any]) -> bool:
    return str(envelope.get("detail-type", "")).startswith("order.")


def _parse(envelope: Mapping[str, Any]) -> Incoming:
    try:
        command = envelopes.to_command(envelope)
    except envelopes.EnvelopeError as error:
        raise UnusableError(error.reason) from error
    return Incoming(
        source=command.source,
        message_id=command.message_id,
        type=str(envelope["detail-type"]),
        command=command,
    )


def _apply(command: OrderCommand, now: datetime) -> object:
    return intake.take_in_order(command=command, now=now)


inbox.register(Channel(name="orders", matches=_matches, parse=_parse, apply=_apply))

"""EventBridge envelope → order command: picks the adapter of the shop by the envelope's `source`."""

from collections.abc import Callable, Mapping

from fulfillment.domain import cloudevents, fields
from fulfillment.domain.commands import OrderCommand
from fulfillment.domain.fields import EnvelopeError

__all__ = ["EnvelopeError", "to_command"]

Adapter = Callable[[Mapping[str, object]], OrderCommand]

ADAPTERS: tuple[tuple[str, Adapter], ...] = (("com.", cloudevents.to_command),)
"""(prefix of `source`, adapter), first match wins; a shop's adapter is a pure function with recorded
envelopes."""


def to_command(envelope: object) -> OrderCommand:
    """Return the command of one envelope; raises EnvelopeError with the reason a person can read."""
    data = fields.mapping(envelope, "envelope")
    source = fields.text(data, "source", path="envelope")
    for prefix, adapter in ADAPTERS:
        if source.startswith(prefix):
            return adapter(data)
    raise EnvelopeError("unknown_source", f"source {source!r} has no adapter")

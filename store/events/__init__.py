"""Facts that the store's parts tell each other and the cloud."""

from store.events.base import Event, event, find

__all__ = ["Event", "event", "find"]

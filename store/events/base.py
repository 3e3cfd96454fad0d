"""What an event is: a frozen dataclass with a versioned name, a lane and a stream."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, TypeVar

LANES = ("sales", "orders", "alarms", "telemetry", "vision", "metrics", "local")

_registry: dict[str, type[Event]] = {}


class UnknownEventError(KeyError):
    """No event of this name is known."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact. Subclasses hold plain data only: str, int, bool, Decimal, UUID, date, aware datetime,
    tuples and frozen dataclasses of these."""

    type: ClassVar[str]
    lane: ClassVar[str]
    priority: ClassVar[int]

    @property
    def stream(self) -> str:
        """The aggregate the fact belongs to; facts of one stream keep their order."""
        raise NotImplementedError


E_ = TypeVar("E_", bound=Event)


def event(name: str, *, lane: str, priority: int = 5) -> Callable[[type[E_]], type[E_]]:
    """Register an event class under its versioned name, such as `pos.sale.completed.v1`.

    `lane` is one of LANES; `priority` 0-9, lower leaves first within the lane.
    Raises ValueError for an unknown lane, a name without version or a name used twice.
    """
    if lane not in LANES:
        raise ValueError(f"{name}: {lane} is not a lane")
    if not name.rsplit(".", 1)[-1].startswith("v"):
        raise ValueError(f"{name}: an event's name ends with its version, .v1")

    def register(cls: type[E_]) -> type[E_]:
        if name in _registry:
            raise ValueError(f"{name} is registered twice")
        cls.type, cls.lane, cls.priority = name, lane, priority
        _registry[name] = cls
        return cls

    return register


def find(name: str) -> type[Event]:
    """Return the class of an event's name. Raises UnknownEventError."""
    try:
        return _registry[name]
    except KeyError as error:
        raise UnknownEventError(name) from error


def all_events() -> dict[str, type[Event]]:
    """All registered events by name."""
    return dict(sorted(_registry.items()))

"""States of an order and the only moves between them (spec: fulfillment §2)."""

from collections.abc import Mapping
from enum import StrEnum

from fulfillment.domain.refusal import RefusedError


class OrderState(StrEnum):
    """Where an order is; the main road first, then the side states."""

    RECEIVED = "RECEIVED"
    RESERVED = "RESERVED"
    RELEASED = "RELEASED"
    PICKING = "PICKING"
    PICKED = "PICKED"
    STAGED = "STAGED"
    READY = "READY"
    ARRIVED = "ARRIVED"
    HANDED_OVER = "HANDED_OVER"
    HELD = "HELD"
    REJECTED = "REJECTED"
    CANCEL_PENDING = "CANCEL_PENDING"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    RESTOWING = "RESTOWING"
    CLOSED = "CLOSED"


S = OrderState

MOVES: Mapping[OrderState, frozenset[OrderState]] = {
    S.RECEIVED: frozenset({S.RESERVED, S.HELD, S.REJECTED, S.CANCELLED}),
    S.RESERVED: frozenset({S.RELEASED, S.HELD, S.CANCELLED}),
    S.HELD: frozenset({S.RESERVED, S.RELEASED, S.REJECTED, S.CANCELLED}),
    S.RELEASED: frozenset({S.PICKING, S.HELD, S.CANCELLED}),
    S.PICKING: frozenset({S.PICKED, S.CANCEL_PENDING, S.RELEASED, S.CANCELLED}),
    S.PICKED: frozenset({S.STAGED, S.RESTOWING, S.CANCELLED}),
    S.STAGED: frozenset({S.READY, S.RESTOWING}),
    S.READY: frozenset({S.ARRIVED, S.HANDED_OVER, S.EXPIRED, S.RESTOWING}),
    S.ARRIVED: frozenset({S.HANDED_OVER, S.EXPIRED, S.RESTOWING}),
    S.HANDED_OVER: frozenset({S.CLOSED}),
    S.REJECTED: frozenset({S.CLOSED}),
    S.CANCEL_PENDING: frozenset({S.RESTOWING, S.CANCELLED}),
    S.CANCELLED: frozenset({S.CLOSED}),
    S.EXPIRED: frozenset({S.RESTOWING}),
    S.RESTOWING: frozenset({S.CLOSED}),
    S.CLOSED: frozenset(),
}

LIVE: frozenset[OrderState] = frozenset(
    {
        S.RECEIVED,
        S.RESERVED,
        S.RELEASED,
        S.PICKING,
        S.PICKED,
        S.STAGED,
        S.READY,
        S.ARRIVED,
        S.HELD,
        S.CANCEL_PENDING,
    }
)
"""States in which an order may hold a reservation."""

COLLECTABLE: frozenset[OrderState] = frozenset({S.READY, S.ARRIVED})
ALREADY_COLLECTED: frozenset[OrderState] = frozenset({S.HANDED_OVER, S.CLOSED})
CHANGEABLE: frozenset[OrderState] = frozenset({S.RECEIVED, S.RESERVED, S.RELEASED, S.HELD})
"""States in which the shop may still change what is ordered."""


def move(current: OrderState, wanted: OrderState) -> OrderState:
    """Return `wanted` if the move is allowed; raises RefusedError `illegal_move`, never a silent no-op."""
    if wanted not in MOVES[current]:
        raise RefusedError("illegal_move", {"from": current.value, "to": wanted.value})
    return wanted


def cancel_target(current: OrderState) -> OrderState:
    """Say where a cancellation leads (spec: fulfillment §2, cancellation races).

    Before picking at once; while picking the picker is stopped first; later the goods go back to the shelf.
    Raises RefusedError `already_collected` after the handover and `already_cancelled` for a second
    cancellation.
    """
    if current in ALREADY_COLLECTED:
        raise RefusedError("already_collected")
    if current in CHANGEABLE:
        return OrderState.CANCELLED
    if current is OrderState.PICKING:
        return OrderState.CANCEL_PENDING
    if OrderState.RESTOWING in MOVES[current] and current is not OrderState.CANCEL_PENDING:
        return OrderState.RESTOWING
    raise RefusedError("already_cancelled", {"from": current.value})

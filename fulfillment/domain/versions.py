"""Messages come twice and in any order: what to do with one, given what is known."""

from enum import StrEnum

from fulfillment.domain.commands import CommandKind

FULL = frozenset({CommandKind.CREATE, CommandKind.UPDATE})
FACTS = frozenset({CommandKind.PAID, CommandKind.ARRIVED})
"""Things that happened once and stay true: they overwrite nothing, so their version does not matter."""


class Verdict(StrEnum):
    """What a message about an order means now."""

    APPLY = "APPLY"
    TOMBSTONE = "TOMBSTONE"
    STALE = "STALE"


def judge(*, kind: CommandKind, version: int, known: int | None, cancelled: int | None) -> Verdict:
    """Guard by version: an older message never overwrites a newer state.

    `known` is the version of the stored order, `cancelled` the version of a cancellation that came before
    the order
    itself. What comes before its order leaves a tombstone; an order older than its cancellation is stale.
    """
    if known is None:
        if kind not in FULL:
            return Verdict.TOMBSTONE
        return Verdict.STALE if cancelled is not None and version <= cancelled else Verdict.APPLY
    if kind in FACTS:
        return Verdict.APPLY
    return Verdict.APPLY if version > known else Verdict.STALE

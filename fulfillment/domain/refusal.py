"""The one error of the fulfillment rules."""

from collections.abc import Mapping


class RefusedError(Exception):
    """A rule said no.

    `code` is stable and machine readable (`wrong_item`, `over_pick`, ...); `params` fill the message that the
    service layer shows in the language of the person.
    """

    def __init__(self, code: str, params: Mapping[str, object] | None = None) -> None:
        self.code = code
        self.params: dict[str, object] = dict(params or {})
        super().__init__(f"{code} {self.params}" if self.params else code)

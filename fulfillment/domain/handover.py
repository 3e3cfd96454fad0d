"""The collection code: six digits, five tries, then a supervisor."""

import hashlib
import hmac
from dataclasses import dataclass

from fulfillment.domain.refusal import RefusedError

DIGITS = 6
MAX_TRIES = 5


@dataclass(frozen=True, kw_only=True)
class CodeCheck:
    """Result of a wrong code: tries used so far and whether only a supervisor may go on."""

    failures: int
    is_locked: bool

    @property
    def left(self) -> int:
        """Tries left."""
        return max(0, MAX_TRIES - self.failures)


def collection_code(*, key: bytes, order_id: int, nonce: str) -> str:
    """Derive the code of an order from the server's key and the order's nonce (dynamic truncation as in
    RFC 4226 §5.3).

    No code is ever stored: a copied database reveals none, and a notice sent again carries the same code.
    """
    digest = hmac.new(key, f"fulfillment.collection/{order_id}/{nonce}".encode(), hashlib.sha256).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def check_code(*, entered: str, expected: str, failures: int, is_supervisor: bool) -> CodeCheck | None:
    """Compare in constant time; None means right, a CodeCheck counts the wrong try.

    Raises RefusedError `code_malformed` (not six digits, not counted) and `code_locked` (five wrong tries:
    a supervisor).
    """
    if failures >= MAX_TRIES and not is_supervisor:
        raise RefusedError("code_locked")
    code = "".join(entered.split())
    if len(code) != DIGITS or not code.isascii() or not code.isdigit():
        raise RefusedError("code_malformed", {"digits": DIGITS})
    if hmac.compare_digest(code, expected):
        return None
    return CodeCheck(failures=failures + 1, is_locked=failures + 1 >= MAX_TRIES)

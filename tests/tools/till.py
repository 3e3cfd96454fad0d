"""A till that speaks the API and repeats itself until it is answered, as a till's browser does."""

from __future__ import annotations

import hashlib
import json
import random
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.stack import Stack

CASHIERS = {
    "till-1": ("anna", "1111"),
    "till-2": ("ben", "2222"),
    "till-3": ("deniz", "4444"),
    "till-4": ("cashier", "1111"),
}
TILLS = tuple(CASHIERS)
PATIENCE_S = 90


def plain_codes(stack: Stack) -> list[str]:
    """Barcodes of goods anybody may buy by the piece."""
    rows = stack.sql(
        "select g.gtin14 from store_gtin g join store_product p on p.id = g.product_id "
        "where not p.is_weighed and p.min_age is null and p.is_active and g.pack_quantity = 1 "
        "and not exists (select 1 from store_producthold h where h.product_id = p.id) "
        "and exists (select 1 from store_price r where r.product_id = p.id and r.price_minor > 0 "
        "            and r.starts_at <= now() and (r.ends_at is null or r.ends_at > now())) "
        "order by g.id limit 60"
    )
    return [row[0] for row in rows]


@dataclass
class Till:
    """A till's side of the API, with what was acknowledged to it."""

    stack: Stack
    code: str
    token: str = field(default_factory=lambda: uuid4().hex)
    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    retries: int = 0

    def open(self) -> None:
        """Enrol, sign the cashier in and open a shift when none is open."""
        self.enrol()
        name, pin = CASHIERS[self.code]
        state = self.call("sign-in/", {"username": name, "pin": pin})
        if not state["is_open"]:
            self.call("shifts/", {"float_minor": 10_000})

    def close(self) -> None:
        """Put the basket away and close the shift, when one is open."""
        self.enrol()
        name, pin = CASHIERS[self.code]
        if self.call("sign-in/", {"username": name, "pin": pin})["is_open"]:
            self.call("cart/", {}, method="DELETE")
            self.call("shifts/", {"counted_minor": 10_000}, method="DELETE")

    def enrol(self) -> None:
        """Give the till this token, whoever had it before."""
        digest = hashlib.sha256(self.token.encode()).hexdigest()
        self.stack.sql(
            "update store_device set token_hash = %s, enrolled_at = now(), revoked_at = null where code = %s "
            "returning id",
            (digest, self.code),
        )

    def call(self, path: str, body: dict[str, Any], key: str = "", method: str = "POST") -> dict[str, Any]:
        """Send until somebody answers; a dead server is tried again with the same body and key."""
        request = urllib.request.Request(
            f"{self.stack.url}/api/v1/pos/{path}",
            data=json.dumps(body).encode(),
            method=method,
            headers={
                "Authorization": f"Device {self.token}",
                "Content-Type": "application/json",
                **({"Idempotency-Key": key} if key else {}),
            },
        )
        patience = time.monotonic() + PATIENCE_S
        while True:
            try:
                with urllib.request.urlopen(request, timeout=15) as answer:
                    return json.loads(answer.read() or "{}")
            except urllib.error.HTTPError as error:
                if error.code < 500 or time.monotonic() > patience:
                    raise AssertionError(f"{path}: {error.code} {error.read()[:500]!r}") from error
            except OSError:
                if time.monotonic() > patience:
                    raise
            self.retries += 1
            time.sleep(0.2)

    def sell(self, codes: list[str], rng: random.Random) -> None:
        """One sale of one to six lines; the basket's version decides, so a repeated command is harmless."""
        basket: dict[str, Any] = {}
        for code in rng.choices(codes, k=rng.randint(1, 6)):
            command = {"id": str(uuid4()), "kind": "scan", "data": {"code": code}}
            basket = self.call("cart/commands/", command)
        total = basket["totals"]["gross_minor"]
        cart, key = basket["cart"]["id"], str(uuid4())
        body = {"version": basket["version"], "cash_minor": total + rng.choice([5, 500])}
        done = self.call(f"carts/{cart}/complete/", body, key=key)
        assert done["total_minor"] == total + done["rounding_minor"]
        self.acknowledged[key] = done

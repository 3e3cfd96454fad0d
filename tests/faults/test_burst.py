"""A burst of 200 sales while children die at random moments: nothing lost, nothing doubled.

Each till keeps its own keys and repeats a request until it is answered, as a till's browser does.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from store.runtime import process
from tests.stack import Stack, wait_until

TILLS = ("till-1", "till-2", "till-3", "till-4")
CASHIERS = {"till-1": ("anna", "1111"), "till-2": ("ben", "2222"), "till-3": ("deniz", "4444")}
CASHIERS["till-4"] = ("cashier", "1111")
SALES_PER_TILL = 50
VICTIMS = ("web-1", "web-2", "postgres", "relay", "worker", "valkey", "ingest", "mqtt", "beat", "intake")
PATIENCE_S = 90


@dataclass
class Till:
    """A till's side of the API, with what was acknowledged to it."""

    stack: Stack
    code: str
    token: str = field(default_factory=lambda: uuid4().hex)
    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    retries: int = 0

    def enrol(self) -> None:
        digest = hashlib.sha256(self.token.encode()).hexdigest()
        self.stack.sql(
            "update store_device set token_hash = %s, enrolled_at = now(), revoked_at = null where code = %s "
            "returning id",
            (digest, self.code),
        )

    def call(self, path: str, body: dict[str, Any], key: str = "") -> dict[str, Any]:
        """POST until somebody answers; a dead server is tried again with the same body and key."""
        request = urllib.request.Request(
            f"{self.stack.url}/api/v1/pos/{path}",
            data=json.dumps(body).encode(),
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
                    return json.loads(answer.read())
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
        total = basket["totals"]["total_minor"]
        cart, key = basket["cart"]["id"], str(uuid4())
        body = {"version": basket["version"], "cash_minor": total + rng.choice([0, 5, 500])}
        done = self.call(f"carts/{cart}/complete/", body, key=key)
        assert done["total_minor"] == total
        self.acknowledged[key] = done


def kill_at_random(stack: Stack, stop: threading.Event, rng: random.Random, killed: list[str]) -> None:
    """End one child after the other, each once it has come back from the last time."""
    while not stop.wait(rng.uniform(0.3, 1.5)):
        record = stack.record
        name = rng.choice(VICTIMS)
        number = record.get("children", {}).get(name, 0)
        if number and name in record.get("ready", []) and process.alive(number):
            try:
                os.kill(number, 9)
            except ProcessLookupError:
                continue
            killed.append(name)


def test_a_burst_of_sales_survives_random_kills(stack: Stack) -> None:
    rng = random.Random(20260101)
    codes = [
        row[0]
        for row in stack.sql(
            "select g.gtin14 from store_gtin g join store_product p on p.id = g.product_id "
            "where not p.is_weighed and p.min_age is null and p.is_active and g.pack_quantity = 1 "
            "and not exists (select 1 from store_producthold h where h.product_id = p.id) "
            "order by g.id limit 60"
        )
    ]
    before = stack.sql("select count(*) from pos_receipt")[0][0]
    tills = [Till(stack, code) for code in TILLS]
    for till in tills:
        till.enrol()
        name, pin = CASHIERS[till.code]
        till.call("sign-in/", {"username": name, "pin": pin})
        till.call("shifts/", {"float_minor": 10_000})
    killed: list[str] = []
    stop = threading.Event()
    killer = threading.Thread(target=kill_at_random, args=(stack, stop, rng, killed))
    killer.start()

    def sell_all(till: Till) -> None:
        own = random.Random(till.code)
        for _ in range(SALES_PER_TILL):
            till.sell(codes, own)

    try:
        with ThreadPoolExecutor(len(tills)) as pool:
            list(pool.map(sell_all, tills))
    finally:
        stop.set()
        killer.join()

    wait_until("every child", lambda: set(VICTIMS) <= set(stack.record.get("ready", [])), 60)
    acknowledged = {key: done for till in tills for key, done in till.acknowledged.items()}
    assert len(acknowledged) == len(TILLS) * SALES_PER_TILL
    assert stack.sql("select count(*) from pos_receipt")[0][0] - before == len(acknowledged)
    stored = {
        str(uid): (number, total)
        for uid, number, total in stack.sql("select uid, number, total_minor from pos_receipt")
    }
    for done in acknowledged.values():
        assert stored[done["receipt"]] == (done["number"], done["total_minor"])
    assert "holds" in stack.manage("verify")
    wait_until(
        "delivery of every event",
        lambda: stack.sql("select count(*) from store_outboxevent where delivered_at is null") == [(0,)],
        60,
    )
    retries = sum(till.retries for till in tills)
    assert len(killed) >= 5, "too few kills to mean anything"
    print(
        f"\n{len(acknowledged)} sales, {len(killed)} kills ({', '.join(sorted(set(killed)))}), {retries} retries"
    )

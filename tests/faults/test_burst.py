"""A burst of 200 sales while children die at random moments: nothing lost, nothing doubled.

Each till keeps its own keys and repeats a request until it is answered, as a till's browser does.
"""

from __future__ import annotations

import os
import random
import threading
from concurrent.futures import ThreadPoolExecutor

from store.runtime import process
from tests.stack import Stack, wait_until
from tests.tools.till import TILLS, Till, plain_codes

SALES_PER_TILL = 50
VICTIMS = ("web-1", "web-2", "postgres", "relay", "worker", "valkey", "ingest", "mqtt", "beat", "intake")


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
    codes = plain_codes(stack)
    before = stack.sql("select count(*) from pos_receipt")[0][0]
    tills = [Till(stack, code) for code in TILLS]
    for till in tills:
        till.open()
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

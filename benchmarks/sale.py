"""A sale of ten lines through the real HTTP endpoint, against a bare SQL function writing the same rows.

Promised: at most 3 times the CPU of the function, never above 6; at most 8 statements (a test counts them).
CPU is what the web processes and their database connections used, read from /proc, so that a busy machine
changes little. The function writes into copies of the tables with their indexes, checks and references, and
nobody hashes, signs or prices anything for it.
`AISLE_E2E_HOME=<folder>` measures the store running there.

    python -m benchmarks.sale [sales]
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.request
from pathlib import Path
from uuid import uuid4

import psycopg

from tests.stack import Stack, discard, make_stack, running_stack

SALES, LINES = 100, 10
WARM_UP = 40
TILL = "till-4"
TABLES = (
    "pos_receipt", "pos_receiptline", "pos_receipttender", "pos_journalrecord", "pos_cartcommand",
    "store_stockledger", "store_stockunfolded", "store_outboxevent", "store_operation",
)  # fmt: skip
FLOOR = """
drop schema if exists bench cascade; create schema bench;
{tables}
create table bench.heads (id int primary key, number int, total bigint, state jsonb);
insert into bench.heads select id, 0, 0, '{{}}' from generate_series(1, 6) id;
create function bench.sale(sale jsonb) returns void language plpgsql as $$
begin
    -- journal, number series, shift, person, stream, basket
    for head in 1..5 loop
        update bench.heads set number = number + 1, total = total + 1 where id = head;
    end loop;
    update bench.heads set state = sale->'basket' where id = 6;
    {inserts}
end $$;
"""


def client(stack: Stack):
    """Ask the API as the till."""
    token = "bench-" + uuid4().hex
    stack.sql(
        "update store_device set token_hash = encode(sha256(%s::bytea), 'hex'), enrolled_at = now(), "
        "revoked_at = null where code = %s returning id",
        (token.encode(), TILL),
    )

    def ask(method: str, path: str, body: dict | None = None, key: str = "") -> dict:
        headers = {
            "Authorization": f"Device {token}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        if key:
            headers["Idempotency-Key"] = key
        request = urllib.request.Request(
            f"{stack.url}/api/v1/pos/{path}", method=method, headers=headers,
            data=json.dumps(body).encode() if body is not None else None,
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"{}")

    return ask


def open_till(ask) -> None:
    if not ask("POST", "sign-in/", {"username": "anna", "pin": "1111"})["is_open"]:
        ask("POST", "shifts/", {"float_minor": 10_000})
    ask("GET", "cart/")


def products(stack: Stack, count: int) -> list[int]:
    """Products that can be sold right away."""
    return [
        row[0]
        for row in stack.sql(
            "select id from store_product p where not is_weighed and min_age is null and is_active "
            "and not exists (select 1 from store_producthold h "
            "where h.product_id = p.id and h.cleared_at is null) "
            "order by id limit %s",
            (count,),
        )
    ]


def fill(ask, ids: list[int]) -> dict:
    """A basket with one line for each product."""
    cart: dict = {}
    for product in ids:
        cart = ask(
            "POST", "cart/commands/", {"id": str(uuid4()), "kind": "scan", "data": {"code": f"p:{product}"}}
        )
    return cart


def cpu_seconds(stack: Stack, connection: psycopg.Connection | None = None) -> float:
    """CPU so far of the web processes and their database connections, or of one connection's only."""
    if connection is not None:
        wanted = {connection.info.backend_pid}
    else:
        wanted = {pid for name, pid in stack.children.items() if name.startswith("web")} | backends(stack)
    # Nanoseconds, where the clock ticks of /proc/<pid>/stat are too coarse for one sale.
    nanoseconds = 0
    for pid in wanted:
        for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            nanoseconds += int(task.read_text().split()[0])
    return nanoseconds / 1e9


_backends: dict[Stack, set[int]] = {}


def backends(stack: Stack) -> set[int]:
    """Database processes that serve the web processes; looked up once, before anything is measured."""
    if stack not in _backends:
        found = stack.sql("select pid from pg_stat_activity where application_name = 'aisle-web'")
        _backends[stack] = {row[0] for row in found}
    return _backends[stack]


def through_http(stack: Stack, ask, sales: int) -> tuple[list[float], float]:
    ids, times, cpu = products(stack, LINES), [], 0.0
    for _ in range(sales):
        cart = fill(ask, ids)
        body = {"version": cart["version"], "cash_minor": cart["totals"]["gross_minor"]}
        before, begun = cpu_seconds(stack), time.perf_counter()
        ask("POST", f"carts/{cart['cart']['id']}/complete/", body, key=str(uuid4()))
        times.append((time.perf_counter() - begun) * 1000)
        cpu += cpu_seconds(stack) - before
    return times, cpu / sales * 1000


def last_sale(stack: Stack) -> dict[str, list[dict]]:
    """The rows of the sale just made, by table."""
    queries = {
        "pos_receipt": "t.uid = r.uid", "pos_receiptline": "t.receipt_id = r.id",
        "pos_receipttender": "t.receipt_id = r.id", "pos_journalrecord": "t.hash = r.journal_hash",
        "pos_cartcommand": "t.cart_id = r.cart_id and t.kind = 'add_tender'",
        "store_stockledger": "starts_with(t.source_id, r.uid || '/')",
        "store_outboxevent": "t.payload->>'receipt_id' = r.uid::text", "store_operation": "t.key = r.uid",
    }  # fmt: skip
    rows = {}
    for table, condition in queries.items():
        found = stack.sql(
            f"select to_jsonb(t) from {table} t, (select * from pos_receipt order by id desc limit 1) r "
            f"where {condition}"
        )
        rows[table] = [row[0] for row in found]
    rows["store_stockunfolded"] = [
        {"id": row["id"], "product_id": row["product_id"], "quantity": row["quantity"]}
        for row in rows["store_stockledger"]
    ]
    return rows


def renewed(rows: dict[str, list[dict]], number: int) -> str:
    """The rows as if they were the next sale's, so that no unique index refuses them."""
    text = json.dumps(rows)
    for old in {rows["pos_receipt"][0]["uid"], rows["pos_receipt"][0]["cart_id"]} | {
        row["event_id"] for row in rows["store_outboxevent"]
    }:
        text = text.replace(old, str(uuid4()))
    text = text.replace(rows["pos_journalrecord"][0]["hash"], uuid4().hex * 2)
    fresh = json.loads(text)
    for row in (row for table in fresh.values() for row in table):
        for name in {"id", "receipt_id"} & row.keys():
            row[name] += number * 1000
    fresh["pos_receipt"][0]["number"] += number
    fresh["pos_receipt"][0]["journal_sequence"] += number
    fresh["pos_journalrecord"][0]["sequence"] += number
    for row in fresh["store_outboxevent"]:
        row["seq"] += number
    basket = {"lines": rows["pos_receiptline"]}
    return json.dumps(fresh | {"basket": basket})


def foreign_keys(connection: psycopg.Connection) -> list[str]:
    """The tables' references for their copies, but to the basket, which the function does not write."""
    found = connection.execute(
        "select relname, replace(pg_get_constraintdef(c.oid), 'REFERENCES pos_receipt(', "
        "'REFERENCES bench.pos_receipt(') from pg_constraint c join pg_class on pg_class.oid = conrelid "
        "where contype = 'f' and relname = any(%s) and confrelid <> 'pos_cart'::regclass",
        (list(TABLES),),
    )
    return [f"alter table bench.{table} add {definition}" for table, definition in found]


def through_function(stack: Stack, sales: int) -> tuple[list[float], float]:
    rows = last_sale(stack)
    tables = "\n".join(f"create table bench.{name} (like {name} including all);" for name in TABLES)
    inserts = "\n".join(
        f"insert into bench.{name} "
        f"select * from jsonb_populate_recordset(null::bench.{name}, sale->'{name}');"
        for name in TABLES
    )
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        connection.execute(FLOOR.format(tables=tables, inserts=inserts))
        for statement in foreign_keys(connection):
            connection.execute(statement)
        times, cpu = [], 0.0
        for number in range(sales + WARM_UP):
            parameters = renewed(rows, number)
            before, begun = cpu_seconds(stack, connection), time.perf_counter()
            connection.execute("select bench.sale(%s)", (parameters,))
            if number >= WARM_UP:
                times.append((time.perf_counter() - begun) * 1000)
                cpu += cpu_seconds(stack, connection) - before
        connection.execute("drop schema bench cascade")
    return times, cpu / sales * 1000


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def main() -> None:
    sales = int(sys.argv[1]) if len(sys.argv) > 1 else SALES
    given = os.environ.get("AISLE_E2E_HOME")
    stack = running_stack(Path(given)) if given else make_stack(AISLE_DEMO="1").start()
    try:
        ask = client(stack)
        open_till(ask)
        through_http(stack, ask, WARM_UP)  # each database connection keeps a plan after five sales
        http, http_cpu = through_http(stack, ask, sales)
        floor, floor_cpu = through_function(stack, sales)
    finally:
        if not given:
            discard(stack)
    worst = sorted(http)[int(len(http) * 0.99) - 1]
    print(f"sale of {LINES} lines, {sales} times, one till")
    print(f"  HTTP endpoint      p50 {median(http):6.1f} ms  p99 {worst:6.1f} ms  CPU {http_cpu:6.2f} ms")
    print(f"  bare SQL function  p50 {median(floor):6.1f} ms                 CPU {floor_cpu:6.2f} ms")
    ratio = http_cpu / max(floor_cpu, 0.01)
    print(f"  ratio: time {median(http) / median(floor):.1f}, CPU {ratio:.1f} (goal 3, limit 6)")


if __name__ == "__main__":
    main()

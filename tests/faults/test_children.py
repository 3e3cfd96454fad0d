"""kill -9 of any one child: the supervisor brings it back and the store answers again."""

from __future__ import annotations

import urllib.error

import pytest

from tests.stack import Stack, wait_until

CHILDREN = (
    "postgres", "valkey", "mqtt", "web-1", "web-2", "worker", "ingest", "beat", "relay", "intake",
    "cloud", "demo-sensors", "demo-cameras", "demo-orders",
)  # fmt: skip


def answers(stack: Stack, path: str) -> bool:
    """Whether this page is there."""
    try:
        return stack.get(path)[0] == 200
    except (urllib.error.URLError, OSError):
        return False


@pytest.mark.parametrize("name", CHILDREN)
def test_killed_child_comes_back(stack: Stack, name: str) -> None:
    if name == "cloud" and name not in stack.record["restarts"]:
        pytest.skip("the AWS counterpart is not installed")

    new = stack.kill_and_wait(name)

    assert stack.children[name] == new
    wait_until(f"readiness after {name} was killed", lambda: answers(stack, "/readyz"), 20)


def test_every_expected_child_runs(stack: Stack) -> None:
    expected = {name for name in CHILDREN if name != "cloud" or name in stack.children}

    assert set(stack.children) - {"seed"} == expected


def test_new_requests_are_answered_while_one_web_child_is_dead(stack: Stack) -> None:
    wait_until("both web children", lambda: {"web-1", "web-2"} <= set(stack.record["ready"]))
    before = stack.kill("web-1")

    answered = [answers(stack, "/healthz") for _ in range(50)]

    assert answered.count(False) <= 1
    stack.wait_back("web-1", before)


def test_committed_rows_survive_a_killed_database(stack: Stack) -> None:
    stack.sql("CREATE TABLE IF NOT EXISTS fault_marks (n integer PRIMARY KEY)")
    stack.sql("INSERT INTO fault_marks SELECT generate_series(1, 500)")

    stack.kill_and_wait("postgres")

    assert stack.sql("SELECT count(*), sum(n) FROM fault_marks") == [(500, 125250)]
    stack.sql("DROP TABLE fault_marks")


def test_every_invariant_holds_after_all_of_this(stack: Stack) -> None:
    wait_until("every child", lambda: set(stack.children) - {"seed"} <= set(stack.record["ready"]), 60)

    assert "holds" in stack.manage("verify")

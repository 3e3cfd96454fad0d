"""What every test stands on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_socket
from django.core.cache import cache
from django.db.backends.postgresql.operations import DatabaseOperations

TESTS = Path(__file__).parent
# What fails fast comes first; browsers, whose driver leaves an event loop in this thread, come late.
ORDER = ("unit", "test_architecture.py", "integration", "contracts", "e2e", "faults")
THIS_MACHINE = ["127.0.0.1", "::1", "localhost"]

_flush = DatabaseOperations.execute_sql_flush


def _flush_with_guards_off(self, sql_list):
    """Empty the tables between transactional tests.

    Records refuse TRUNCATE by trigger; only a superuser of the test database may switch triggers off,
    for the length of this statement.
    """
    return _flush(
        self, ["set session_replication_role = replica", *sql_list, "reset session_replication_role"]
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the kinds of test in their order, whatever the folders are called."""
    items.sort(key=lambda item: ORDER.index(item.path.relative_to(TESTS).parts[0]))


@pytest.fixture(autouse=True, scope="session")
def _flush_test_tables():
    DatabaseOperations.execute_sql_flush = _flush_with_guards_off
    yield
    DatabaseOperations.execute_sql_flush = _flush


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """What a process keeps for seconds (site, devices) does not outlive a test."""
    cache.clear()


@pytest.fixture(autouse=True)
def _sockets(request: pytest.FixtureRequest) -> Iterator[None]:
    """Unit tests open no sockets, integration and contract tests none to other machines."""
    kind = request.path.relative_to(TESTS).parts[0]
    if kind == "unit":
        pytest_socket.disable_socket(allow_unix_socket=True)
    elif kind in {"integration", "contracts"}:
        pytest_socket.socket_allow_hosts(THIS_MACHINE, allow_unix_socket=True)
    yield
    pytest_socket.enable_socket()
    pytest_socket._remove_restrictions()

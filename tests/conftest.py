"""What every test stands on."""

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations

_flush = DatabaseOperations.execute_sql_flush


def _flush_with_guards_off(self, sql_list):
    """Empty the tables between transactional tests.

    Records refuse TRUNCATE by trigger; only a superuser of the test database may switch triggers off,
    for the length of this statement.
    """
    return _flush(
        self, ["set session_replication_role = replica", *sql_list, "reset session_replication_role"]
    )


@pytest.fixture(autouse=True, scope="session")
def _flush_test_tables():
    DatabaseOperations.execute_sql_flush = _flush_with_guards_off
    yield
    DatabaseOperations.execute_sql_flush = _flush

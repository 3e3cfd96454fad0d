"""Fixtures of the fault tests: a running store of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stack import Stack, discard, make_stack


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A running demo store that the module's tests may hurt."""
    made = make_stack(AISLE_DEMO="1")
    try:
        yield made.start()
    finally:
        discard(made)


@pytest.fixture
def unstarted() -> Iterator[Stack]:
    """A store of its own, not started yet."""
    made = make_stack(AISLE_DEMO="0")
    yield made
    discard(made)

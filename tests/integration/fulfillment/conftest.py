import pytest

from tests.factories import fulfillment as make


@pytest.fixture
def floor(db):
    return make.floor()


@pytest.fixture
def picker(db):
    return make.picker()


@pytest.fixture(autouse=True)
def _silent_nudges(monkeypatch):
    monkeypatch.setattr("store.live._send", lambda message: None)

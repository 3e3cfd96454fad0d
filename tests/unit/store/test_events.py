"""What an event must be."""

from dataclasses import dataclass

import pytest

from store.events.base import Event, UnknownEventError, event, find


@pytest.mark.parametrize(
    ("name", "lane", "message"),
    [
        ("x.y.v1", "fast", "not a lane"),
        ("x.y", "sales", "version"),
        ("pos.sale.completed.v1", "sales", "twice"),
    ],
)
def test_wrong_declarations_are_refused(name, lane, message):
    import store.events.pos  # noqa: F401 - registers pos.sale.completed.v1

    @dataclass(frozen=True, kw_only=True)
    class Wrong(Event):
        pass

    with pytest.raises(ValueError, match=message):
        event(name, lane=lane)(Wrong)


def test_unknown_names_are_an_error():
    with pytest.raises(UnknownEventError):
        find("no.such.event.v1")

"""What templates say with: spans of time, money, initials, icons."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import translation

from store.design import icon_names
from store.shelltexts import shell_texts
from store.templatetags import ui


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (-5, "0 s"),
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (timedelta(minutes=14, seconds=59), "14 min"),
        (3600, "1 h 0 min"),
        (86_399, "23 h 59 min"),
        (86_400, "1 d 0 h"),
        (200_000, "2 d 7 h"),
    ],
)
def test_span_uses_the_largest_fitting_unit(seconds: object, text: str):
    with translation.override("en"):
        assert ui.span(seconds) == text


@pytest.mark.parametrize(
    ("language", "minor", "currency", "text"),
    [
        ("en", 1299, "EUR", "€12.99"),
        ("de", 1299, "EUR", "12,99\N{NO-BREAK SPACE}€"),
        ("en", -50, "EUR", "\N{MINUS SIGN}€0.50"),
        ("en", 0, "EUR", "€0.00"),
        ("en", 123_456_789, "GBP", "£1,234,567.89"),
        ("de", 123_456_789, "EUR", "1.234.567,89\N{NO-BREAK SPACE}€"),
        ("en", 500, "JPY", "¥500"),
        ("en", 1234, "KWD", "KWD\N{NO-BREAK SPACE}1.234"),
        ("de", 1290, "CHF", "12,90\N{NO-BREAK SPACE}CHF"),
        ("en", None, "EUR", ""),
    ],
)
def test_money_is_written_as_people_write_it(language: str, minor: int | None, currency: str, text: str):
    with translation.override(language):
        assert ui.money(minor, currency) == text


@pytest.mark.parametrize(
    ("name", "text"), [("Anna Berg", "AB"), ("anna", "A"), ("Anna Maria Berg", "AB"), ("", "?"), (None, "?")]
)
def test_initials_are_two_letters_at_most(name: str | None, text: str):
    assert ui.initials(name) == text


@pytest.mark.parametrize(
    ("hour", "zone", "text"),
    [
        (3, "", "Good evening"),
        (4, "", "Good morning"),
        (12, "", "Good afternoon"),
        (17, "", "Good evening"),
        (11, "Europe/Berlin", "Good afternoon"),
    ],
)
def test_greeting_follows_the_stores_clock(hour: int, zone: str, text: str):
    with translation.override("en"):
        assert ui.greeting(datetime(2026, 11, 23, hour, tzinfo=UTC), zone) == text


@pytest.mark.parametrize(
    ("part", "whole", "percent"), [(1, 3, 33), (5, 4, 100), (-1, 4, 0), (1, 0, 0), (None, 5, 0)]
)
def test_percent_stays_within_its_bar(part: int | None, whole: int, percent: int):
    assert ui.percent_of(part, whole) == percent


def test_icon_is_hidden_unless_it_carries_a_label():
    assert 'aria-hidden="true"' in ui.icon("till")
    named = ui.icon("till", 20, '"><script>')
    assert 'role="img"' in named
    assert "<script>" not in named
    assert "icon--20" in named


def test_at_reads_keys_and_indexes_and_never_fails():
    assert ui.at({"a": 1}, "a") == 1
    assert ui.at({"a": 1}, "b") is None
    assert ui.at([5, 6], 1) == 6
    assert ui.at([5, 6], 2) is None


def test_icons_used_by_state_exist_in_the_sprite():
    assert set(ui.STATE_ICONS.values()) <= set(icon_names())
    assert len(icon_names()) == len(set(icon_names()))


@pytest.mark.parametrize("language", ["en", "de"])
def test_script_texts_are_complete_and_safe(language: str):
    with translation.override(language):
        assert all(shell_texts().values())
        html = Template("{% load ui %}{% script_texts %}").render(Context())
    assert html.startswith('<script id="shell-texts" type="application/json">')
    assert html.count("<") == 2


def test_script_texts_are_translated():
    with translation.override("en"):
        english = shell_texts()
    with translation.override("de"):
        german = shell_texts()
    assert [key for key, text in german.items() if text == english[key]] == []

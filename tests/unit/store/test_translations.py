"""Every sentence people see has a German translation: none missing, empty, fuzzy or with other placeholders.

Python is read with Babel, templates with Django's own lexer; no gettext program is needed.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation import template as django_template

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("store", "pos", "fulfillment", "signage", "telemetry", "vision")
LANGUAGE = "de"
KEYWORDS = {
    "_": None,
    "_lazy": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_STRING = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"\b(?P<name>n?p?gettext)\((?P<arguments>{_STRING}(?:\s*,\s*{_STRING})*)", re.DOTALL)
_PLACE = re.compile(r"%\([a-z_0-9]+\)[sdf]|(?<!%)%[sd]|\{[a-z_0-9]*\}")

Key = tuple[str | None, str]


def python_keys(package: str) -> Iterator[tuple[Key, str]]:
    """Message and place of every marked string of a package."""
    for path in sorted((ROOT / package).rglob("*.py")):
        if {"migrations", "edge", "__pycache__"} & set(path.parts):
            continue
        with path.open("rb") as source:
            for line, message, _, context in extract("python", source, keywords=KEYWORDS):
                first = message[0] if isinstance(message, tuple) else message
                yield (context, first), f"{path.relative_to(ROOT)}:{line}"


def template_keys(package: str) -> Iterator[tuple[Key, str]]:
    """Message and place of every translated string in the templates that belong to a package."""
    folders = ["base.html", "components", "errors", "store"] if package == "store" else [package]
    for folder in folders:
        top = ROOT / "templates" / folder
        for path in [top] if top.is_file() else sorted(top.rglob("*.html")):
            text = django_template.templatize(path.read_text(encoding="utf-8"), origin=str(path))
            for call in _CALL.finditer(text):
                yield _key(call), str(path.relative_to(ROOT))


def _key(call: re.Match[str]) -> Key:
    values = ast.literal_eval(f"[{call['arguments']}]")
    return (values[0], values[1]) if "p" in call["name"].removesuffix("gettext") else (None, values[0])


@cache
def catalogue(package: str) -> Catalog:
    path = ROOT / package / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return Catalog(locale=LANGUAGE)
    with path.open("rb") as source:
        return read_po(source, locale=LANGUAGE)


def translation(package: str, key: Key) -> object | None:
    context, text = key
    message = catalogue(package).get(text, context=context)
    return message if message and all(_strings(message.string)) and not message.fuzzy else None


def _strings(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_sentence_has_a_german_translation(package):
    """A part may use the base's words, so its own catalogue or the base's must have them."""
    missing = {
        key: place
        for key, place in [*python_keys(package), *template_keys(package)]
        if key[1] and not translation(package, key) and not translation("store", key)
    }
    if missing:
        pytest.fail(
            "\n".join(sorted(f"{place}: {key[1]!r}" for key, place in missing.items())), pytrace=False
        )


@pytest.mark.parametrize("package", PACKAGES)
def test_no_translation_is_empty_or_fuzzy(package):
    poor = [
        message.id
        for message in catalogue(package)
        if message.id and (message.fuzzy or not all(_strings(message.string)))
    ]
    assert poor == []


@pytest.mark.parametrize("package", PACKAGES)
def test_translations_keep_the_placeholders(package):
    differing = []
    for message in catalogue(package):
        if message.id and message.string:
            wanted = set(_PLACE.findall(_strings(message.id)[-1]))
            differing += [
                text for text in _strings(message.string)[-1:] if set(_PLACE.findall(text)) != wanted
            ]
    assert differing == []


def test_parts_agree_on_a_translation():
    """Django merges the catalogues: two translations of one sentence would depend on the order of the parts."""
    meanings = defaultdict(lambda: defaultdict(list))
    for package in PACKAGES:
        for message in catalogue(package):
            if message.id:
                meanings[message.context, str(message.id)][str(message.string)].append(package)
    quarrels = {key[1]: dict(texts) for key, texts in meanings.items() if len(texts) > 1}
    assert quarrels == {}

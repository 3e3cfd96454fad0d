"""The documentation says what the code does: settings, events, commands, topics, links."""

from __future__ import annotations

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")


def _generator():
    spec = spec_from_file_location("docs_generate", DOCS / "generate.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATOR = _generator()


@pytest.mark.parametrize("name", sorted(GENERATOR.PAGES))
def test_reference_page_is_what_the_code_says(name):
    written = (DOCS / "reference" / name).read_text(encoding="utf-8")
    assert written == GENERATOR.PAGES[name](), "run python docs/generate.py"


def test_every_setting_is_described():
    assert [name for name in GENERATOR.names_read() if not GENERATOR.SETTINGS.get(name)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    targets = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    pictures = {"docs/pictures/home.png"}
    assert [link for link in targets if link not in pictures and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_begin_with_one_title(page):
    lines = re.sub(
        r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    ).splitlines()
    assert lines[0].startswith("# ")
    assert sum(line.startswith("# ") for line in lines) == 1


def test_every_adr_fits_on_one_screen_and_has_its_parts():
    for page in sorted((DOCS / "adr").glob("0*.md")):
        text = page.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 50, page.name
        assert all(part in text for part in ("## Why", "## Decision", "## Price")), page.name


def test_every_page_of_the_tree_is_reachable_from_its_index():
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    linked = {(DOCS / link).resolve() for link in LINK.findall(index) if "://" not in link}
    pages = {page.resolve() for page in DOCS.rglob("*.md")} - {(DOCS / "README.md").resolve()}
    assert sorted(str(page.relative_to(DOCS)) for page in pages - linked) == []

"""Fixtures of the browser tests: one running store per session, one fresh page per test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

from store.runtime import browser as chromium
from tests.e2e import helpers
from tests.stack import Stack, discard, make_stack, running_stack

ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
    "--disable-quic",
)
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP violation: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile || ""}`));
"""


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The real `manage.py up` with the demo store, on free ports and a temporary home.

    `AISLE_E2E_HOME=<folder>` uses the store running there instead.
    """
    given = os.environ.get("AISLE_E2E_HOME")
    if given:
        yield running_stack(Path(given))
        return
    made = make_stack(AISLE_DEMO="1")
    try:
        yield made.start()
    finally:
        discard(made)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's Chromium; skips (or fails, AISLE_REQUIRE_BROWSER=1) when there is none."""
    program = chromium.find()
    if not program:
        message = "there is no chromium (AISLE_CHROMIUM)"
        if chromium.required():
            pytest.fail(message)
        pytest.skip(message)
    arguments = [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=arguments)
        yield started
        started.close()


class Watch:
    """Collects what must never happen on a page: policy violations and script errors."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and (
            "CSP violation" in message.text or "Content Security Policy" in message.text
        ):
            self.problems.append(message.text)

    def on_error(self, error: Error) -> None:
        self.problems.append(f"script error: {error.message}")

    def attach(self, page: Page) -> None:
        page.on("console", self.on_console)
        page.on("pageerror", self.on_error)


@pytest.fixture
def new_page(browser: Browser) -> Iterator[helpers.NewPage]:
    """Make pages in contexts of their own: `new_page(viewport=(390, 844), theme="dark", language="de")`.

    Each page fails the test at its end on policy violations and script errors.
    """
    watch, contexts = Watch(), []

    def make(
        *,
        viewport: tuple[int, int] = (1280, 800),
        theme: str = "light",
        language: str = "en",
        touch: bool = False,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": viewport[0], "height": viewport[1]},
            color_scheme="dark" if theme == "dark" else "light",
            locale="de-DE" if language == "de" else "en-GB",
            has_touch=touch,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("page", watch.attach)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
    assert watch.problems == []


@pytest.fixture
def page(new_page: helpers.NewPage) -> Page:
    """One desk-sized page in English."""
    return new_page()

"""What browser tests do again and again."""

from __future__ import annotations

from typing import Protocol

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.stack import Stack

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class NewPage(Protocol):
    """Makes a page in a browser context of its own."""

    def __call__(
        self, *, viewport: tuple[int, int] = ..., theme: str = ..., language: str = ..., touch: bool = ...
    ) -> Page: ...


def sign_in(page: Page, stack: Stack, username: str, *, to: str = "/") -> None:
    """Sign in as a person of the demo store and go to a page."""
    page.goto(f"{stack.url}/sign-in/?next={to}")
    page.locator("input[name=username]:not([type=hidden])").fill(username)
    page.locator("input[name=password]:not([type=hidden])").fill(f"demo-{username}")
    page.locator("form:has([name=password]:not([type=hidden])) [type=submit]").click()
    expect(page).not_to_have_url(f"{stack.url}/sign-in/?next={to}")


def use_device(page: Page, stack: Stack, code: str) -> None:
    """Make this browser a device of the demo store (its earlier browser stops being it)."""
    page.goto(f"{stack.url}/enrol/")
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "aisle_csrf")
    answer = page.context.request.post(
        f"{stack.url}/enrol/demo/{code}/",
        headers={"X-CSRFToken": token, "Referer": f"{stack.url}/enrol/"},
        max_redirects=0,
    )
    assert answer.status == 302, f"{code} cannot be used: {answer.status} {answer.text()[:300]}"


def use_till(page: Page, stack: Stack, code: str) -> None:
    """Make this browser a till and open the till page."""
    use_device(page, stack, code)
    page.goto(f"{stack.url}/till/")


WEDGE = """(keys) => {
  for (const key of keys) {
    const target = document.activeElement ?? document.body;
    const goesOn = target.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
    if (goesOn && key.length === 1 && target.matches("input, textarea")) document.execCommand("insertText", false, key);
    if (goesOn && key === "Enter" && target.matches("button, a, summary")) target.click();
    if (goesOn && key === "Enter" && target.matches("input")) target.form?.requestSubmit();
  }
}"""


def scan(page: Page, code: str, end: str = "Enter") -> None:
    """Type a barcode as a keyboard wedge does: fast, then `end` ("" ends by silence).

    The keys are made inside the page: sent one by one from here, a busy machine would make them as slow as
    a person's, which is what the scanner tells apart.
    """
    expect(page.locator("html")).to_have_attribute("data-scanner", "ready")
    page.evaluate(WEDGE, [*code, *([end] if end else [])])


def axe(page: Page) -> list[str]:
    """Accessibility violations of the page as lines; [] is what a test expects."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
    return [
        f"{violation['id']} ({violation['impact']}): {node['target']} {node.get('failureSummary', '')[:300]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]

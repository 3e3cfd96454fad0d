"""`manage.py shots [folder]`: pictures of the main pages, light and dark, desk and phone.

Starts a store of its own in a throw-away folder (or takes `--url` of one that runs), signs in, opens the
pages of shots.toml and saves `<page>-<theme>-<size>.png`. With the full set it also refreshes docs/pictures
at reduced size. `--axe` prints accessibility violations, `--only till,home` takes some pages, `--theme`,
`--size` one variant.
"""

from __future__ import annotations

import argparse
import base64
import re
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Browser, Error, Page, sync_playwright

from store.demo.assortment import WEIGHED_PREFIX, products
from store.domain.barcode import compose
from store.runtime import browser as chromium
from store.runtime import paths
from store.runtime.console import Steps, complain
from tests import stack as stacks
from tests.e2e import helpers

SIZES = {"desk": (1280, 800), "phone": (390, 844)}
THEMES = ("light", "dark")
PICTURES = paths.ROOT / "docs" / "pictures"
PICTURE_WIDTHS = {"desk": 960, "phone": 300}
PATIENCE = 6000
PAIRED = ("display-1", "display-2", "display-3")


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One page to photograph; see shots.toml."""

    name: str
    path: str = ""
    user: str = ""
    device: str = ""
    first: tuple[str, str] | None = None
    steps: tuple[tuple[str, ...], ...] = ()
    wait: str = ""
    picture: str = ""
    picture_size: str = "desk"
    only: str = ""


class Store(Protocol):
    """Where the pages are."""

    url: str


@dataclass(frozen=True)
class Elsewhere:
    """A store that runs already."""

    url: str


def catalogue() -> list[Shot]:
    """The pages of shots.toml."""
    entries = tomllib.loads((Path(__file__).parent / "shots.toml").read_text(encoding="utf-8"))["page"]
    return [
        Shot(
            **{key: value for key, value in entry.items() if key not in {"as", "first", "steps"}},
            user=entry.get("as", ""),
            first=tuple(entry["first"]) if "first" in entry else None,
            steps=tuple(tuple(step) for step in entry.get("steps", ())),
        )
        for entry in entries
    ]


class Photographer:
    """Takes the pictures of one theme and size, keeping one browser context for each person and device."""

    def __init__(
        self, browser: Browser, store: Store, *, theme: str, size: str, folder: Path, axe: bool
    ) -> None:
        self.browser, self.store = browser, store
        self.theme, self.size, self.folder, self.axe = theme, size, folder, axe
        self.pages: dict[tuple[str, str], Page] = {}
        self.problems: list[str] = []

    def take(self, shot: Shot) -> Path | None:
        """Photograph a page; None (and a line among the problems) when it could not be opened."""
        target = self.folder / f"{shot.name}-{self.theme}-{self.size}.png"
        try:
            page = self._page(shot)
            self._open(page, shot)
            page.screenshot(path=target)
        except Error as error:
            self._problem(shot, str(error).splitlines()[0])
            return None
        if self.axe:
            for violation in helpers.axe(page):
                self._problem(shot, f"axe: {violation[:300]}")
        return target

    def _open(self, page: Page, shot: Shot) -> None:
        path = self._resolve(page, shot) if shot.first else shot.path
        answer = page.goto(self.store.url + path)
        if answer and answer.status >= 400:
            self._problem(shot, f"{path} answers {answer.status}")
        self._settle(page)
        for step in shot.steps:
            self._do(page, *step)
        if shot.wait:
            page.locator(shot.wait).first.wait_for(timeout=PATIENCE)
        self._settle(page)

    def _resolve(self, page: Page, shot: Shot) -> str:
        where, selector = shot.first
        page.goto(self.store.url + where)
        return page.locator(selector).first.get_attribute("href", timeout=PATIENCE) or where

    def _settle(self, page: Page) -> None:
        """Fonts, pictures and htmx fragments are there; charts have drawn."""
        page.wait_for_load_state("load")
        loading = page.locator(".htmx-request, [hx-get] .skeleton")
        for _ in range(PATIENCE // 100):
            page.wait_for_timeout(100)
            if loading.count() == 0:
                break
        else:
            self.problems.append(f"{page.url}: something keeps loading")
        page.wait_for_timeout(250)

    def _do(self, page: Page, what: str, target: str, value: str = "") -> None:
        verb, optional = what.removesuffix("?"), what.endswith("?")
        if verb == "scan":
            helpers.scan(page, barcode_of(target))
            page.wait_for_timeout(250)
        elif verb == "pause":
            page.wait_for_timeout(int(target))
        elif verb == "press":
            page.keyboard.press(target)
        else:
            self._touch(page, verb, target, value, optional=optional)

    def _touch(self, page: Page, verb: str, target: str, value: str, *, optional: bool) -> None:
        found = page.locator(target).first
        if optional and verb != "wait" and not found.is_visible():
            return
        try:
            if verb == "click":
                found.click(timeout=PATIENCE)
                self._settle(page)
            elif verb == "fill":
                found.fill(value, timeout=PATIENCE)
            else:
                found.wait_for(timeout=PATIENCE)
        except Error:
            if not optional:
                raise

    def _page(self, shot: Shot) -> Page:
        key = (shot.user, shot.device)
        if key not in self.pages:
            width, height = SIZES[self.size]
            context = self.browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=self.theme,
                has_touch=self.size == "phone",
                reduced_motion="reduce",
                locale="en-GB",
            )
            page = context.new_page()
            page.on("pageerror", lambda error: self.problems.append(f"{page.url}: {error}"))
            page.on("console", lambda message: self._console(page, message.type, message.text))
            if shot.user:
                helpers.sign_in(page, self.store, shot.user)
            if shot.device:
                helpers.use_device(page, self.store, shot.device)
            self.pages[key] = page
        return self.pages[key]

    def _console(self, page: Page, kind: str, text: str) -> None:
        if kind == "error":
            self.problems.append(f"{page.url}: {text[:300]}")

    def _problem(self, shot: Shot, text: str) -> None:
        self.problems.append(f"{shot.name} {self.theme} {self.size}: {text}")

    def close(self) -> None:
        for page in self.pages.values():
            page.context.close()


def open_screens(browser: Browser, store: Store) -> list[str]:
    """Pair three screens that play while the pictures are taken; returns what went wrong."""
    manager = browser.new_context().new_page()
    helpers.sign_in(manager, store, "manager")
    for display in PAIRED:
        screen = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
        try:
            screen.goto(f"{store.url}/player/")
            screen.locator("#code").filter(has_text=re.compile("^[2-9A-Z]{6}$")).wait_for(timeout=PATIENCE)
            manager.goto(f"{store.url}/screens/pair/?display={display}")
            manager.get_by_label("Code on the screen").fill(screen.locator("#code").inner_text())
            manager.get_by_role("button", name="Pair", exact=True).click()
            screen.locator("body[data-item]").wait_for(timeout=4 * PATIENCE)
        except Error as error:
            return [f"{display} is not paired: {str(error).splitlines()[0]}"]
    return []


def barcode_of(name: str) -> str:
    """What a scanner reads from a demo product: its GTIN-13, weighed goods with 1.24 kg in it."""
    product = next(product for product in products() if product.name == name)
    if product.is_weighed:
        return compose(WEIGHED_PREFIX, product.plu or "", 1240)
    return product.gtins[0][0][1:]


def shrink(browser: Browser, source: Path, target: Path, width: int) -> None:
    """A smaller copy of a picture, made by the browser."""
    data = base64.b64encode(source.read_bytes()).decode()
    page = browser.new_page()
    page.set_content(f'<body style="margin:0"><img width="{width}" src="data:image/png;base64,{data}">')
    page.locator("img").screenshot(path=target)
    page.close()


@contextmanager
def opened(url: str, steps: Steps) -> Iterator[Store]:
    """The store at `url`, or one of our own that is gone afterwards."""
    if url:
        yield Elsewhere(url.rstrip("/"))
        return
    steps.say("Starting a demo store")
    stack = stacks.make_stack()
    try:
        yield stack.start()
    finally:
        stacks.discard(stack)


def main() -> int:
    """Take the pictures; 1 when a page could not be taken."""
    asked = _arguments()
    steps = Steps()
    program = chromium.find()
    if not program:
        complain("There is no chromium (AISLE_CHROMIUM)")
        return 1
    asked.folder.mkdir(parents=True, exist_ok=True)
    with opened(asked.url, steps) as store, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        problems = [] if asked.url else open_screens(browser, store)
        problems += photograph(browser, store, asked, steps)
        browser.close()
    for problem in dict.fromkeys(problems):
        complain(problem)
    steps.say(f"Pictures are in {asked.folder}")
    return 1 if problems else 0


def photograph(browser: Browser, store: Store, asked: argparse.Namespace, steps: Steps) -> list[str]:
    """All wanted pages in all wanted variants; returns what went wrong."""
    wanted = [shot for shot in catalogue() if not asked.only or shot.name in asked.only.split(",")]
    problems: list[str] = []
    for theme in [asked.theme] if asked.theme else THEMES:
        for size in [asked.size] if asked.size else SIZES:
            steps.say(f"{theme}, {size}")
            taker = Photographer(browser, store, theme=theme, size=size, folder=asked.folder, axe=asked.axe)
            for shot in wanted:
                if shot.only in {"", size} and (taken := taker.take(shot)) and not asked.no_pictures:
                    _keep(browser, shot, taken, theme, size)
            taker.close()
            problems += taker.problems
    return problems


def _keep(browser: Browser, shot: Shot, taken: Path, theme: str, size: str) -> None:
    if shot.picture and theme == "light" and size == shot.picture_size:
        PICTURES.mkdir(parents=True, exist_ok=True)
        shrink(browser, taken, PICTURES / f"{shot.picture}.png", PICTURE_WIDTHS[size])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="manage.py shots", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=paths.ROOT / ".aisle" / "shots")
    parser.add_argument("--url", default="", help="a demo store that runs already")
    parser.add_argument("--only", default="", help="names of pages, with commas")
    parser.add_argument("--theme", choices=THEMES)
    parser.add_argument("--size", choices=SIZES)
    parser.add_argument("--axe", action="store_true", help="also look for accessibility violations")
    parser.add_argument("--no-pictures", action="store_true", help="leave docs/pictures alone")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

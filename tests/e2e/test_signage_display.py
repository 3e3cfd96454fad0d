"""The display thread: a browser pairs by code, plays by schedule, follows rules and audience, needs no server."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.helpers import NewPage, axe, sign_in
from tests.stack import Stack, wait_until
from vision.edge import control

pytestmark = pytest.mark.browser

ANYTHING = re.compile(".")
CODE = re.compile("^[2-9A-Z]{6}$")
VECTORS = Path(__file__).parents[1] / "vectors" / "schedule.json"
DOUBLE = """
select count(*) from (select display_id, started_at, title from signage_play where received_at > now() - interval '10 min'
group by 1, 2, 3 having count(*) > 1) twice
"""


def body(screen: Page):
    return screen.locator("body")


def open_screen(manager: Page, screen: Page, stack: Stack, name: str, code: str) -> None:
    """Pair a browser as a screen, as two people would: one reads the code, one types it."""
    screen.goto(f"{stack.url}/player/")
    expect(screen.locator("#code")).to_have_text(CODE)
    manager.goto(f"{stack.url}/screens/pair/?display={code}")
    manager.get_by_label("Code on the screen").fill(screen.locator("#code").inner_text())
    manager.get_by_role("button", name="Pair", exact=True).click()
    expect(manager.get_by_text(f"{name} is paired.")).to_be_visible()
    expect(body(screen)).to_have_attribute("data-item", ANYTHING, timeout=20_000)


@pytest.fixture
def manager(new_page: NewPage, stack: Stack) -> Page:
    page = new_page()
    sign_in(page, stack, "manager", to="/screens/")
    return page


@pytest.fixture
def screen(new_page: NewPage, manager: Page, stack: Stack) -> Page:
    """A browser that is the screen at the entrance."""
    page = new_page(viewport=(1280, 720))
    open_screen(manager, page, stack, "Entrance", "display-1")
    return page


@pytest.fixture
def frozen(stack: Stack) -> Iterator[None]:
    """Every web process stands still: connections are taken and nothing is answered."""
    pids = [pid for name, pid in stack.children.items() if name.startswith("web")]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def switch(manager: Page, stack: Stack, rule: str, *, on: bool) -> None:
    """Put a rule in force, or out of it, on the schedule page."""
    manager.goto(f"{stack.url}/screens/schedule/")
    label = f"Put {rule} in force" if on else f"Switch {rule} off"
    manager.get_by_role("button", name=label).click()


def plays_of(stack: Stack, title: str) -> int:
    return int(stack.sql("select count(*) from signage_play where title = %s", (title,))[0][0])


def test_a_browser_pairs_by_code_and_plays(screen: Page, manager: Page, stack: Stack):
    expect(body(screen)).to_have_attribute("data-state", "playing")
    expect(body(screen)).to_have_attribute("data-storage", "WORKER")
    card = manager.locator("#screen-display-1")
    manager.goto(f"{stack.url}/screens/")
    expect(card.get_by_text("Plays", exact=True)).to_be_visible(timeout=20_000)


def test_an_unpaired_browser_shows_a_code_and_a_wrong_code_is_refused(new_page, manager, stack):
    screen = new_page()
    screen.goto(f"{stack.url}/player/")
    expect(screen.locator("#code")).to_have_text(CODE)
    assert axe(screen) == []
    manager.goto(f"{stack.url}/screens/pair/?display=display-4")
    manager.get_by_label("Code on the screen").fill("AAAAAA")
    manager.get_by_role("button", name="Pair", exact=True).click()
    expect(manager.get_by_text("not known or has expired")).to_be_visible()
    expect(body(screen)).to_have_attribute("data-state", "unpaired")


def test_a_rule_change_is_on_the_screen_at_once(screen: Page, manager: Page, stack: Stack):
    switch(manager, stack, "Leave the store", on=True)
    try:
        expect(body(screen)).to_have_attribute("data-playlist", "Emergency", timeout=8_000)
        expect(screen.locator(".layer--shown .slide__headline")).to_have_text("Please leave the store")
    finally:
        switch(manager, stack, "Leave the store", on=False)
    expect(body(screen)).not_to_have_attribute("data-playlist", "Emergency", timeout=8_000)


def test_a_screen_plays_on_and_starts_again_without_the_server(screen: Page, stack: Stack, frozen):
    before = body(screen).get_attribute("data-item")
    expect(body(screen)).not_to_have_attribute("data-item", str(before), timeout=40_000)
    screen.reload()
    expect(body(screen)).to_have_attribute("data-item", ANYTHING, timeout=30_000)
    expect(body(screen)).to_have_attribute("data-state", "playing")
    expect(screen.locator(".layer--shown .slide")).to_be_visible()


def test_plays_shown_while_the_server_was_killed_arrive_once(screen: Page, manager: Page, stack: Stack):
    switch(manager, stack, "Leave the store", on=True)
    try:
        expect(body(screen)).to_have_attribute("data-playlist", "Emergency", timeout=8_000)
        for name in ("web-1", "web-2"):
            stack.kill_and_wait(name)
    finally:
        switch(manager, stack, "Leave the store", on=False)
    expect(body(screen)).not_to_have_attribute("data-playlist", "Emergency", timeout=20_000)
    wait_until("the play is reported", lambda: plays_of(stack, "Leave the store"), timeout=40)
    assert stack.sql(DOUBLE) == [(0,)]
    assert stack.sql("select count(*) - count(distinct id) from signage_play") == [(0,)]


def test_an_audience_switches_the_screen_and_the_reason_is_told(screen: Page, manager: Page, stack: Stack):
    steering = str(stack.home / "run" / "edge-1.control.json")
    control.main(["--file", steering, "--audience", "4"])
    try:
        expect(body(screen)).to_have_attribute("data-cause", "target", timeout=60_000)
        expect(body(screen)).to_have_attribute("data-playlist", "Just for you")
        manager.goto(f"{stack.url}/screens/")
        manager.get_by_role("button", name="Why does Entrance play this?").click()
        answer = manager.locator("#why-answer")
        expect(answer.get_by_text("The audience is there: it will show").first).to_be_visible()
    finally:
        control.main(["--file", steering])


def test_a_revoked_screen_goes_back_to_its_code(screen: Page, manager: Page, stack: Stack):
    manager.goto(f"{stack.url}/screens/screen/display-1/")
    manager.get_by_role("button", name="Revoke").click()
    expect(screen.locator("#code")).to_have_text(CODE, timeout=20_000)


def test_the_players_schedule_agrees_with_the_vectors_in_the_browser(page: Page, stack: Stack):
    page.goto(f"{stack.url}/player/")
    vectors = json.loads(VECTORS.read_text())
    found = page.evaluate(
        """async (schedules) => {
          const { resolve } = await import("/static/signage/js/schedule.js");
          return schedules.map((schedule) => schedule.cases.map((one) => {
            const choice = resolve(schedule, Date.parse(one.at));
            return [choice.playlist, choice.kind, choice.cause];
          }));
        }""",
        vectors["schedules"],
    )
    wanted = [
        [[case["playlist"], case["kind"], case.get("cause")] for case in schedule["cases"]]
        for schedule in vectors["schedules"]
    ]
    assert found == wanted

"""The managers' pages of the screens: by keyboard, in both themes and sizes, without an accessibility finding."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.helpers import NewPage, axe, sign_in
from tests.stack import Stack

pytestmark = pytest.mark.browser

PAGES = (
    "/screens/",
    "/screens/pair/",
    "/screens/schedule/",
    "/screens/rules/new/",
    "/screens/audience/new/",
    "/screens/playlists/",
    "/screens/plays/",
    "/screens/screen/display-1/",
)


def first_playlist(stack: Stack) -> int:
    """The longest playlist's id."""
    sql = "select playlist_id from signage_playlistitem group by 1 order by count(*) desc, 1 limit 1"
    return int(stack.sql(sql)[0][0])


@pytest.mark.parametrize(("viewport", "theme"), [((1280, 800), "light"), ((390, 844), "dark")])
def test_pages_have_no_accessibility_finding(new_page: NewPage, stack: Stack, viewport, theme):
    page = new_page(viewport=viewport, theme=theme)
    sign_in(page, stack, "manager", to="/screens/")
    for path in (*PAGES, f"/screens/playlists/{first_playlist(stack)}/"):
        page.goto(stack.url + path)
        page.wait_for_load_state("networkidle")
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"


def test_playlist_is_ordered_by_keyboard_and_the_focus_goes_along(page: Page, stack: Stack):
    sign_in(page, stack, "supervisor", to="/screens/")
    page.goto(f"{stack.url}/screens/playlists/{first_playlist(stack)}/")
    second = page.locator("[data-item]").nth(1)
    identifier = second.get_attribute("data-item")
    second.locator("[data-move=down]").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("[data-item]").first).to_have_attribute("data-item", str(identifier))
    expect(page.locator(f"#item-{identifier}-up")).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("[data-item]").nth(1)).to_have_attribute("data-item", str(identifier))


def test_week_is_walked_by_arrow_keys_and_n_makes_a_rule_there(page: Page, stack: Stack):
    sign_in(page, stack, "supervisor", to="/screens/")
    page.goto(f"{stack.url}/screens/schedule/?screen=display-1")
    page.locator("[data-week] a.slot[tabindex='0']").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    inside = page.locator("[data-day='2'] a.slot:focus")
    expect(inside).to_have_count(1)
    page.keyboard.press("n")
    expect(page.get_by_label("Tue")).to_be_checked()
    expect(page.get_by_label("Mon")).not_to_be_checked()
    expect(page.get_by_label("Time of day")).to_have_value("CUSTOM")


def test_rule_form_says_what_the_rule_hides_before_it_is_saved(page: Page, stack: Stack):
    sign_in(page, stack, "supervisor", to="/screens/")
    page.goto(f"{stack.url}/screens/rules/new/")
    page.get_by_label("Name").fill("Everything else")
    page.get_by_label("Playlist").select_option(label="Queue")
    page.get_by_label("Priority").fill("90")
    page.get_by_label("Priority").blur()
    expect(page.locator("#effect").get_by_text("Hides all of it").first).to_be_visible()
    assert stack.sql("select count(*) from signage_schedulerule where name = 'Everything else'") == [(0,)]


def test_tile_is_on_the_home_page(page: Page, stack: Stack):
    sign_in(page, stack, "supervisor", to="/")
    expect(page.locator("#tiles").get_by_role("link", name="Screens")).to_be_visible()

"""The shell: what every page has, seen in a browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.e2e.helpers import NewPage, axe, scan, sign_in
from tests.stack import Stack, wait_until

pytestmark = pytest.mark.browser

SIZES = [(1280, 800), (390, 844)]
BASE_PAGES = ("/", "/setup/", "/setup/devices/", "/setup/staff/", "/setup/staff/new/", "/setup/link/",
              "/setup/audit/", "/quarantine/", "/holds/")  # fmt: skip
LISTEN = """
import("/static/store/js/scanner.js").then(({onScan}) => { window.scans = []; onScan((code) => window.scans.push(code)); })
"""
KEYS = """
import("/static/store/js/keys.js").then(({registerKeys}) => {
  window.pressed = [];
  registerKeys([
    {id: "pay", keys: ["F10"], label: "Pay", group: "Sale", action: () => window.pressed.push("pay")},
    {id: "first", keys: ["1"], label: "First way to pay", group: "Sale", action: () => window.pressed.push("first")},
  ]);
})
"""


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def until(page: Page, expression: str) -> None:
    """Wait until the expression is true; asked from outside, because the page's policy forbids eval."""
    wait_until(expression, lambda: page.evaluate(expression), timeout=10)


def design(page: Page, stack: Stack) -> Page:
    page.goto(f"{stack.url}/design/")
    expect(page.locator(".u-over").first).to_be_attached()
    return page


@pytest.mark.parametrize("viewport", SIZES, ids=["desk", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_design_page_has_no_accessibility_violation(
    stack: Stack, new_page: NewPage, viewport: tuple[int, int], theme: str
):
    page = design(new_page(viewport=viewport, theme=theme), stack)
    assert axe(page) == []
    assert overflow(page) == 0


@pytest.mark.parametrize(
    ("viewport", "theme"), list(zip(SIZES, ["light", "dark"], strict=True)), ids=["desk", "phone"]
)
def test_base_pages_have_no_accessibility_violation(
    stack: Stack, new_page: NewPage, viewport: tuple[int, int], theme: str
):
    page = new_page(viewport=viewport, theme=theme)
    for path in ("/sign-in/", "/enrol/", "/no-such-page/"):
        page.goto(stack.url + path)
        assert axe(page) == [], path
    sign_in(page, stack, "manager")
    for path in BASE_PAGES:
        page.goto(stack.url + path)
        assert axe(page) == [], path
        assert overflow(page) == 0, path


def test_pages_reflow_at_320_pixels(stack: Stack, new_page: NewPage):
    page = new_page(viewport=(320, 640))
    page.goto(f"{stack.url}/sign-in/")
    assert overflow(page) == 0
    sign_in(page, stack, "manager")
    for path in ("/", "/setup/devices/", "/design/"):
        page.goto(stack.url + path)
        assert overflow(page) == 0, path


def test_sign_in_by_the_demo_button_shows_the_tiles(page: Page, stack: Stack):
    page.goto(f"{stack.url}/sign-in/")
    page.get_by_role("button", name="Manager").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Good")
    expect(page.locator("#tiles .skeleton")).to_have_count(0)
    expect(page.locator("#tiles").get_by_role("link", name="Held products")).to_be_visible()


def test_sign_in_with_a_wrong_password_says_so_and_stays(page: Page, stack: Stack):
    page.goto(f"{stack.url}/sign-in/")
    page.get_by_label("Name", exact=True).fill("nobody")
    page.get_by_label("Password", exact=True).fill("wrong-password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="Name or password is not right.")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("nobody")
    page.goto(f"{stack.url}/setup/")
    expect(page).to_have_url(re.compile("/sign-in/"))


def test_enrol_with_an_unknown_code_says_so_at_the_field(page: Page, stack: Stack):
    page.goto(f"{stack.url}/enrol/")
    page.get_by_role("textbox", name="Code").fill("ZZZZZZ")
    page.get_by_role("button", name="Set up", exact=True).click()
    expect(page.locator(".field__error")).to_contain_text("not known")
    assert not [cookie for cookie in page.context.cookies() if cookie["name"] == "aisle_device"]


def test_navigation_shows_what_the_role_may_open(page: Page, stack: Stack):
    sign_in(page, stack, "cashier")
    main = page.get_by_role("navigation", name="Main", exact=True)
    expect(main.get_by_role("link", name="Today")).to_have_attribute("aria-current", "page")
    expect(main.get_by_role("link", name="Set-up")).to_have_count(0)
    answer = page.goto(f"{stack.url}/setup/")
    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_role("heading", name="You may not do this.")).to_be_visible()


def test_navigation_moves_to_the_foot_of_a_phone(stack: Stack, new_page: NewPage):
    page = new_page(viewport=(390, 844), touch=True)
    sign_in(page, stack, "manager")
    foot = page.get_by_role("navigation", name="Main, short")
    foot.get_by_role("button", name="More").click()
    sheet = page.get_by_role("dialog", name="All parts of the shop")
    sheet.get_by_role("link", name="Set-up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Set-up")


def test_language_is_kept_on_the_next_page(page: Page, stack: Stack):
    sign_in(page, stack, "supervisor")
    page.locator("[data-menu] > summary").click()
    page.get_by_role("button", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.goto(f"{stack.url}/holds/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Gesperrte Ware")
    page.locator("[data-menu] > summary").click()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Held products")


def test_theme_is_in_the_first_byte_of_the_next_page(page: Page, stack: Stack):
    page.goto(f"{stack.url}/design/")
    page.locator("[data-menu] > summary").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    answer = page.goto(f"{stack.url}/sign-in/")
    assert answer is not None
    assert 'data-theme="dark"' in answer.text()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 21, 27)"


def test_first_tab_leads_to_the_content(page: Page, stack: Stack):
    sign_in(page, stack, "manager")
    page.goto(f"{stack.url}/setup/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_scan_is_heard_and_leaves_the_text_box_alone(page: Page, stack: Stack):
    design(page, stack).evaluate(LISTEN)
    box = page.get_by_placeholder("Search products").first
    box.fill("milk")
    scan(page, "9521234567899")
    until(page, "window.scans.length === 1")
    assert page.evaluate("window.scans") == ["9521234567899"]
    expect(box).to_have_value("milk")
    page.get_by_role("button", name="Dialog").focus()
    scan(page, "2912345001250")
    until(page, "window.scans.length === 2")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_scan_without_enter_ends_by_silence(page: Page, stack: Stack):
    design(page, stack).evaluate(LISTEN)
    scan(page, "95212345", end="")
    until(page, "window.scans.length === 1")
    assert page.evaluate("window.scans") == ["95212345"]


@pytest.mark.parametrize(("text", "delay"), [("9521234567899", 50), ("12345", 2), ("abc", 2)])
def test_typing_is_no_scan_and_arrives(page: Page, stack: Stack, text: str, delay: int):
    design(page, stack).evaluate(LISTEN)
    box = page.get_by_placeholder("Search products").first
    box.focus()
    page.keyboard.type(text, delay=delay)
    expect(box).to_have_value(text)
    page.wait_for_timeout(100)
    assert page.evaluate("window.scans") == []


def test_keys_act_outside_text_boxes_and_not_within_a_scan(page: Page, stack: Stack):
    design(page, stack).evaluate(LISTEN)
    page.evaluate(KEYS)
    page.locator("h1").click()
    page.keyboard.press("1")
    until(page, "window.pressed.length === 1")
    page.get_by_placeholder("Search products").first.focus()
    page.keyboard.press("1")
    page.keyboard.press("F10")
    until(page, "window.pressed.length === 2")
    page.locator("h1").click()
    scan(page, "1234567")
    until(page, "window.scans.length === 1")
    page.wait_for_timeout(100)
    assert page.evaluate("window.pressed") == ["first", "pay"]


def test_keys_are_shown_and_can_be_changed(page: Page, stack: Stack):
    design(page, stack).evaluate(KEYS)
    page.locator("h1").click()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard")
    change = sheet.get_by_role("button", name="Change the key for Pay")
    change.click()
    page.keyboard.press("F5")
    expect(change).to_have_text("The browser needs this key for itself.")
    page.keyboard.press("F4")
    expect(sheet.get_by_role("button", name="Change the key for Pay")).to_have_text("F4")
    assert axe(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("body > #toasts")).to_be_attached()
    page.keyboard.press("F4")
    until(page, "window.pressed.length === 1")
    page.keyboard.press("F10")
    assert page.evaluate("window.pressed") == ["pay"]


def test_toasts_are_three_at_most_and_errors_stay(page: Page, stack: Stack):
    design(page, stack)
    page.evaluate("""import("/static/store/js/toast.js").then(({toast, undoToast}) => {
      toast({kind: "error", title: "Till 1 did not answer", reference: "7f3a91c2"});
      for (const n of [1, 2, 3]) toast({kind: "ok", title: `Saved ${n}`, seconds: 1});
      undoToast("Milk removed", () => { window.undone = true; });
    })""")
    region = page.locator("#toasts")
    expect(region.locator("[data-toast]")).to_have_count(3)
    expect(region.get_by_role("alert")).to_contain_text("7f3a91c2")
    region.get_by_role("button", name="Undo").click()
    assert page.evaluate("window.undone") is True
    expect(region.locator("[data-toast]")).to_have_count(1)
    region.get_by_role("button", name="Dismiss message").click()
    expect(region.locator("[data-toast]")).to_have_count(0)


def test_dialog_takes_the_focus_and_gives_it_back(page: Page, stack: Stack):
    design(page, stack)
    opener = page.get_by_role("button", name="Dialog")
    opener.click()
    dialog = page.get_by_role("dialog", name="Take cash out?")
    expect(dialog).to_be_visible()
    assert page.evaluate("document.querySelector('dialog[open]').contains(document.activeElement)")
    page.evaluate(
        "import('/static/store/js/toast.js').then(({toast}) => toast({kind: 'error', title: 'Seen'}))"
    )
    expect(dialog.get_by_role("alert")).to_contain_text("Seen")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    expect(page.locator("body > #toasts").get_by_role("alert")).to_contain_text("Seen")


def test_server_failure_becomes_a_toast_and_never_lands_in_the_page(page: Page, stack: Stack):
    design(page, stack)
    page.evaluate("""() => {
      const button = document.createElement("button");
      button.id = "ask"; button.textContent = "Ask"; button.setAttribute("hx-post", "/breaks/");
      button.setAttribute("hx-target", "h1");
      document.querySelector("h1").after(button); htmx.process(button);
    }""")
    failing = "<html><body>Traceback</body></html>"
    page.route(
        "**/breaks/",
        lambda route: route.fulfill(status=500, body=failing, headers={"X-Request-Id": "ab12cd34"}),
    )
    page.click("#ask")
    expect(page.locator("#toasts").get_by_role("alert")).to_contain_text("ab12cd34")
    expect(page.get_by_role("heading", level=1)).to_have_text("Design")
    page.route("**/breaks/", lambda route: route.abort())
    page.click("#ask")
    expect(page.locator("#toasts").get_by_role("alert").last).to_contain_text("Not sent")


def test_refusal_of_the_server_is_shown_as_its_toast(page: Page, stack: Stack):
    sign_in(page, stack, "cashier")
    page.evaluate("htmx.ajax('GET', '/setup/', {target: 'h1', swap: 'innerHTML'})")
    expect(page.locator("#toasts").get_by_role("alert")).to_contain_text("You may not do this.")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Good")


def test_lost_server_is_announced_and_fragments_fetch_again_when_it_is_back(stack: Stack, new_page: NewPage):
    page = new_page()
    sockets: list[WebSocketRoute] = []
    is_away = False

    def socket(route: WebSocketRoute) -> None:
        sockets.append(route)
        if is_away:
            route.close(code=1012)

    def health(route: Route) -> None:
        if is_away:
            route.abort()
        else:
            route.continue_()

    page.route_web_socket(re.compile("/ws/live"), socket)
    page.route("**/healthz", health)
    sign_in(page, stack, "manager", to="/holds/")
    expect(page.locator("html")).to_have_attribute("data-link", "online")
    page.evaluate(
        "window.heard = []; document.body.addEventListener('live:holds', (e) => heard.push(e.detail))"
    )
    sockets[-1].send('{"topic": "holds", "data": {}}')
    until(page, "heard.length === 1")
    sockets[-1].send("not json")
    is_away = True
    sockets[-1].close(code=1012)
    banner = page.locator("#link-banner")
    expect(banner).to_be_visible(timeout=6000)
    expect(banner).to_contain_text("Store server not reached")
    expect(page.locator("html")).to_have_attribute("data-link", "offline")
    is_away = False
    expect(banner).to_be_hidden(timeout=20_000)
    until(page, "heard.length === 2")
    assert page.evaluate("heard[1].resync") is True


def test_chart_is_a_table_at_one_press(page: Page, stack: Stack):
    design(page, stack)
    figure = page.get_by_role("figure", name="People by hour").first
    figure.get_by_role("button", name="Show as table").click()
    expect(figure.get_by_role("row")).to_have_count(13)
    expect(figure.get_by_role("row").nth(1)).to_contain_text("12")
    expect(figure.locator(".chart__plot")).to_be_hidden()


def test_keypad_and_stepper_write_into_their_fields(page: Page, stack: Stack):
    design(page, stack)
    stepper = page.locator("[data-stepper]").first
    stepper.get_by_role("button", name="One more").click()
    expect(stepper.get_by_role("spinbutton")).to_have_value("4")
    page.evaluate("""() => {
      const field = document.createElement("input"); field.id = "pin"; field.maxLength = 4; field.setAttribute("aria-label", "PIN");
      document.querySelector("h1").after(field);
      document.querySelector("[data-keypad]").dataset.keypadFor = "pin";
    }""")
    pad = page.locator("[data-keypad]").first
    for digit in ("1", "2", "3", "00"):
        pad.get_by_role("button", name=digit, exact=True).click()
    expect(page.locator("#pin")).to_have_value("123")
    pad.get_by_role("button", name="Delete the last digit").click()
    expect(page.locator("#pin")).to_have_value("12")

"""The camera thread: a separate edge box counts, the store shows it, staff are called to open another till."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.helpers import NewPage, axe, sign_in, use_till
from tests.stack import Stack, wait_until
from tests.tools.till import Till
from vision.edge import control

pytestmark = pytest.mark.browser

CAME_IN = """
select coalesce(sum(m.value), 0)::int from vision_minutecount m join vision_scope s on s.id = m.scope_id
where s.code = 'door' and m.metric = 'in' and m.seq > 0
"""
PLACED = (
    "select coalesce(sum(count), 0)::int from store_quarantinedmessage where left(reason, 8) = 'bad_json'"
)


def steer(stack: Stack, *arguments: str) -> None:
    """Give the simulated shoppers a command."""
    control.main(["--file", str(stack.home / "run" / "edge-1.control.json"), *arguments])


def number(stack: Stack, sql: str) -> int:
    return int(stack.sql(sql)[0][0])


@pytest.fixture
def calm(stack: Stack):
    """The simulator runs, and follows its script again afterwards."""
    wait_until(
        "the edge box counts",
        lambda: number(stack, CAME_IN) >= 0 and stack.sql("select 1 from vision_edgebox where is_online"),
        timeout=40,
    )
    yield
    steer(stack)


def stand_at(till: Page) -> None:
    """Sign in at the till, and open it if it is closed."""
    till.get_by_role("radio", name="Ben").check(force=True)
    till.locator("[name=pin]").fill("2222")
    till.locator("form[data-pin-form] [type=submit]").last.click()
    if till.locator("[data-money-form]").count():
        till.locator("[data-money]").first.click()
        till.locator("form[data-money-form] [type=submit]").last.click()
    expect(till.locator("#till-alert")).to_be_attached()


def chart_sum(page: Page) -> float:
    text = page.locator("#footfall script[type='application/json']").text_content()
    return sum(value or 0 for value in json.loads(text)["series"][0]["values"])


def test_people_walking_in_change_the_footfall_chart(page: Page, stack: Stack, calm) -> None:
    sign_in(page, stack, "supervisor", to="/cameras/?by=minute")
    expect(page.locator("#footfall canvas")).to_be_visible()
    before = chart_sum(page)
    steer(stack, "--enter", "6")
    wait_until("the chart shows six more", lambda: chart_sum(page) >= before + 6, timeout=45, pause=0.5)
    expect(page.locator("[data-stat='came-in'] .stat__value")).not_to_have_text("–")
    page.locator("#footfall").get_by_role("button", name="Show as table").click()
    expect(page.locator("#footfall table")).to_be_visible()


def test_a_long_queue_calls_for_another_till_on_the_page_and_at_the_till(
    page: Page, new_page: NewPage, stack: Stack, calm
) -> None:
    Till(stack, "till-4").close()  # with every till open there is none to call for
    till = new_page()
    use_till(till, stack, "till-2")
    stand_at(till)
    sign_in(page, stack, "supervisor", to="/cameras/")
    steer(stack, "--queue", "18")
    alert = page.locator("[data-alert='queue']")
    expect(alert).to_contain_text("Open", timeout=45_000)
    at_till = till.get_by_text("Open another till")
    expect(at_till).to_be_visible(timeout=30_000)
    assert axe(page) == []
    alert.get_by_role("button", name="I take it").click()
    expect(alert).to_contain_text("is on it")
    steer(stack)
    expect(alert).to_have_count(0, timeout=90_000)
    expect(at_till).to_have_count(0, timeout=30_000)


def test_a_camera_without_picture_has_no_data_not_zero(page: Page, stack: Stack, calm) -> None:
    sign_in(page, stack, "supervisor", to="/cameras/")
    tile = page.locator("[data-camera='camera-tills']")
    expect(tile).to_contain_text("Sees", timeout=20_000)
    steer(stack, "--blind", "camera-tills")
    expect(tile).to_contain_text("No picture", timeout=20_000)
    expect(tile.locator("dd")).to_have_text("No data", timeout=50_000)
    steer(stack)
    expect(tile).to_contain_text("Sees", timeout=30_000)


def test_broken_json_is_counted_and_stops_nothing(page: Page, stack: Stack, calm) -> None:
    before = number(stack, PLACED)
    steer(stack, "--garbage")
    wait_until("the broken message is put aside", lambda: number(stack, PLACED) == before + 1, timeout=20)
    came_in = number(stack, CAME_IN)
    steer(stack, "--enter", "3")
    wait_until("counting goes on", lambda: number(stack, CAME_IN) >= came_in + 3, timeout=40)
    sign_in(page, stack, "technician", to="/quarantine/")
    expect(page.get_by_text("bad_json").first).to_be_visible()


def test_what_was_counted_while_ingest_was_dead_arrives(stack: Stack, calm) -> None:
    before = number(stack, CAME_IN)
    killed = stack.kill("ingest")
    steer(stack, "--enter", "5")
    stack.wait_back("ingest", killed)
    wait_until("all five are counted", lambda: number(stack, CAME_IN) >= before + 5, timeout=60)


def test_what_was_counted_while_the_broker_was_dead_arrives(stack: Stack, calm) -> None:
    before = number(stack, CAME_IN)
    killed = stack.kill("mqtt")
    steer(stack, "--enter", "4")
    stack.wait_back("mqtt", killed)
    wait_until("all four are counted", lambda: number(stack, CAME_IN) >= before + 4, timeout=90)
    wait_until(
        "the box is connected", lambda: stack.sql("select 1 from vision_edgebox where is_online"), timeout=60
    )


@pytest.mark.parametrize(
    ("viewport", "theme"), [((1280, 800), "light"), ((1280, 800), "dark"), ((390, 844), "light")]
)
def test_pages_are_accessible(new_page: NewPage, stack: Stack, calm, viewport, theme) -> None:
    page = new_page(viewport=viewport, theme=theme)
    sign_in(page, stack, "manager", to="/cameras/")
    expect(page.locator("#footfall canvas")).to_be_visible()
    expect(page.locator(".vision-plan")).to_be_visible()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"{stack.url}/cameras/privacy/")
    assert axe(page) == []


def test_the_notice_for_visitors_needs_no_sign_in_and_speaks_german(new_page: NewPage, stack: Stack) -> None:
    page = new_page(language="de")
    page.goto(f"{stack.url}/cameras/privacy/")
    expect(page.get_by_role("heading", name="Was die Kameras zählen")).to_be_visible()

"""The freezer thread: a separate sensor with its own certificate, a live chart, an alarm that holds products."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator

import paho.mqtt.client as mqtt
import pytest
from playwright.sync_api import Page, expect

from telemetry.edge import control
from telemetry.edge.simulator import Broker
from tests.e2e.helpers import NewPage, axe, sign_in
from tests.stack import Stack, wait_until

pytestmark = pytest.mark.browser

SENSOR = "sensor-freezer-1"
LATEST = """
select extract(epoch from l.at)::float8 from telemetry_latest l join telemetry_sensor s on s.id = l.sensor_id
join store_device d on d.id = s.device_id where d.code = %s
"""
SENSOR_ID = "select s.id from telemetry_sensor s join store_device d on d.id = s.device_id where d.code = %s"
HELD = """
select count(*) from store_producthold h join store_fixture f on f.id = h.fixture_id
where h.cleared_at is null and f.code = %s
"""
SET_ASIDE = "select count(*) from telemetry_setaside where sensor_id = %s and reason = %s"


def broker(stack: Stack) -> Broker:
    return Broker("127.0.0.1", int(stack.environment["AISLE_MQTT_PORT"]), stack.home / "pki")


def command(stack: Stack, sensor: str, do: str) -> None:
    """Tell the simulator what the case does; the site is the demo's."""
    assert control.send(sensor, do, broker=broker(stack))


def sensor_id(stack: Stack, code: str) -> int:
    return wait_until(
        f"{code} being set up", lambda: (stack.sql(SENSOR_ID, (code,)) or [(0,)])[0][0], timeout=30
    )


def latest(stack: Stack, code: str) -> float:
    return (stack.sql(LATEST, (code,)) or [(0.0,)])[0][0] or 0.0


def held(stack: Stack, fixture: str) -> int:
    return stack.sql(HELD, (fixture,))[0][0]


@pytest.fixture
def feed(stack: Stack) -> Iterator[None]:
    """Readings arrive; afterwards the case is well again."""
    begun = latest(stack, SENSOR)
    wait_until("a reading", lambda: latest(stack, SENSOR) > begun, timeout=40)
    yield
    command(stack, SENSOR, "cool")


def set_limits(page: Page, stack: Stack, number: int, **fields: str) -> None:
    page.goto(f"{stack.url}/sensors/{number}/limits/")
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="Save limits").click()


def test_tiles_show_every_sensor_with_its_day(page: Page, stack: Stack, feed: None) -> None:
    sign_in(page, stack, "technician", to="/sensors/")
    expect(page.locator(".sensor-tile")).to_have_count(7)
    tile = page.locator(f"[data-sensor={SENSOR}]")
    expect(tile.locator(".sensor-spark__line")).to_be_attached()
    expect(tile.locator("[data-value]")).to_have_text(re.compile(r"^−\d+\.\d$"))
    expect(tile).to_contain_text("Target below")
    assert axe(page) == []


def test_chart_moves_with_the_readings(page: Page, stack: Stack, feed: None) -> None:
    number = sensor_id(stack, SENSOR)
    sign_in(page, stack, "picker", to=f"/sensors/{number}/?range=15m")
    expect(page.locator("figure[data-chart] canvas")).to_be_visible()
    ends = []
    for _ in range(3):
        with page.expect_response(lambda answer: "/course/" in answer.url) as coming:
            pass
        ends.append(coming.value.json()["x"][-1])
    assert ends == sorted(ends)
    assert ends[-1] > ends[0]
    page.get_by_role("button", name="Show as table").click()
    expect(page.locator(".chart__table tbody tr").first).to_be_visible()
    with page.expect_response(lambda answer: "/course/" in answer.url):
        pass
    expect(page.locator(".chart__table tbody tr").first).to_be_visible()
    assert axe(page) == []


def test_warm_freezer_raises_holds_its_products_and_clears(page: Page, stack: Stack, feed: None) -> None:
    number = sensor_id(stack, SENSOR)
    assert held(stack, "freezer-1") == 0
    sign_in(page, stack, "technician")
    set_limits(
        page, stack, number,
        warn_high="", alarm_high="-18", hysteresis="0.5", on_delay="0.05", off_delay="0.05",
    )  # fmt: skip
    expect(page).to_have_url(f"{stack.url}/sensors/{number}/")
    page.goto(f"{stack.url}/sensors/")
    command(stack, SENSOR, "warm")
    alarm = page.locator(".alarm--severe", has_text="Too warm").filter(
        has=page.locator(f"a[href='/sensors/{number}/']")
    )
    expect(alarm).to_be_visible(timeout=60_000)
    expect(page.locator(f"[data-sensor={SENSOR}]")).to_have_attribute("data-health", "alarm")
    wait_until("the hold", lambda: held(stack, "freezer-1") > 0)
    assert axe(page) == []
    page.goto(f"{stack.url}/holds/")
    expect(page.locator("main")).to_contain_text("in alarm")
    page.goto(f"{stack.url}/sensors/alarms/")
    alarm.get_by_label("What was done").fill("Door was ajar, closed it")
    alarm.get_by_role("button", name="Acknowledge").click()
    expect(alarm).to_contain_text("Acknowledged")
    command(stack, SENSOR, "cool")
    expect(alarm).to_have_count(0, timeout=90_000)
    wait_until("the hold going", lambda: held(stack, "freezer-1") == 0)
    row = page.locator("#episodes tbody tr", has_text="Door was ajar, closed it")
    expect(row).to_be_visible()
    expect(row).not_to_contain_text("still on")
    set_limits(
        page, stack, number,
        warn_high="-15", alarm_high="-12", hysteresis="1", on_delay="1", off_delay="0.5",
    )  # fmt: skip


def test_limits_that_make_no_sense_are_refused_at_their_field(page: Page, stack: Stack) -> None:
    number = sensor_id(stack, "sensor-chiller-2")
    sign_in(page, stack, "technician")
    set_limits(page, stack, number, warn_high="9", alarm_high="5")
    expect(page.locator(".field--invalid")).to_have_count(1)
    expect(page.locator(".field__error")).to_contain_text("must not lie above the alarm")
    assert axe(page) == []


def test_bad_readings_are_kept_aside_and_broken_messages_quarantined(
    page: Page, stack: Stack, feed: None
) -> None:
    sensor = "sensor-chiller-1"
    number = sensor_id(stack, sensor)
    for do, reason in (("nan", "NOT_A_NUMBER"), ("absurd", "ABSURD")):
        command(stack, sensor, do)
        wait_until(
            f"{do} being kept aside", lambda reason=reason: stack.sql(SET_ASIDE, (number, reason))[0][0]
        )
    command(stack, sensor, "garbage")
    wait_until(
        "the broken message being quarantined",
        lambda: stack.sql("select 1 from store_quarantinedmessage where topic like %s", (f"%{sensor}%",)),
    )
    before = latest(stack, sensor)
    wait_until("the next reading", lambda: latest(stack, sensor) > before)
    sign_in(page, stack, "technician", to=f"/sensors/kept-aside/?sensor={number}")
    expect(page.locator("main")).to_contain_text("Not a number")
    expect(page.locator("main")).to_contain_text("Impossible value")
    assert axe(page) == []
    page.goto(f"{stack.url}/quarantine/")
    expect(page.locator("main")).to_contain_text(sensor)


def refused(stack: Stack, code: str) -> bool:
    """Whether the broker turns this device's certificate away."""
    where = broker(stack)
    answers: list[bool] = []
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{code}-probe", protocol=mqtt.MQTTv311)
    client.tls_set(
        str(where.pki / "ca.pem"), str(where.pki / f"{code}.pem"), str(where.pki / f"{code}.key"),
        tls_version=ssl.PROTOCOL_TLS_CLIENT,
    )  # fmt: skip
    client.on_connect = lambda *arguments: answers.append(arguments[3].is_failure)
    client.connect(where.host, where.port, 5)
    client.loop_start()
    wait_until("the broker's answer", lambda: answers)
    client.disconnect()
    client.loop_stop()
    return answers[0]


def test_revoked_sensor_is_refused_by_the_broker(page: Page, stack: Stack, feed: None) -> None:
    sensor = "sensor-chiller-4"
    assert refused(stack, sensor) is False
    stack.sql("update store_device set revoked_at = now() where code = %s", (sensor,))
    wait_until("the broker refusing it", lambda: refused(stack, sensor), timeout=60, pause=0.5)
    last = latest(stack, sensor)
    others = latest(stack, SENSOR)
    wait_until("other sensors going on", lambda: latest(stack, SENSOR) > others + 4)
    assert latest(stack, sensor) == last
    assert refused(stack, SENSOR) is False


def test_invariants_hold_after_all_this(stack: Stack) -> None:
    found = stack.manage("shell", "-c", "from telemetry import invariants; print(invariants.check())")
    assert found.strip().endswith("[]")


@pytest.mark.parametrize(
    ("viewport", "theme", "language"), [((390, 844), "dark", "de"), ((1280, 800), "dark", "en")]
)
def test_pages_are_accessible_on_a_phone_and_in_the_dark(
    new_page: NewPage, stack: Stack, viewport: tuple[int, int], theme: str, language: str
) -> None:
    page = new_page(viewport=viewport, theme=theme, language=language)
    sign_in(page, stack, "manager")
    number = sensor_id(stack, "sensor-chiller-3")
    for path in ("", f"{number}/", f"{number}/limits/", "alarms/", "kept-aside/"):
        page.goto(f"{stack.url}/sensors/{path}")
        expect(page.locator("h1")).to_be_visible()
        assert axe(page) == []
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= viewport[0]

"""An order's way through the real store: the shop's bus, the picker's phone, the bins, the desk, and back to a bus."""

from __future__ import annotations

import json
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from store.adapters.cloud import aws, provision
from store.adapters.cloud.port import OutEntry
from tests.e2e.helpers import NewPage, axe, scan, sign_in
from tests.stack import Stack, wait_until

pytestmark = pytest.mark.browser
PHONE = (390, 844)
SHOP = "com.e2e.shop"


def child_environment(stack: Stack, name: str) -> dict[str, str]:
    """What a child of the store was told."""
    raw = Path(f"/proc/{stack.children[name]}/environ").read_bytes()
    return dict(part.split("=", 1) for part in raw.decode().split("\0") if "=" in part)


class Counterpart:
    """The shop's side of the two buses."""

    def __init__(self, url: str, region: str) -> None:
        self._made = provision.provision(
            region=region, endpoint_url=url, bus_in="aisle-in", bus_out="aisle-out"
        )
        self._bus = aws.AwsSink(aws.client("events", region=region, endpoint_url=url), bus=self._made.bus_in)
        client = aws.client("sqs", region=region, endpoint_url=url, read_timeout=25)
        self._arrived = aws.AwsQueue(client, queue_url=self._made.out_queue_url)
        self.seen: list[dict] = []

    def put(self, kind: str, data: dict) -> None:
        """put_events, as the shop does it."""
        detail = {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "source": "/shop/e2e",
            "type": kind,
            "time": datetime.now(tz=UTC).isoformat(),
            "data": data,
        }
        entry = OutEntry(source=SHOP, detail_type=kind, detail=json.dumps(detail), time=datetime.now(tz=UTC))
        assert self._bus.put_events([entry])[0].is_sent

    def order(self, number: str, lines: list[tuple[str, int]]) -> None:
        """One order of (gtin, quantity)."""
        self.put(
            "order.created",
            {
                "order_id": number,
                "number": number,
                "version": 1,
                "currency": "EUR",
                "customer": {"name": "Mia Berg"},
                "pickup": {"due_at": (datetime.now(tz=UTC) + timedelta(hours=2)).isoformat()},
                "lines": [
                    {"line_id": str(index), "gtin": gtin, "quantity": str(quantity), "unit_price_minor": 199}
                    for index, (gtin, quantity) in enumerate(lines, 1)
                ],
            },
        )

    def wait_for(self, kind: str, order: str, patience: float = 30) -> dict:
        """The event of an order as it arrived on the out bus."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            for envelope in self.seen:
                detail = envelope["detail"]
                if envelope["detail-type"] == kind and detail["data"]["order_id"] == order:
                    return envelope
            for message in self._arrived.receive(wait_seconds=1):
                self.seen.append(json.loads(message.body))
                self._arrived.delete(message)
        raise AssertionError(
            f"{kind} of {order} did not arrive; seen {[one['detail-type'] for one in self.seen]}"
        )


@pytest.fixture
def shop(stack: Stack) -> Counterpart:
    told = child_environment(stack, "intake")
    if told.get("AISLE_CLOUD") != "aws":
        pytest.skip("the AWS counterpart is not installed")
    return Counterpart(told["AISLE_AWS_ENDPOINT_URL"], told.get("AWS_REGION", "eu-central-1"))


def goods(stack: Stack, zone: str, count: int = 1) -> list[tuple[str, str]]:
    """Names and GTINs of plain products of a zone that are there and not held."""
    return stack.sql(
        """
        select p.name, g.gtin14 from store_product p
        join store_gtin g on g.product_id = p.id and g.pack_quantity = 1
        join store_stockbalance b on b.product_id = p.id
        where p.storage_zone = %s and not p.is_weighed and p.min_age is null and b.on_hand > 20
          and not exists (select 1 from store_producthold h where h.product_id = p.id and h.cleared_at is null)
        order by p.sku limit %s
        """,
        (zone, count),
    )


def order_row(stack: Stack, number: str) -> tuple[int, str]:
    """Our id and state of an order, once it is there."""
    query = "select id, state from fulfillment_order where source = %s and number = %s"
    return wait_until(f"{number} coming in", lambda: stack.sql(query, (SHOP, number)), 30)[0]


def free_hands(stack: Stack, username: str) -> None:
    """Nothing is in a person's hands: the phone starts with the list."""
    stack.sql(
        "update fulfillment_pickwork set state = 'WAITING', picker_id = null, lease_until = null, claimed_at = null "
        "where state = 'CLAIMED' and picker_id = (select id from store_staff where username = %s)",
        (username,),
    )


def open_order(page: Page, stack: Stack, order_id: int) -> None:
    """Take a certain order on the phone."""
    page.goto(f"{stack.url}/orders/pick/")
    button = page.locator(f"button[name=order][value='{order_id}']")
    if button.count():
        button.click()
    page.goto(f"{stack.url}/orders/pick/{order_id}/")


def pick_all(page: Page, lines: int) -> None:
    """Scan each line that the phone shows."""
    for position in range(lines):
        step = page.locator("#pick-step")
        name = step.locator(".pick__name").inner_text()
        scan(page, PICKED_BY_NAME[name])
        if position + 1 < lines:
            expect(page.locator(".pick__name")).not_to_have_text(name)
    expect(page.get_by_role("link", name="To the bins")).to_be_visible()


PICKED_BY_NAME: dict[str, str] = {}


def take_an_order(shop: Counterpart, stack: Stack, number: str, zones: tuple[str, ...]) -> int:
    """Let the shop order one piece from each zone; returns our id once it is there."""
    found = [goods(stack, zone)[0] for zone in zones]
    PICKED_BY_NAME.update(found)
    shop.order(number, [(gtin, 1) for _, gtin in found])
    return order_row(stack, number)[0]


def stage_all(page: Page, stack: Stack, order_id: int) -> None:
    """Scan a bin of the right zone for each box."""
    while True:
        rows = stack.sql(
            "select zone from fulfillment_tote where order_id = %s and bin_id is null order by code",
            (order_id,),
        )
        if not rows:
            break
        code = stack.sql(
            "select code from fulfillment_stagingbin where zone = %s order by code limit 1", rows[0]
        )[0][0]
        page.get_by_placeholder("Scan the bin").fill(code)
        page.get_by_role("button", name="Put in").click()
        wait_until("the box in its bin", lambda rows=rows: len(_unstaged(stack, order_id)) < len(rows))
    expect(page.get_by_text("Ready to be collected")).to_be_visible()


def _unstaged(stack: Stack, order_id: int) -> list[tuple]:
    return stack.sql("select id from fulfillment_tote where order_id = %s and bin_id is null", (order_id,))


def test_order_from_the_shops_bus_to_the_customers_hands_and_back(
    stack: Stack, shop: Counterpart, new_page: NewPage
) -> None:
    number = f"E-{uuid.uuid4().hex[:6]}"
    phone = new_page(viewport=PHONE, touch=True)
    free_hands(stack, "picker")
    sign_in(phone, stack, "picker")
    phone.goto(f"{stack.url}/orders/pick/")
    started = time.monotonic()
    order_id = take_an_order(shop, stack, number, ("AMBIENT", "CHILLED"))
    expect(phone.locator(f"button[name=order][value='{order_id}']")).to_be_visible()
    print(f"put_events to pick work on the phone: {time.monotonic() - started:.2f} s")

    phone.locator(f"button[name=order][value='{order_id}']").click()
    expect(phone.get_by_text("1 of 2")).to_be_visible()
    assert axe(phone) == []
    pick_all(phone, 2)
    phone.get_by_role("link", name="To the bins").click()
    stage_all(phone, stack, order_id)

    ready = shop.wait_for("fulfillment.ready_for_pickup.v1", number)
    assert ready["source"].startswith("aisle.")
    assert ready["detail"]["subject"] == f"order/{SHOP}/{number}"
    code = ready["detail"]["data"]["collection_code"]

    desk = new_page()
    sign_in(desk, stack, "cashier", to="/orders/collect/")
    desk.get_by_role("link", name=number).click()
    desk.get_by_label("6 digits").fill(f"{(int(code) + 1) % 10**6:06}")
    desk.get_by_role("button", name="Hand over").click()
    expect(desk.get_by_role("alert").filter(has_text="4 tries left")).to_be_visible()
    assert order_row(stack, number)[1] == "READY"
    assert axe(desk) == []
    desk.get_by_label("6 digits").fill(code)
    desk.get_by_role("button", name="Hand over").click()
    expect(desk.get_by_role("heading", name="Handed over")).to_be_visible()
    shop.wait_for("fulfillment.handed_over.v1", number)
    assert order_row(stack, number)[1] == "HANDED_OVER"

    desk.goto(f"{stack.url}/orders/{order_id}/")
    for words in ("Order received from the shop", "Ready", "Wrong code at the desk", "Handed over"):
        expect(desk.locator(".timeline").get_by_text(words).first).to_be_visible()
    assert axe(desk) == []


def test_wrong_scan_is_red_with_words_and_moves_nothing(
    stack: Stack, shop: Counterpart, new_page: NewPage
) -> None:
    number = f"E-{uuid.uuid4().hex[:6]}"
    order_id = take_an_order(shop, stack, number, ("AMBIENT",))
    other = goods(stack, "CHILLED")[0][1]
    phone = new_page(viewport=PHONE, touch=True)
    free_hands(stack, "supervisor")
    sign_in(phone, stack, "supervisor")
    open_order(phone, stack, order_id)
    scan(phone, other)
    verdict = phone.locator(".verdict--wrong")
    expect(verdict).to_contain_text(
        "Falsches Produkt" if phone.locator("html").get_attribute("lang") == "de" else "Wrong product"
    )
    box = verdict.bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, PHONE[0])
    assert stack.sql("select sum(picked) from fulfillment_orderline where order_id = %s", (order_id,)) == [
        (0,)
    ]
    assert axe(phone) == []


def test_malformed_envelope_is_put_aside_and_shown_with_the_reason(
    stack: Stack, shop: Counterpart, page: Page
) -> None:
    before = stack.sql("select count(*) from fulfillment_order")
    shop.put("order.created", {"order_id": "E-broken", "version": 0})
    shop.put("order.exploded", {"order_id": "E-broken", "version": 1})
    query = (
        "select count(*) from store_quarantinedmessage where channel = 'orders' and reason like 'detail%%'"
    )
    wait_until("the messages put aside", lambda: stack.sql(query)[0][0] >= 2, 30)
    sign_in(page, stack, "manager", to="/quarantine/")
    expect(page.get_by_text("detail.data.version is out of range").first).to_be_visible()
    expect(page.get_by_text("is not known").first).to_be_visible()
    assert len(before) == 1


def test_board_finds_an_order_and_follows_it(stack: Stack, shop: Counterpart, page: Page) -> None:
    number = f"E-{uuid.uuid4().hex[:6]}"
    sign_in(page, stack, "supervisor", to="/orders/")
    take_an_order(shop, stack, number, ("AMBIENT",))
    expect(page.get_by_role("link", name=number)).to_be_visible(timeout=25_000)
    page.get_by_placeholder("Number or customer").fill(number)
    expect(page.locator(".order-card")).to_have_count(1)
    page.get_by_placeholder("Number or customer").fill("nobody at all")
    expect(page.get_by_text("No order fits")).to_be_visible()
    assert axe(page) == []

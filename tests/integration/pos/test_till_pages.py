"""The till's pages and API over HTTP."""

from __future__ import annotations

import json
from datetime import timedelta
from random import Random

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from pos import demo, invariants
from pos.models import JournalRecord, QueueAlert, Receipt, Shift
from pos.queries import receipts
from store import ids, outbox
from store.events.vision import QueueAlertCleared, QueueAlertRaised
from store.models import Device, Staff
from store.services import devices
from tests.factories import pos as make
from tests.factories.store import DeviceFactory, ProductFactory, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def token():
    make.make_site()
    return devices.enrol(device=DeviceFactory(code="till-1"), actor="test").token


@pytest.fixture
def browser(token, settings):
    client = Client()
    client.cookies[settings.DEVICE_COOKIE_NAME] = token
    return client


@pytest.fixture
def till(browser):
    return make.make_till(device=Device.objects.get(code="till-1"))


def command(browser, kind, **data):
    body = {"kind": kind, "id": str(ids.uuid7()), "data": data}
    return browser.post("/till/command/", json.dumps(body), content_type="application/json")


def pay(browser, cash_minor, key, cart, version):
    body = {"key": str(key), "cart": cart, "version": version, "cash_minor": cash_minor}
    return browser.post("/till/pay/", json.dumps(body), content_type="application/json")


def test_browser_that_is_no_till_is_told_what_to_do():
    make.make_site()
    DeviceFactory(code="till-7", name="Till 7")
    page = Client().get("/till/")
    assert page.status_code == 200
    assert "This browser is not a till yet" in page.content.decode()


def test_page_goes_from_sign_in_to_open_to_selling(browser):
    cashier = make.make_cashier(display_name="Anna")
    assert "Who is at the till?" in browser.get("/till/").content.decode()
    wrong = browser.post("/till/sign-in/", {"username": cashier.username, "pin": "0000"})
    assert wrong.status_code == 403
    assert "That PIN is not right." in wrong.content.decode()
    browser.post("/till/sign-in/", {"username": cashier.username, "pin": make.PIN})
    assert "count the money" in browser.get("/till/").content.decode()
    assert browser.post("/till/open/", {"float_minor": "x"}).status_code == 422
    browser.post("/till/open/", {"float_minor": "15000"})
    assert "Nothing scanned yet" in browser.get("/till/").content.decode()
    kinds = list(JournalRecord.objects.order_by("sequence").values_list("kind", flat=True))
    assert kinds == ["SIGN_IN_REFUSED", "SIGN_IN", "SHIFT_OPENED"]


def test_wrong_pins_are_throttled(browser):
    cashier = make.make_cashier()
    answers = [
        browser.post("/till/sign-in/", {"username": cashier.username, "pin": "0000"}) for _ in range(6)
    ]
    assert [answer.status_code for answer in answers[:4]] == [403] * 4
    assert answers[5].status_code == 429
    assert browser.post("/till/sign-in/", {"username": cashier.username, "pin": make.PIN}).status_code == 429


def test_picker_may_not_sign_in_at_a_till(browser):
    picker = make.make_cashier(role=Staff.Role.PICKER)
    assert browser.post("/till/sign-in/", {"username": picker.username, "pin": make.PIN}).status_code == 403


def test_idle_till_locks_and_keeps_the_basket(browser, till):
    make.fill(till, 119)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert "Who is at the till?" in browser.get("/till/").content.decode()
        refused = command(browser, "scan", code="9520123456788")
        assert (refused.status_code, refused.json()["code"]) == (403, "not_signed_in")
    assert len(make.look(till).cart.lines) == 1


def test_sale_over_the_page(browser, till):
    code = ProductFactory(name="Oat milk", price_minor=199).gtins.get().gtin14
    shown = command(browser, "scan", code=code).content.decode()
    assert "Oat milk" in shown
    assert "€1.99" in shown
    cart = make.look(till).cart
    assert "To pay" in browser.get("/till/pay/").content.decode()
    part = pay(browser, 100, ids.uuid7(), cart.id, cart.version)
    assert "Still to pay" in part.content.decode()
    key, cart = ids.uuid7(), make.look(till).cart
    first = pay(browser, 500, key, cart.id, cart.version)
    assert "€4.01" in first.content.decode()
    again = pay(browser, 500, key, cart.id, cart.version)
    assert again.content == first.content
    other = pay(browser, 500, ids.uuid7(), cart.id, cart.version)
    assert (other.status_code, other.json()["code"]) == (409, "cart_closed")
    reused = pay(browser, 600, key, cart.id, cart.version)
    assert (reused.status_code, reused.json()["code"]) == (409, "key_reused")
    receipt = Receipt.objects.get()
    paper = browser.get(f"/till/receipts/{receipt.uid}/").content.decode()
    assert "Oat milk" in paper
    assert receipt.journal_hash[:12] in paper
    assert invariants.check() == []


def test_refusals_are_json_beside_the_basket(browser, till):
    unknown = command(browser, "scan", code="9520123456788")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_code")
    assert browser.post("/till/command/", "{", content_type="application/json").status_code == 400
    assert command(browser, "explode").json()["code"] == "bad_command"


def test_html_in_names_is_text(browser, till):
    product = ProductFactory(name="<script>alert(1)</script>")
    shown = command(browser, "scan", code=product.gtins.get().gtin14).content.decode()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_products_by_search_and_department(browser, till):
    ProductFactory(name="Cheddar", price_minor=399)
    assert "Cheddar" in browser.get("/till/products/?q=chedar").content.decode()
    assert "Nothing found" in browser.get("/till/products/?q=zzzzzz").content.decode()


def test_close_shows_the_difference(browser, till):
    closed = browser.post("/till/close/", {"counted_minor": "9900"}).content.decode()
    assert "−€1.00" in closed
    assert Shift.objects.get().closed_at is not None


def test_receipts_need_a_supervisor():
    make.make_site()
    client = Client()
    assert client.get("/till/receipts/").status_code == 302
    client.force_login(StaffFactory(role=Staff.Role.CASHIER))
    assert client.get("/till/receipts/").status_code == 403
    client.force_login(StaffFactory(role=Staff.Role.SUPERVISOR))
    assert "No receipts yet" in client.get("/till/receipts/").content.decode()
    assert client.get("/till/tile/").status_code == 200


def test_api_runs_a_whole_sale(token):
    cashier = make.make_cashier()
    client, headers = Client(), {"Authorization": f"Device {token}"}

    def send(method, path, body=None, **more):
        return getattr(client, method)(
            f"/api/v1/pos/{path}", json.dumps(body), content_type="application/json", headers=headers | more
        )

    assert Client().get("/api/v1/pos/till/").status_code in (401, 403)
    assert (
        send("post", "sign-in/", {"username": cashier.username, "pin": make.PIN}).json()["person"]
        == cashier.username
    )
    assert send("post", "shifts/", {"float_minor": 5000}).status_code == 201
    code = ProductFactory(price_minor=250).gtins.get().gtin14
    cart = send(
        "post", "cart/commands/", {"id": str(ids.uuid7()), "kind": "scan", "data": {"code": code}}
    ).json()
    assert cart["totals"]["gross_minor"] == 250
    path = f"carts/{cart['cart']['id']}/complete/"
    assert send("post", path, {"version": 1, "cash_minor": 300}).json()["code"] == "key_missing"
    key = str(ids.uuid7())
    done = send("post", path, {"version": 1, "cash_minor": 300}, **{"Idempotency-Key": key})
    again = send("post", path, {"version": 1, "cash_minor": 300}, **{"Idempotency-Key": key})
    assert (done.status_code, done.json()["change_minor"]) == (201, 50)
    assert again.content == done.content
    assert (
        client.get(f"/api/v1/pos/receipts/{key}/", headers=headers).json()["lines"][0]["gross_minor"] == 250
    )
    assert send("delete", "shifts/", {"counted_minor": 5250}).json()["is_open"] is False


def test_queue_alert_comes_and_goes(browser, till):
    now, alert = timezone.now(), ids.uuid7()
    raised = QueueAlertRaised(
        alert_id=alert, camera="camera-tills", zone="tills", zone_name="Tills", length=7, open_tills=1,
        tills_suggested=1, raised_at=now,
    )  # fmt: skip
    outbox.publish(raised)
    outbox.deliver_pending()
    assert "7 people wait at Tills" in browser.get("/till/alert/").content.decode()
    cleared = QueueAlertCleared(
        alert_id=alert, camera="camera-tills", zone="tills", length=1, reason="SHORT", cleared_at=now
    )
    outbox.publish(cleared)
    outbox.deliver_pending()
    assert browser.get("/till/alert/").content.strip() == b""
    assert QueueAlert.objects.get().cleared_at == now


def test_demo_history_keeps_every_invariant():
    make.make_site()
    for number in range(1, 5):
        DeviceFactory(code=f"till-{number}")
    make.make_cashier()
    for _ in range(30):
        ProductFactory()
    now = timezone.now().replace(hour=14, minute=0)
    demo.seed(now=now, rng=Random("seed"))
    count = Receipt.objects.count()
    assert count > 150
    assert invariants.check() == []
    demo.seed(now=now, rng=Random("seed"))
    assert Receipt.objects.count() == count
    assert receipts.day(now=now).open_tills == 3

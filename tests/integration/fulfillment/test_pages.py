"""Pages and API: who may, what they show, what they refuse, how many queries they take."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from fulfillment import invariants
from fulfillment.models import Order
from fulfillment.services import picking, staging
from store.link import inbox
from store.models import QuarantinedMessage
from tests.factories import fulfillment as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(floor):
    bread = make.stocked(20, name="Rye bread")
    inbox.take_in(
        body=make.body(lines=[make.wire_line(bread, "2")], due_at=timezone.now() + timedelta(hours=3))
    )
    found = make.order_of()
    found.bread = bread
    return found


@pytest.fixture
def phone(client, picker):
    client.force_login(picker)
    return client


def test_board_shows_the_order_and_finds_it(phone, order):
    page = phone.get(reverse("fulfillment:board"))
    assert page.status_code == 200
    assert "A-1001" in page.content.decode()
    assert "A-1001" in phone.get(reverse("fulfillment:board"), {"q": "berg"}).content.decode()
    assert "A-1001" not in phone.get(reverse("fulfillment:board"), {"q": "nobody"}).content.decode()


def test_board_query_count_does_not_grow_with_orders(phone, floor, django_assert_max_num_queries):
    bread = make.stocked(500)
    for number in range(12):
        inbox.take_in(body=make.body(lines=[make.wire_line(bread)], order_id=str(number)))
    phone.get(reverse("fulfillment:board"))
    with django_assert_max_num_queries(8):
        phone.get(reverse("fulfillment:board"), headers={"HX-Request": "true"})


@pytest.mark.parametrize("name", ["board", "pick", "desk", "tile"])
def test_pages_ask_strangers_to_sign_in(client, floor, name):
    assert client.get(reverse(f"fulfillment:{name}")).status_code == 302


@pytest.mark.parametrize(
    ("role", "status"), [("PICKER", 200), ("SUPERVISOR", 200), ("CASHIER", 403), ("TECHNICIAN", 403)]
)
def test_only_pickers_pick(client, floor, role, status):
    client.force_login(make.picker("somebody", role=role))
    assert client.get(reverse("fulfillment:pick")).status_code == status


def post_scan(phone, order, code, **more):
    line = order.lines.first()
    data = {"line": line.pk, "code": code, "scan_id": str(uuid.uuid4()), "quantity": "1"} | more
    return phone.post(reverse("fulfillment:scan", args=[order.pk]), data, headers={"HX-Request": "true"})


def test_phone_page_shows_one_line_and_takes_scans(phone, order, picker):
    claimed = phone.post(reverse("fulfillment:claim"), {"order": order.pk})
    page = phone.get(claimed.url).content.decode()
    assert "Rye bread" in page
    assert "1 of 1" in page
    assert post_scan(phone, order, make.code_of(order.bread)).status_code == 200
    assert order.lines.first().picked == 1


@pytest.mark.parametrize(
    ("code", "more", "words"),
    [
        ("4006381333931", {}, "Wrong product"),
        ("hello", {}, "cannot be read"),
        ("", {}, "cannot be read"),
        ("right", {"quantity": "3"}, "Too many"),
        ("right", {"quantity": "NaN"}, "not a quantity"),
        ("right", {"quantity": "1e300"}, "not a quantity"),
        ("right", {"quantity": "-1"}, "not a quantity"),
    ],
)
def test_phone_refuses_with_words(phone, order, code, more, words):
    picker = make.Staff.objects.get(username="picker")
    picking.claim(staff=picker)
    answer = post_scan(phone, order, make.code_of(order.bread) if code == "right" else code, **more)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert order.lines.first().picked == 0


@pytest.mark.parametrize("line", ["0", "-1", "x", "99999999999999999999", ""])
def test_unknown_line_is_not_found(phone, order, line):
    assert post_scan(phone, order, "1", line=line).status_code == 404


def test_phone_page_shows_a_hold(phone, order, picker):
    from store.services import holds

    picking.claim(staff=picker)
    holds.place_hold(product=order.bread, reason="Recall 17", source="test", source_id="1")
    page = phone.get(reverse("fulfillment:pick_order", args=[order.pk])).content.decode()
    assert "Recall 17" in page


def test_order_given_back_is_offered_again(phone, order, picker):
    work = picking.claim(staff=picker)
    picking.release(work=work, staff=picker)
    assert Order.objects.get().state == "PICKING"
    assert "A-1001" in phone.get(reverse("fulfillment:pick")).content.decode()
    assert picking.claim(staff=make.picker("other")).order_id == order.pk


def through_to_ready(order, picker):
    picking.claim(staff=picker)
    for _ in range(2):
        picking.confirm_pick(
            scan_id=uuid.uuid4(), line_pk=order.lines.first().pk, code=make.code_of(order.bread), staff=picker
        )
    staging.stage(order_id=order.pk, tote_code="T-A1", bin_code="S-A1", staff=picker)
    return staging.mark_ready(order_id=order.pk, staff=picker)


def test_desk_refuses_a_wrong_code_and_takes_the_right_one(phone, order, picker):
    ready = through_to_ready(order, picker)
    url = reverse("fulfillment:hand_over", args=[order.pk])
    code = staging.collection_code(ready)
    wrong = phone.post(url, {"code": f"{(int(code) + 1) % 10**6:06}"})
    assert (wrong.status_code, "4 tries left" in wrong.content.decode()) == (422, True)
    assert phone.post(url, {"code": code}).status_code == 200
    assert Order.objects.get().state == "HANDED_OVER"
    assert invariants.check() == []


def test_order_page_tells_the_story(phone, order, picker):
    through_to_ready(order, picker)
    page = phone.get(reverse("fulfillment:order", args=[order.pk])).content.decode()
    for words in (
        "Order received from the shop",
        "1 × Rye bread picked",
        "Box T-A1 put into bin S-A1",
        "Ready",
    ):
        assert words in page


def test_api_lists_orders_and_lines(phone, order):
    listed = phone.get("/api/v1/fulfillment/orders/", {"state": "RELEASED"}).json()
    assert [row["number"] for row in listed["results"]] == ["A-1001"]
    assert phone.get("/api/v1/fulfillment/orders/", {"state": "READY"}).json()["results"] == []
    assert phone.get(f"/api/v1/fulfillment/orders/{order.pk}/").json()["lines"][0]["ordered"] == "2.000"


@pytest.fixture
def boss(client, db):
    client.force_login(make.picker("boss", role="SUPERVISOR"))
    return client


def post_intake(client, body, key):
    return client.post(
        "/api/v1/fulfillment/intake/",
        body,
        content_type="application/json",
        headers={"Idempotency-Key": str(key)},
    )


def test_api_intake_takes_an_envelope_once_per_key(boss, floor):
    body, key = make.body(lines=[make.wire_line(make.stocked(5))]), uuid.uuid4()
    first = post_intake(boss, body, key)
    again = post_intake(boss, body, key)
    other = post_intake(boss, body, uuid.uuid4())
    assert (first.status_code, first.json()["result"]) == (201, "TAKEN")
    assert (again.status_code, again.json()) == (201, first.json())
    assert (other.status_code, other.json()["outcome"]) == (200, "DUPLICATE")
    assert Order.objects.count() == 1
    assert post_intake(boss, make.body(), key).json()["code"] == "key_reused"


def test_api_intake_refuses_malformed_and_shows_it(boss, floor):
    answer = post_intake(boss, make.body(lines=[]), uuid.uuid4())
    assert (answer.status_code, answer.json()["message"]) == (422, "detail.data.lines is empty")
    assert (
        "detail.data.lines is empty" in boss.get("/quarantine/").content.decode()
        or QuarantinedMessage.objects.get()
    )


def test_api_intake_needs_a_key_and_the_right_role(boss, phone, floor):
    answer = boss.post("/api/v1/fulfillment/intake/", make.body(), content_type="application/json")
    assert answer.status_code in {400, 403}
    phone.force_login(make.picker("p2"))
    assert post_intake(phone, make.body(), uuid.uuid4()).status_code == 403


def test_api_pick_is_idempotent_and_refuses(phone, order, picker):
    picking.claim(staff=picker)
    line = order.lines.first()
    body = {"scan_id": str(uuid.uuid4()), "line": line.pk, "code": make.code_of(order.bread)}
    url = "/api/v1/fulfillment/picks/"
    first = phone.post(url, body, content_type="application/json").json()
    again = phone.post(url, body, content_type="application/json").json()
    assert (first["open"], first["is_replay"], again["is_replay"]) == ("1.000", False, True)
    wrong = phone.post(
        url, body | {"scan_id": str(uuid.uuid4()), "code": "4006381333931"}, content_type="application/json"
    )
    assert (wrong.status_code, wrong.json()["code"]) == (409, "wrong_item")

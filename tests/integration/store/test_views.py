"""Sign-in, errors, health and access of the base's pages."""

import pytest
from django.test import Client
from django.urls import reverse

from store.models import AuditEntry, Device, Staff
from store.services import devices
from tests.factories.store import DeviceFactory, SiteFactory, StaffFactory

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-9"


@pytest.fixture
def person():
    SiteFactory()
    staff = StaffFactory(username="mara", role=Staff.Role.MANAGER)
    staff.set_password(PASSWORD)
    staff.save()
    return staff


def sign_in(client, password, username="mara"):
    return client.post(reverse("store:sign_in"), {"username": username, "password": password})


def test_sign_in_leads_home_with_a_new_session(client, person):
    client.get(reverse("store:sign_in"))
    before = client.cookies.get("aisle_session")
    response = sign_in(client, PASSWORD)
    assert (response.status_code, response.url) == (302, "/")
    assert client.cookies["aisle_session"].value != (before.value if before else None)


def test_wrong_password_is_told_and_throttled(client, person):
    for _ in range(5):
        response = sign_in(client, "wrong")
        assert response.status_code == 403
    response = sign_in(client, PASSWORD)
    assert response.status_code == 403
    assert "Wait a minute" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_sign_in_never_leads_to_another_site(client, person):
    response = client.post(
        reverse("store:sign_in"), {"username": "mara", "password": PASSWORD, "next": "https://evil.example/"}
    )
    assert response.url == "/"


def test_sign_out_needs_a_post(client, person):
    assert client.get(reverse("store:sign_out")).status_code == 405


def test_forms_without_token_are_refused(person):
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(reverse("store:sign_in"), {"username": "mara", "password": PASSWORD})
    assert response.status_code == 403
    assert "_auth_user_id" not in strict.session


@pytest.mark.parametrize("role", [Staff.Role.CASHIER, Staff.Role.PICKER])
def test_set_up_is_closed_to_others(client, person, role):
    Staff.objects.update(role=role)
    client.force_login(Staff.objects.get())
    response = client.get(reverse("store:devices"))
    assert response.status_code == 403
    assert "may not" in response.content.decode()


def test_a_fragment_asked_for_without_session_sends_the_page_to_sign_in(client, person):
    response = client.get(reverse("store:holds_tile"), headers={"hx-request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (204, "/sign-in/")


def test_a_browser_becomes_a_device_by_code_and_loses_it_by_revocation(client, person):
    SiteFactory()
    device = DeviceFactory(code="till-9", enrolled_at=None, kind=Device.Kind.TILL)
    code = devices.issue_code(kind=device.kind, device=device)
    wrong = client.post(reverse("store:enrol"), {"code": "ZZZZZZ"})
    assert wrong.status_code == 422
    response = client.post(reverse("store:enrol"), {"code": code.code})
    assert response.status_code == 302
    assert client.cookies["aisle_device"]["httponly"] is True
    assert client.get(reverse("store:status")).content != b""
    devices.revoke(device=device, actor="test")
    assert client.get(reverse("store:status")).content == b""
    assert AuditEntry.objects.filter(action="device.revoked").count() == 1


def test_health(client, db):
    assert client.get("/healthz").json() == {"status": "ok"}
    body = client.get("/readyz").json()
    assert body["checks"]["database"] == "ok"
    text = client.get("/metrics").content.decode()
    assert "aisle_outbox_waiting 0" in text


def test_every_answer_has_a_request_id_and_a_strict_policy(client, person):
    response = client.get(reverse("store:sign_in"))
    assert len(response["X-Request-Id"]) == 32
    policy = response["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "default-src 'self'" in policy
    assert response["X-Content-Type-Options"] == "nosniff"


def test_unknown_address_is_told_in_our_words(client, person):
    response = client.get("/no/such/page")
    assert response.status_code == 404
    assert "nothing at this address" in response.content.decode()


def test_staff_form_refuses_and_keeps_what_was_typed(client, person):
    client.force_login(person)
    response = client.post(
        reverse("store:staff_new"),
        {"username": "new-one", "display_name": "New", "role": "CASHIER", "pin": "12", "is_active": "on"},
    )
    assert response.status_code == 422
    assert "4 to 8 digits" in response.content.decode()
    assert not Staff.objects.filter(username="new-one").exists()

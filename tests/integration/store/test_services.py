"""Holds, PINs, operations, devices, quarantine, audit."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from store import access, verify
from store.models import AuditEntry, Device, Operation, ProductHold, QuarantinedMessage, Staff
from store.queries.holds import active_holds
from store.services import audit, devices, holds, operations, quarantine, staff
from tests.factories.store import DeviceFactory, FixtureFactory, ProductFactory, StaffFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
KEY = UUID("01900000-0000-7000-8000-000000000001")


def test_a_fixture_in_alarm_holds_what_stands_in_it_once():
    fixture = FixtureFactory()
    inside, outside = ProductFactory(stands_in=fixture), ProductFactory()
    cause = {"source": "telemetry.alarm", "source_id": "7"}
    assert holds.place_hold(fixture=fixture, reason="Freezer 1 is in alarm", now=NOW, **cause) == 1
    assert holds.place_hold(fixture=fixture, reason="Freezer 1 is in alarm", now=NOW, **cause) == 0
    assert set(active_holds([inside.pk, outside.pk])) == {inside.pk}
    assert active_holds()[inside.pk].fixture == "Freezer 1"
    assert holds.clear_holds(now=NOW, **cause) == 1
    assert active_holds() == {}
    assert ProductHold.objects.count() == 1


def test_a_hold_of_another_source_stays_when_one_is_cleared():
    product = ProductFactory()
    holds.place_hold(product=product, reason="recall", source="manager", source_id="1")
    holds.place_hold(product=product, reason="warm", source="telemetry.alarm", source_id="7")
    assert holds.clear_holds(source="telemetry.alarm", source_id="7") == 1
    assert active_holds()[product.pk].reason == "recall"


def test_five_wrong_pins_lock_for_a_minute():
    person = StaffFactory()
    staff.set_pin(staff=person, pin="4711", actor="test")
    for _ in range(4):
        person.refresh_from_db()
        with pytest.raises(staff.PinRejectedError):
            staff.check_pin(staff=person, pin="0000", now=NOW)
    with pytest.raises(staff.PinLockedError):
        staff.check_pin(staff=person, pin="0000", now=NOW)
    person.refresh_from_db()
    with pytest.raises(staff.PinLockedError):
        staff.check_pin(staff=person, pin="4711", now=NOW + timedelta(seconds=59))
    assert staff.check_pin(staff=person, pin="4711", now=NOW + timedelta(seconds=61)) == person


@pytest.mark.parametrize("pin", ["", "123", "123456789", "12a4", "١٢٣٤"])
def test_unusable_pins_are_refused(pin):
    person = StaffFactory()
    with pytest.raises(staff.PinUnusableError):
        staff.set_pin(staff=person, pin=pin, actor="test")
    assert Staff.objects.get().pin_hash == ""


def test_an_operation_happens_once_and_answers_the_same():
    calls = []

    def act():
        calls.append(1)
        return 201, {"number": 5}

    request = operations.hash_request({"total": 100})
    first = operations.run_once(key=KEY, scope="sale", request_hash=request, act=act)
    again = operations.run_once(key=KEY, scope="sale", request_hash=request, act=act)
    assert (first.status, first.text, first.replayed) == (201, '{"number":5}', False)
    assert (again.status, again.text, again.replayed) == (201, '{"number":5}', True)
    assert calls == [1]


def test_a_key_used_for_another_request_is_refused():
    operations.run_once(key=KEY, scope="sale", request_hash="a", act=lambda: (200, {}))
    with pytest.raises(operations.KeyReusedError):
        operations.run_once(key=KEY, scope="sale", request_hash="b", act=lambda: (200, {}))
    with pytest.raises(operations.KeyReusedError):
        operations.run_once(key=KEY, scope="pick", request_hash="a", act=lambda: (200, {}))
    assert Operation.objects.count() == 1


def test_a_failed_operation_leaves_its_key_free():
    def fail():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        operations.run_once(key=KEY, scope="sale", request_hash="a", act=fail)
    assert (
        operations.run_once(key=KEY, scope="sale", request_hash="a", act=lambda: (200, 1)).replayed is False
    )


def test_a_code_enrols_one_device_once():
    device = DeviceFactory(enrolled_at=None)
    code = devices.issue_code(kind=device.kind, device=device, now=NOW)
    enrolled = devices.claim_code(code=code.code.lower(), device=device, actor="test", now=NOW)
    assert access.find_device(enrolled.token) == device
    with pytest.raises(devices.CodeRejectedError):
        devices.claim_code(code=code.code, device=device, actor="test", now=NOW)
    devices.revoke(device=device, actor="test")
    assert access.find_device(enrolled.token) is None


@pytest.mark.parametrize("late", [timedelta(minutes=15), timedelta(days=1)])
def test_an_old_code_is_refused(late):
    device = DeviceFactory(enrolled_at=None)
    code = devices.issue_code(kind=device.kind, device=device, now=NOW)
    with pytest.raises(devices.CodeRejectedError):
        devices.claim_code(code=code.code, device=device, actor="test", now=NOW + late)
    assert Device.objects.get().token_hash == ""


def test_quarantine_counts_repeats_and_keeps_the_payload():
    for _ in range(3):
        quarantine.put_aside(channel="mqtt", topic="t/1", payload=b"{", reason="not JSON", now=NOW)
    row = QuarantinedMessage.objects.get()
    assert (row.count, bytes(row.payload), row.reason) == (3, b"{", "not JSON")
    quarantine.resolve(message=row, now=NOW)
    quarantine.put_aside(channel="mqtt", topic="t/1", payload=b"{", reason="not JSON", now=NOW)
    assert QuarantinedMessage.objects.count() == 2


def test_the_audit_chain_holds_and_a_foreign_row_breaks_it():
    audit.record(actor="a", action="x", target="t", data={"n": 1})
    audit.record(actor="a", action="y", target="t")
    assert verify.base() == []
    AuditEntry.objects.create(
        seq=3, at=NOW, actor="a", action="z", target="t", previous_hash="0" * 64, hash="1" * 64
    )
    assert [violation.invariant for violation in verify.base()] == ["10"]

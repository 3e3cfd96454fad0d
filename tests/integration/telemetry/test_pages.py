"""The sensor pages: who may see them, what they show, what they refuse."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from store.models import Staff
from telemetry import book
from telemetry.models import Alarm, Sensor
from telemetry.services import alarms, readings
from tests.factories.store import SiteFactory, StaffFactory
from tests.factories.telemetry import SensorDeviceFactory, SensorFactory, measurement

pytestmark = pytest.mark.django_db
Role = Staff.Role


@pytest.fixture
def sensor() -> Sensor:
    SiteFactory()
    return SensorFactory()


def client_of(role: str) -> Client:
    client = Client()
    client.force_login(StaffFactory(role=role))
    return client


def send(value: float, *, age: float = 1.0, device: str = "sensor-freezer-1") -> None:
    at = timezone.now() - timedelta(seconds=age)
    readings.record(measurements=[measurement(value, at, device=device)], presences=[], book=book.read())


def raise_alarm(sensor: Sensor) -> Alarm:
    send(-14.0, age=130)
    send(-11.5, age=120)
    alarms.fire_timers()
    return Alarm.objects.get(sensor=sensor, kind="HIGH")


PAGES = ["sensors", "tile", "alarms", "set_aside"]


@pytest.mark.parametrize("page", [*PAGES, "badge"])
def test_page_asks_strangers_to_sign_in(sensor: Sensor, page: str) -> None:
    assert Client().get(reverse(f"telemetry:{page}")).status_code == 302


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.MANAGER, 200),
        (Role.SUPERVISOR, 200),
        (Role.PICKER, 200),
        (Role.TECHNICIAN, 200),
        (Role.CASHIER, 403),
    ],
)
def test_page_is_for_those_who_watch(sensor: Sensor, page: str, role: str, status: int) -> None:
    assert client_of(role).get(reverse(f"telemetry:{page}")).status_code == status


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.TECHNICIAN, 200), (Role.MANAGER, 200), (Role.SUPERVISOR, 403), (Role.PICKER, 403)],
)
def test_limits_are_for_technicians_and_managers(sensor: Sensor, role: str, status: int) -> None:
    assert client_of(role).get(reverse("telemetry:limits", args=[sensor.pk])).status_code == status


def test_tiles_stand_worst_first_with_value_band_and_word(sensor: Sensor) -> None:
    good = SensorFactory(device=SensorDeviceFactory(code="sensor-b"), name="A good one", fixture=None)
    send(-20.0, device="sensor-b")
    raise_alarm(sensor)
    page = client_of(Role.SUPERVISOR).get(reverse("telemetry:sensors"))
    assert [(card.name, card.health.value) for card in page.context["cards"]] == [
        ("Freezer 1", "alarm"), (good.name, "ok"),
    ]  # fmt: skip
    text = page.content.decode()
    for words in ("−11.5", "Too warm", "Target below −15.0 °C", "may not be sold", "1 of 2 OK"):
        assert words in text
    assert "style=" not in text


def test_sensors_page_asks_the_database_as_often_for_ten_sensors_as_for_one(sensor: Sensor) -> None:
    client = client_of(Role.SUPERVISOR)
    counts = []
    for more in (9, 0):
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("telemetry:sensors"))
        counts.append(len(captured))
        for i in range(more):
            SensorFactory(device=SensorDeviceFactory(code=f"sensor-x{i}"), name=f"X{i}")
            send(-20.0, device=f"sensor-x{i}")
    assert counts[0] == counts[1]
    assert counts[1] <= 9


@pytest.mark.parametrize("span", ["15m", "1h", "24h", "7d", "nonsense"])
def test_course_gives_the_numbers_of_the_chart(sensor: Sensor, span: str) -> None:
    send(-20.0, age=40)
    send(-19.5, age=20)
    answer = client_of(Role.PICKER).get(reverse("telemetry:course", args=[sensor.pk]), {"range": span}).json()
    values = [value for value in answer["series"][0]["values"] if value is not None]
    assert values in ([-20.0, -19.5], [-19.75])
    assert answer["bands"] == [
        {"from": None, "to": -15.0, "kind": "ok"}, {"from": -12.0, "to": None, "kind": "danger"},
    ]  # fmt: skip
    assert len(answer["x"]) == len(answer["series"][0]["values"])


def test_acknowledge_through_the_page_takes_the_alarm_off_the_list(sensor: Sensor) -> None:
    alarm = raise_alarm(sensor)
    client = client_of(Role.PICKER)
    url = reverse("telemetry:acknowledge", args=[alarm.pk])
    answer = client.post(url, {"comment": "Closed the <b>door</b>"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "Acknowledged" in answer.content.decode()
    log = client.get(reverse("telemetry:alarms")).content.decode()
    assert "Closed the &lt;b&gt;door&lt;/b&gt;" in log
    assert client.post(url, {}, headers={"HX-Request": "true"}).status_code == 409
    assert client.get(url).status_code == 405


def test_acknowledge_needs_a_csrf_token_and_a_role(sensor: Sensor) -> None:
    alarm = raise_alarm(sensor)
    url = reverse("telemetry:acknowledge", args=[alarm.pk])
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(StaffFactory(role=Role.PICKER))
    assert strict.post(url).status_code == 403
    assert client_of(Role.CASHIER).post(url).status_code == 403
    alarm.refresh_from_db()
    assert alarm.state == "ACTIVE_UNACK"


GOOD = {
    "name": "Freezer 1", "alarm_low": "", "warn_low": "", "warn_high": "-16", "alarm_high": "-13",
    "hysteresis": "1", "on_delay": "2.5", "off_delay": "1", "stale_after": "15", "is_enabled": "on",
}  # fmt: skip


def test_limits_are_saved_and_audited(sensor: Sensor) -> None:
    answer = client_of(Role.TECHNICIAN).post(reverse("telemetry:limits", args=[sensor.pk]), GOOD)
    assert answer.status_code == 302
    sensor.refresh_from_db()
    assert (sensor.alarm_high, sensor.on_delay, sensor.holds_products) == (
        -13.0,
        timedelta(seconds=150),
        False,
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("warn_high", "-10"),
        ("alarm_high", "nan"),
        ("alarm_high", "inf"),
        ("alarm_high", "4000"),
        ("alarm_high", "warm"),
        ("warn_low", "-5"),
        ("hysteresis", "-1"),
        ("on_delay", "-1"),
        ("on_delay", "99999"),
        ("on_delay", "nan"),
        ("name", ""),
    ],
)
def test_limits_that_make_no_sense_are_refused_at_their_field(sensor: Sensor, field: str, value: str) -> None:
    answer = client_of(Role.TECHNICIAN).post(
        reverse("telemetry:limits", args=[sensor.pk]), GOOD | {field: value}
    )
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    sensor.refresh_from_db()
    assert (sensor.alarm_high, sensor.name) == (-12.0, "Freezer 1")


def test_kept_aside_readings_are_shown_as_they_were_sent(sensor: Sensor) -> None:
    send(float("nan"))
    text = client_of(Role.TECHNICIAN).get(reverse("telemetry:set_aside")).content.decode()
    assert "Not a number" in text
    assert "{&quot;value&quot;: nan}" in text
    other = client_of(Role.TECHNICIAN).get(reverse("telemetry:set_aside"), {"sensor": "999999"})
    assert "No reading was kept aside" in other.content.decode()


@pytest.mark.parametrize("name", ["sensor", "course", "limits"])
def test_unknown_sensor_is_not_found(sensor: Sensor, name: str) -> None:
    assert client_of(Role.TECHNICIAN).get(reverse(f"telemetry:{name}", args=[999_999])).status_code == 404


@pytest.mark.parametrize(("value", "words"), [(-20.0, "All within their limits"), (None, "without data")])
def test_tile_says_how_the_freezers_stand(sensor: Sensor, value: float | None, words: str) -> None:
    if value is not None:
        send(value)
    assert words in client_of(Role.SUPERVISOR).get(reverse("telemetry:tile")).content.decode()


def test_api_lists_sensors_course_and_alarms(sensor: Sensor) -> None:
    alarm = raise_alarm(sensor)
    client = client_of(Role.SUPERVISOR)
    (listed,) = client.get("/api/v1/telemetry/sensors/").json()
    assert (listed["code"], listed["value"], listed["health"]) == ("sensor-freezer-1", -11.5, "alarm")
    points = client.get(f"/api/v1/telemetry/sensors/{sensor.pk}/course/", {"range": "1h"}).json()
    assert [point["mean"] for point in points] == [-14.0, -11.5]
    assert client.get(f"/api/v1/telemetry/sensors/{sensor.pk}/course/", {"range": "9y"}).status_code == 400
    (opened,) = client.get("/api/v1/telemetry/alarms/").json()
    assert (opened["id"], opened["words"], opened["severe"]) == (alarm.pk, "Too warm", True)
    url = f"/api/v1/telemetry/alarms/{alarm.pk}/acknowledge/"
    assert client.post(url, {"comment": "x" * 501}, content_type="application/json").status_code == 400
    assert client.post(url, {}, content_type="application/json").status_code == 204
    again = client.post(url, {}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_acknowledge")


@pytest.mark.parametrize("path", ["sensors/", "alarms/"])
def test_api_is_closed_to_strangers_and_cashiers(sensor: Sensor, path: str) -> None:
    assert Client().get(f"/api/v1/telemetry/{path}").status_code in {401, 403}
    assert client_of(Role.CASHIER).get(f"/api/v1/telemetry/{path}").status_code == 403

import csv
import json
import re
import uuid
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from tests.factories.store import StaffFactory
from tests.factories.vision import Edge, make_store, make_tills
from vision.models import QueueAlert, Scope
from vision.services.ingest import store_batch

pytestmark = pytest.mark.django_db

FRAGMENTS = ["/cameras/", "/cameras/live/", "/cameras/footfall/", "/cameras/waiting/", "/cameras/tile/"]


@pytest.fixture
def edge():
    cache.clear()
    make_store()
    make_tills()
    return Edge()


@pytest.fixture
def supervisor(client):
    client.force_login(StaffFactory(role="SUPERVISOR"))
    return client


def raise_alert():
    queue = Scope.objects.get(code="queue")
    return QueueAlert.objects.create(
        scope=queue, raised_at=timezone.now(), length=7, peak=8, open_tills=1, tills_suggested=2
    )


@pytest.mark.parametrize("path", [*FRAGMENTS, "/cameras/alerts/", "/cameras/counts.csv"])
def test_pages_need_somebody_signed_in(client, edge, path):
    answer = client.get(path)
    assert answer.status_code == 302
    assert "/sign-in/" in answer["Location"]


@pytest.mark.parametrize("path", [*FRAGMENTS, "/cameras/counts.csv"])
def test_pages_are_not_for_pickers(client, edge, path):
    client.force_login(StaffFactory(role="PICKER"))
    assert client.get(path).status_code == 403


@pytest.mark.parametrize("path", FRAGMENTS)
def test_pages_answer_when_nothing_was_counted(supervisor, edge, path):
    answer = supervisor.get(path)
    assert answer.status_code == 200


@pytest.mark.parametrize("path", FRAGMENTS)
def test_pages_work_without_any_camera(supervisor, path):
    cache.clear()
    make_store()
    Scope.objects.all().delete()
    assert supervisor.get(path).status_code == 200


def chart_of(answer):
    text = re.search(rb'<script type="application/json">(.*?)</script>', answer.content, re.DOTALL).group(1)
    return json.loads(text)


def test_footfall_shows_what_was_stored_and_leaves_gaps(supervisor, edge):
    now = timezone.now().replace(second=0, microsecond=0)
    first, third = now - timedelta(minutes=3), now - timedelta(minutes=1)
    store_batch(messages=[edge.minute(4, bucket=first), edge.minute(6, bucket=third)], now=timezone.now())
    chart = chart_of(supervisor.get("/cameras/footfall/?by=minute"))
    values = dict(zip(chart["x"], chart["series"][0]["values"], strict=True))
    assert values[int(first.timestamp())] == 4
    assert values[int(third.timestamp())] == 6
    assert values[int((now - timedelta(minutes=2)).timestamp())] is None


def test_live_shows_the_queue_and_who_is_inside(supervisor, edge):
    now = timezone.now()
    minute = now.replace(second=0, microsecond=0)
    store_batch(
        messages=[edge.minute(12, 5, bucket=minute), edge.queue(3, at=now), edge.camera(at=now)], now=now
    )
    text = supervisor.get("/cameras/live/").content.decode()
    assert re.search(r'In the store now</span>\s*<span class="stat__value">7<', text)
    assert re.search(r'In the queue</span>\s*<span class="stat__value">3<', text)
    assert "plan-zone" in text


def test_live_says_no_data_when_the_count_ran_out(supervisor, edge):
    past = timezone.now() - timedelta(minutes=5)
    store_batch(messages=[edge.queue(3, at=past), edge.camera(at=past)], now=past)
    text = supervisor.get("/cameras/live/").content.decode()
    assert re.search(r'In the queue</span>\s*<span class="stat__value">–<', text)
    assert '<dd class="vision-counts__none">No data</dd>' in text


@pytest.mark.parametrize(
    ("path", "most"),
    [("/cameras/live/", 16), ("/cameras/footfall/", 6), ("/cameras/waiting/", 16), ("/cameras/tile/", 10)],
)
def test_fragments_ask_a_fixed_number_of_questions(
    supervisor, edge, django_assert_max_num_queries, path, most
):
    now = timezone.now()
    store_batch(
        messages=[
            edge.minute(n, bucket=now.replace(second=0, microsecond=0) - timedelta(minutes=n))
            for n in range(50)
        ],
        now=now,
    )
    with django_assert_max_num_queries(most):
        assert supervisor.get(path).status_code == 200


def test_alert_is_shown_and_taken(supervisor, edge):
    alert = raise_alert()
    assert b"Open 2 more tills" in supervisor.get("/cameras/alerts/").content
    answer = supervisor.post(f"/cameras/alerts/{alert.pk}/acknowledge/")
    assert b"is on it" in answer.content
    alert.refresh_from_db()
    assert alert.acknowledged_at is not None


def test_acknowledging_needs_post_and_a_known_call(supervisor, edge):
    alert = raise_alert()
    assert supervisor.get(f"/cameras/alerts/{alert.pk}/acknowledge/").status_code == 405
    assert supervisor.post(f"/cameras/alerts/{uuid.uuid4()}/acknowledge/").status_code == 404
    alert.refresh_from_db()
    assert alert.acknowledged_at is None


def test_strangers_take_no_call(client, edge):
    alert = raise_alert()
    assert client.post(f"/cameras/alerts/{alert.pk}/acknowledge/").status_code == 302
    alert.refresh_from_db()
    assert alert.acknowledged_at is None


def test_csv_holds_the_minutes(supervisor, edge):
    bucket = timezone.now().replace(second=0, microsecond=0)
    store_batch(messages=[edge.minute(4, 1, bucket=bucket)], now=timezone.now())
    answer = supervisor.get("/cameras/counts.csv?days=1")
    rows = list(csv.reader(b"".join(answer.streaming_content).decode().splitlines()))
    assert rows[0] == ["minute_utc", "camera", "scope", "metric", "value", "coverage_s"]
    assert rows[1:] == [
        [f"{bucket:%Y-%m-%dT%H:%MZ}", "camera-entrance", "door", "in", "4.0", "60.0"],
        [f"{bucket:%Y-%m-%dT%H:%MZ}", "camera-entrance", "door", "out", "1.0", "60.0"],
    ]


@pytest.mark.parametrize("days", ["0", "93", "-1", "x", "1e3", "99999999999999999999", "٣"])
def test_csv_refuses_absurd_ranges(supervisor, edge, days):
    assert supervisor.get("/cameras/counts.csv", {"days": days}).status_code == 400


def test_privacy_notice_is_public_and_names_what_is_counted(client, edge):
    text = client.get("/cameras/privacy/").content.decode()
    assert "Door" in text
    assert "Queue" in text


def test_api_answers_and_refuses(supervisor, edge, client):
    raise_alert()
    now = timezone.now()
    store_batch(messages=[edge.queue(3, at=now)], now=now)
    cameras = supervisor.get("/api/v1/vision/cameras/").json()
    zones = {zone["code"]: zone["count"] for camera in cameras for zone in camera["zones"]}
    assert zones == {"promo": None, "queue": 3}
    (alert,) = supervisor.get("/api/v1/vision/alerts/").json()
    taken = supervisor.post(
        f"/api/v1/vision/alerts/{alert['id']}/acknowledge/", content_type="application/json"
    )
    assert taken.status_code == 200
    assert taken.json()["acknowledged_by"]
    assert len(supervisor.get("/api/v1/vision/footfall/").json()["today"]) in {23, 24, 25}


@pytest.mark.parametrize("path", ["cameras", "alerts", "footfall"])
def test_api_refuses_strangers_and_pickers(client, edge, path):
    assert client.get(f"/api/v1/vision/{path}/").status_code in {401, 403}
    client.force_login(StaffFactory(role="PICKER"))
    assert client.get(f"/api/v1/vision/{path}/").status_code == 403

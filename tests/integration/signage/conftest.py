"""A store with one screen."""

import pytest
from django.core.cache import cache

from tests.factories.signage import DisplayFactory
from tests.factories.store import SiteFactory, StaffFactory


@pytest.fixture(autouse=True)
def site(db, settings, tmp_path):
    cache.clear()
    settings.MEDIA_ROOT = tmp_path
    return SiteFactory(timezone="Europe/Berlin")


@pytest.fixture
def display(site):
    return DisplayFactory(device__code="display-1", device__name="Entrance")


@pytest.fixture
def supervisor(client):
    client.force_login(StaffFactory(role="SUPERVISOR", username="sam"))
    return client

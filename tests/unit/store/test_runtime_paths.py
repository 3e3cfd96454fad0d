"""Where a store keeps its things."""

from __future__ import annotations

from pathlib import Path

import pytest

from store import env
from store.runtime import paths


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in ("AISLE_PORT", "AISLE_MQTT_PORT", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "h"
    monkeypatch.setenv("AISLE_HOME", str(folder))
    return folder


def test_home_is_the_checkout_s_own_folder_without_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AISLE_HOME", raising=False)
    assert paths.home() == paths.ROOT / ".aisle"


def test_everything_lies_below_home(home: Path) -> None:
    assert paths.data() == home / "data"
    assert paths.run() == home / "run"
    assert paths.pki() == home / "pki"
    assert paths.media() == home / "media"
    assert paths.record() == home / "run" / "supervisor.json"


def test_sockets_move_to_a_short_folder_when_the_path_is_too_long(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AISLE_HOME", str(home / ("x" * 120)))

    folder = paths.sockets()

    assert len(str(folder / ".s.PGSQL.5432")) <= 107
    assert folder.parent == Path("/tmp")
    assert folder == paths.sockets()


def test_two_homes_never_share_a_short_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = set()
    for letter in "ab":
        monkeypatch.setenv("AISLE_HOME", str(home / (letter * 120)))
        found.add(paths.sockets())
    assert len(found) == 2


def test_database_url_is_read_back_by_the_settings(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("AISLE_HOME", "/srv/my store")
    entry = env.database("DATABASE_URL", paths.database_url())
    assert (entry["HOST"], entry["NAME"], entry["USER"]) == ("/srv/my store/run", "aisle", "aisle")


def test_ports_come_from_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (paths.web_port(), paths.mqtt_port()) == (8000, 8883)
    monkeypatch.setenv("AISLE_PORT", "9001")
    monkeypatch.setenv("AISLE_MQTT_PORT", "9883")
    assert (paths.web_port(), paths.mqtt_url()) == (9001, "mqtts://127.0.0.1:9883")


def test_private_folder_is_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o777)
    assert paths.private_folder(folder).stat().st_mode & 0o777 == 0o700


def test_private_folder_refuses_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError):
        paths.private_folder(tmp_path / "run")

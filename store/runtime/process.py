"""Starting a process that cannot outlive us: own session, parent-death signal, user namespace."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
INSIDE_ID = 1000
GUARD_PATIENCE = 3.0
CLOSED = -1

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """As whom a program runs: ourselves, another user, or ourselves under a harmless number."""

    namespace: bool = False
    user_id: int | None = None
    group_id: int | None = None


AS_OURSELVES = Identity()


@dataclass(frozen=True, kw_only=True)
class Child:
    """One program the supervisor keeps running.

    `ready` is asked until it says yes; `ready_line` is looked for in the output instead. A child with
    neither counts as ready once it has run for a moment. With `shown` only matching lines are printed,
    and the last others when the child ends by itself.
    """

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] | None = None
    ready_line: str = ""
    stop_signal: signal.Signals = signal.SIGTERM
    hard_stop_signal: signal.Signals = signal.SIGKILL
    death_signal: signal.Signals = signal.SIGKILL
    identity: Identity = AS_OURSELVES
    inherits: Sequence[int] = ()
    is_server: bool = False
    shown: str = ""


def spawn(child: Child, output: int, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start the child in a session of its own; it gets its death signal when this process dies.

    Must be called from the main thread: the kernel sends the signal when the calling *thread* ends.
    Raises OSError when the program cannot be started.
    """
    return subprocess.Popen(
        [str(part) for part in child.command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env={**environment, **child.environment},
        cwd="/" if child.identity.user_id is not None else None,
        start_new_session=True,
        pass_fds=tuple(child.inherits),
        preexec_fn=_in_child(child.identity, child.death_signal),  # noqa: PLW1509 - one thread
    )


def run(
    command: Sequence[str | Path], *, identity: Identity = AS_OURSELVES, **options: object
) -> tuple[int, str]:
    """Run a short program to its end; returns its exit code and everything it printed."""
    done = subprocess.run(  # type: ignore[call-overload]
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        cwd="/" if identity.user_id is not None else None,
        preexec_fn=_in_child(identity, signal.SIGKILL),
        **options,
    )
    return done.returncode, done.stdout.decode(errors="replace").strip()


def signal_group(process_id: int, number: signal.Signals) -> bool:
    """Signal everything in a child's group; False when nothing of it is left."""
    try:
        os.killpg(process_id, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def alive(process_id: int) -> bool:
    """Whether a process with this number runs (a zombie does not)."""
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return False
    return state not in {"Z", "X"}


def _in_child(identity: Identity, death_signal: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def prepare() -> None:
        if identity.namespace:
            enter_user_namespace()
        if identity.user_id is not None and identity.group_id is not None:
            os.setgroups([])
            os.setgid(identity.group_id)
            os.setuid(identity.user_id)
        # After the change of identity, which would clear it.
        _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    return prepare


def enter_user_namespace() -> None:
    """Give this process a number other than 0 inside a new user namespace; files stay its own.

    Raises OSError where the kernel does not allow it.
    """
    user, group = os.geteuid(), os.getegid()
    if _libc.unshare(CLONE_NEWUSER) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{INSIDE_ID} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{INSIDE_ID} {group} 1")


class Guard:
    """A tiny process that kills every child's group when the supervisor is gone, however it died.

    The parent-death signal reaches children only; the guard reaches what they started.
    """

    def __init__(self) -> None:
        reading, self._pipe = os.pipe()
        os.set_inheritable(self._pipe, False)
        self._process_id = os.fork()
        if self._process_id == 0:
            os.close(self._pipe)
            _guard(reading)
        os.close(reading)

    def watch(self, process_id: int, death_signal: signal.Signals) -> None:
        """Send this group that signal when we are gone."""
        self._tell(f"{process_id} {int(death_signal)}\n")

    def forget(self, process_id: int) -> None:
        """This group has ended."""
        self._tell(f"{process_id} 0\n")

    def close(self) -> None:
        """Let the guard go; whatever it still watches ends now."""
        if self._pipe == CLOSED:
            return
        os.close(self._pipe)
        self._pipe = CLOSED
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._process_id, 0)

    def _tell(self, text: str) -> None:
        # The guard may have been killed: children still carry their parent-death signal.
        with contextlib.suppress(BrokenPipeError):
            os.write(self._pipe, text.encode())


def _guard(reading: int) -> None:
    """Read "group signal" lines until the supervisor's end of the pipe closes, then end what is left."""
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    groups: dict[int, int] = {}
    with os.fdopen(reading) as lines:
        for line in lines:
            group, wanted = (int(part) for part in line.split())
            groups.pop(group, None)
            if wanted:
                groups[group] = wanted
    for group, death_signal in groups.items():
        signal_group(group, signal.Signals(death_signal))
    patience = time.monotonic() + GUARD_PATIENCE
    while groups and time.monotonic() < patience:
        time.sleep(0.05)
        groups = {group: last for group, last in groups.items() if _group_lives(group)}
    for group in groups:
        signal_group(group, signal.SIGKILL)
    os._exit(0)


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True

"""The programs of the store itself, as children of the supervisor."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field

from store.runtime import extras, installers, paths, servers
from store.runtime.console import Steps
from store.runtime.process import Child

WEB_READY = "Application startup complete"
WORKER_READY = r"\bready\b"
# Each task and each tick of the clock is a line of Celery's; a person wants the others.
CELERY_SHOWN = r"^(?!.*(Sending due task|\] received|succeeded in))"
SERVER_ERROR = 500
QUEUES = "default,vision,signage,fulfillment"


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """How the store reaches the cloud: the counterpart's process if there is one, and the settings."""

    words: str
    child: Child | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


def base_environment(given: Mapping[str, str]) -> dict[str, str]:
    """What every child sees."""
    values = installers.clean_environment(given)
    values["AISLE_DEMO"] = "1" if demo_wanted(given) else "0"
    values["AISLE_HOME"] = str(paths.home())
    values["DJANGO_SETTINGS_MODULE"] = "store.settings"
    values["PYTHONPATH"] = str(paths.ROOT)
    values["PYTHONUNBUFFERED"] = "1"
    # Each thread's own heap would grow without use; our threads are few and mostly wait.
    values.setdefault("MALLOC_ARENA_MAX", "2")
    return values


def demo_wanted(environment: Mapping[str, str]) -> bool:
    """Whether the demo store is filled and its feeds run: yes, unless `AISLE_DEMO` says no."""
    return environment.get("AISLE_DEMO", "").strip().lower() not in {"0", "false", "no", "off"}


def applications(web_socket: int) -> list[Child]:
    """Everything that runs our own code, in the order of starting."""
    count = int(os.environ.get("AISLE_WEB") or 2)
    apps = [web(number + 1, web_socket) for number in range(count)]
    apps += [
        _celery("worker", WORKER_READY, *_worker("worker", QUEUES, "4")),
        _celery("ingest", WORKER_READY, *_worker("ingest", "telemetry", "2")),
        _celery("beat", "beat: Starting", "beat", "--pidfile=", "--schedule", str(paths.run() / "beat")),
        django("relay", "relay", ready_line="events leave through"),
        django("intake", "intake", ready_line="messages come through"),
    ]
    if demo_wanted(os.environ):
        apps += [
            _python("demo-sensors", "-m", "telemetry.edge.simulator", ready_line=r"\d+ sensors"),
            _python("demo-cameras", "-m", "vision.edge.simulator", ready_line="connected to"),
            django("demo-orders", "demo_orders"),
        ]
    return apps


def web(number: int, web_socket: int) -> Child:
    """One single-process web server on the supervisor's socket."""
    options = ["--fd", str(web_socket), "--log-level", "info", "--no-access-log", "--no-server-header"]
    return Child(
        name=f"web-{number}",
        command=[
            sys.executable, "-m", "uvicorn", "store.asgi:application", *options,
            "--timeout-graceful-shutdown", "1", "--timeout-keep-alive", "30",
        ],
        ready_line=WEB_READY,
        shown=r"^(?!INFO: )",
        environment={"AISLE_ROLE": "web"},
        inherits=[web_socket],
    )  # fmt: skip


def django(name: str, *arguments: str, ready_line: str = "") -> Child:
    """A management command."""
    return _python(name, str(paths.ROOT / "manage.py"), *arguments, ready_line=ready_line)


def cloud(steps: Steps) -> Cloud:
    """The AWS counterpart where it is installed, the loopback otherwise, real AWS when settings say so."""
    if os.environ.get("AISLE_CLOUD"):
        return Cloud(words=f"{os.environ['AISLE_CLOUD']} (AISLE_CLOUD)")
    program = extras.cloud_program()
    if not demo_wanted(os.environ):
        return Cloud(words="loopback inside this machine (set AISLE_CLOUD=aws for a real account)")
    if program is None:
        return Cloud(words="loopback inside this machine (the AWS counterpart is not installed)")
    steps.say("Starting the AWS counterpart")
    port = int(os.environ.get("AISLE_CLOUD_PORT") or servers.free_port())
    url = f"http://127.0.0.1:{port}"
    child = Child(
        name="cloud",
        command=[program],
        environment=_counterpart_environment(port),
        ready=lambda: _answers(url),
    )
    settings = {
        "AISLE_CLOUD": "aws",
        "AISLE_AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "demo",
        "AWS_SECRET_ACCESS_KEY": "demo",
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }
    return Cloud(words=f"AWS counterpart on this machine ({url})", child=child, environment=settings)


def _counterpart_environment(port: int) -> dict[str, str]:
    """Only on this machine, only what the store uses, quiet."""
    return {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "S3_DATA_DIR": str(paths.data() / "cloud"),
        "PYTHONPATH": "",
    }


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_ministack/health", timeout=1) as answer:  # noqa: S310 - our own http URL
            return bool(answer.status < SERVER_ERROR)
    except urllib.error.HTTPError as error:
        return error.code < SERVER_ERROR
    except OSError:
        return False


def _worker(name: str, queues: str, threads: str) -> tuple[str, ...]:
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    return ("worker", "-P", "threads", "-c", threads, "-Q", queues, "-n", f"{name}@aisle", *quiet)


def _celery(name: str, ready_line: str, *arguments: str) -> Child:
    level = os.environ.get("AISLE_LOG_LEVEL") or "INFO"
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "store", *arguments, "--loglevel", level]
    # Celery warns about root at each start; here root is the store's own choice.
    environment = {
        "AISLE_ROLE": name,
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
        # Checks would load every page and the API into a process that serves none.
        "CELERY_SKIP_CHECKS": "1",
    }
    return Child(
        name=name,
        command=command,
        ready_line=ready_line,
        shown=CELERY_SHOWN if level != "DEBUG" else "",
        environment=environment,
    )


def _python(name: str, *arguments: str, ready_line: str = "") -> Child:
    command = [sys.executable, *arguments]
    return Child(name=name, command=command, ready_line=ready_line, environment={"AISLE_ROLE": name})

# noqa: INP001 - a script beside the pages it writes, no package
"""Writes the pages of docs/reference that are made from the code; a test compares them.

python docs/generate.py          write
python docs/generate.py --check  say what differs
"""

from __future__ import annotations

import ast
import dataclasses
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
LOOKED_AT = ("store", "pos", "fulfillment", "signage", "telemetry", "vision")
READERS = {"text", "integer", "boolean", "words", "database"}

SETTINGS = {
    "AISLE_BIND": "Address the pages listen on. Beyond this machine only behind TLS (`AISLE_HTTPS`).",
    "AISLE_BUS_IN": "EventBridge bus the shop's orders come from.",
    "AISLE_BUS_OUT": "EventBridge bus the store's facts go to.",
    "AISLE_AWS_ENDPOINT_URL": "Another address for AWS: a counterpart for tests and demo. Empty: AWS itself.",
    "AISLE_CHROMIUM": "Program file of the browser for tests and pictures.",
    "AISLE_CLOUD": "How the store reaches the cloud: `loopback` (inside this machine) or `aws`.",
    "AISLE_CLOUD_PORT": "Port of the AWS counterpart of the demo. Empty: a free one.",
    "AISLE_DB_POOL": "Most database connections of one process, and its number of request threads.",
    "AISLE_DEBUG": "Django's debug pages. Never in a store; `check --deploy` refuses it.",
    "AISLE_DEMO": "The demo: seed data, simulators, shown logins. Set `0` for a real store.",
    "AISLE_HOME": "Folder of everything this store keeps: data, certificates, secrets, media.",
    "AISLE_HOSTS": "Host names the pages answer to, separated by commas.",
    "AISLE_HTTPS": "The pages are reached by https only: secure cookies, HSTS, redirect.",
    "AISLE_KEEP_EVENTS_DAYS": "Days after which events that everybody has leave the outbox.",
    "AISLE_LANGUAGE": "Language of pages for people who chose none: `en` or `de`.",
    "AISLE_LOG_JSON": "Logs as one JSON object per line.",
    "AISLE_LOG_LEVEL": "Least level that is logged.",
    "AISLE_MQTT_BIND": "Address the embedded MQTT broker listens on; sensors on the LAN need the LAN's.",
    "AISLE_MQTT_PORT": "Port of the embedded MQTT broker (TLS with client certificates).",
    "AISLE_ORIGINS": "Origins that may send forms, separated by commas, such as `https://store.example`.",
    "AISLE_PG_AS": "User the embedded PostgreSQL runs as when Aisle itself runs as root.",
    "AISLE_PG_BIN": "Folder of the PostgreSQL programs to use in place of the embedded ones.",
    "AISLE_PKI": "Folder of the certificates a simulated device uses. Empty: those of this store.",
    "AISLE_PORT": "Port of the pages.",
    "AISLE_QUEUE_URL": "SQS queue the orders are read from.",
    "AISLE_REQUIRE_BROWSER": "`1`: tests that need a browser fail without one, in place of being skipped.",
    "AISLE_ROLE": "Name of the process in logs; set by the supervisor.",
    "AISLE_SECRET_KEY": "Django's secret key. Empty: made once and kept in `AISLE_HOME/secrets.json`.",
    "AISLE_SITE": "Code of the site in MQTT topics, for the simulators.",
    "AISLE_TIMEZONE": "Time zone of the simulated shoppers' day.",
    "AISLE_WEB": "Number of web processes.",
    "AISLE_E2E_HOME": "Tests use the store running in this folder in place of starting one.",
    "AWS_ACCESS_KEY_ID": "Looked at by the deploy check only: keys of a person have no place in a store.",
    "AWS_REGION": "AWS region.",
    "AWS_DEFAULT_REGION": "AWS region, as other tools name it.",
    "DATABASE_URL": "PostgreSQL to use in place of the embedded one, `postgresql://…`.",
    "MQTT_URL": "MQTT broker to use in place of the embedded one, `mqtts://…` or `mqtt://…`.",
    "REDIS_URL": "Valkey or Redis to use in place of the embedded one, `redis://…` or `unix://…`.",
}


def names_read() -> dict[str, str]:
    """Find every variable our code reads, with its default as it is written (empty: none)."""
    found: dict[str, str] = {}
    for folder in LOOKED_AT:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for name, default in _reads(ast.parse(path.read_text(encoding="utf-8"))):
                if name.isupper() and (name.startswith(("AISLE_", "AWS_")) or name.endswith("_URL")):
                    found[name] = found.get(name) or default
    return dict(sorted(found.items()))


def _reads(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            name = node.args[0]
            from_env = node.func.attr in READERS and ast.unparse(node.func.value) == "env"
            from_os = node.func.attr in {"get", "setdefault"} and ast.unparse(node.func.value) == "os.environ"
            if isinstance(name, ast.Constant) and isinstance(name.value, str) and (from_env or from_os):
                defaults = [*node.args[1:], *(word.value for word in node.keywords if word.arg == "default")]
                yield name.value, _plain(defaults[0]) if defaults else ""
        elif isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            yield from _with_or(node)
        elif (
            isinstance(node, ast.Subscript)
            and isinstance(node.slice, ast.Constant)
            and ast.unparse(node.value) == "os.environ"
        ):
            yield str(node.slice.value), ""


def _with_or(node: ast.BoolOp) -> Iterator[tuple[str, str]]:
    """`os.environ.get("NAME") or default`."""
    first, default = node.values[0], node.values[-1]
    if isinstance(first, ast.Call) and ast.unparse(first.func) == "os.environ.get":
        name = first.args[0]
        if isinstance(name, ast.Constant):
            yield str(name.value), _plain(default)


def _plain(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    text = ast.unparse(node)
    return {
        "paths.database_url()": "embedded",
        "paths.redis_url()": "embedded",
        "paths.mqtt_url()": "embedded",
        "ROOT / '.aisle'": ".aisle in the checkout",
    }.get(text, "")


def settings_page() -> str:
    """Return docs/reference/settings.md."""
    lines = [
        "# Settings",
        "",
        "All settings come from the environment. One that cannot be read stops the start with one sentence.",
        "This page is made by `docs/generate.py` from the code; a test compares both.",
        "",
        "| name | default | what it does |",
        "|---|---|---|",
    ]
    for name, default in names_read().items():
        shown = f"`{default}`" if default else "–"
        lines.append(f"| `{name}` | {shown} | {SETTINGS.get(name, '')} |")
    return "\n".join(lines) + "\n"


def events_page() -> str:
    """Return docs/reference/events.md from the registered events."""
    for path in sorted((ROOT / "store" / "events").glob("*.py")):
        import_module(f"store.events.{path.stem}" if path.stem != "__init__" else "store.events")
    known = import_module("store.events.base").all_events()
    # Tests register events of their own.
    events = {name: cls for name, cls in known.items() if cls.__module__.startswith("store.events.")}
    lines = [
        "# Events",
        "",
        "Facts the parts of the store tell each other. Each is written into the outbox in the transaction",
        "that made it true and delivered to receivers after the commit, applied once, in order",
        "within its stream. Events of every lane but `local` also go to the cloud while the link is up.",
        "A changed shape gets a new version. This page is made by `docs/generate.py`; a test compares both.",
        "",
    ]
    for name, cls in events.items():
        lines += [
            f"## {name}",
            "",
            _summary(cls.__doc__ or ""),
            "",
            f"Lane `{cls.lane}`, priority {cls.priority}.",
            "",
        ]
        lines += ["| field | type |", "|---|---|"]
        lines += [f"| `{field.name}` | `{_type(field.type)}` |" for field in dataclasses.fields(cls)]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _summary(text: str) -> str:
    return " ".join(line.strip() for line in text.strip().splitlines())


def _type(value: object) -> str:
    return (value if isinstance(value, str) else getattr(value, "__name__", str(value))).replace("|", "\\|")


PAGES = {"settings.md": settings_page, "events.md": events_page}


def main(arguments: list[str]) -> int:
    """Write the pages, or say which differ."""
    stale = []
    for name, make in PAGES.items():
        path, text = REFERENCE / name, make()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
    sys.stdout.write("".join(f"{name}\n" for name in stale))
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    raise SystemExit(main(sys.argv[1:]))

"""The shape of the code: what may import what, how long things get, and what must be written down.

Import-linter's contracts stand in pyproject.toml; the rest is read here from the sources' syntax trees.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterator
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parent.parent
APPS = ("pos", "fulfillment", "signage", "telemetry", "vision")
PACKAGES = ("store", *APPS)
MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 50
MAX_SCRIPT_LINES = 400
STANDARD = sys.stdlib_module_names

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def sources() -> dict[str, str]:
    """Our modules by path, without migrations."""
    return {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in path.parts and "__pycache__" not in path.parts
    }


@cache
def trees() -> dict[str, ast.Module]:
    return {path: ast.parse(text) for path, text in sources().items()}


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or ""


def under(*folders: str) -> dict[str, ast.Module]:
    """The modules of the folders with these names, at the top of any of our packages."""
    return {
        path: tree
        for path, tree in trees().items()
        if path.split("/")[1] in {*folders, *(f"{name}.py" for name in folders)}
    }


def foreign(tree: ast.AST, allowed: tuple[str, ...]) -> list[tuple[int, str]]:
    """Imports that are neither of the standard library nor below one of `allowed`."""
    return [
        (line, name)
        for line, name in imported(tree)
        if name.partition(".")[0] not in STANDARD
        and not any((name + ".").startswith(f"{a}.") for a in allowed)
    ]


def test_import_contracts_hold():
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), cache_dir=None) == 0


def test_modules_are_short():
    lines = {path: text.count("\n") for path, text in sources().items()}
    assert {path: count for path, count in lines.items() if count > MAX_MODULE_LINES} == {}


def test_scripts_are_short():
    lines = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n")
        for package in PACKAGES
        for path in (ROOT / package / "static").rglob("*.js")
    }
    assert {path: count for path, count in lines.items() if count > MAX_SCRIPT_LINES} == {}


def test_functions_are_short():
    long = [
        f"{path}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for path, tree in trees().items()
        for node in functions(tree)
        if node.end_lineno - node.lineno + 1 > MAX_FUNCTION_LINES
    ]
    assert long == []


def test_imports_stand_at_the_top():
    inside = [
        f"{path}:{line} {name} in {node.name}"
        for path, tree in trees().items()
        for node in functions(tree)
        if node.name != "ready"
        for line, name in imported(node)
    ]
    assert inside == []


def test_broad_excepts_give_a_reason():
    bare = []
    for path, tree in trees().items():
        lines = sources()[path].splitlines()
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler) and _is_broad(node):
                comment = lines[node.lineno - 1].partition("#")[2]
                reason = re.sub(r"noqa:?\s*[A-Z0-9, ]*", "", comment).strip(" -")
                if len(reason) < len("a reason"):
                    bare.append(f"{path}:{node.lineno}")
    assert bare == []


def _is_broad(node: ast.ExceptHandler) -> bool:
    caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return any(kind is None or getattr(kind, "id", "") in {"Exception", "BaseException"} for kind in caught)


def test_lint_suppressions_give_a_reason():
    silent = [
        f"{path}:{number} {line.strip()}"
        for path, text in sources().items()
        for number, line in enumerate(text.splitlines(), start=1)
        if re.search(r"#\s*noqa", line) and not re.search(r"#\s*noqa: [A-Z0-9, ]+ - \w", line)
    ]
    assert silent == []


def test_domain_stands_on_the_standard_library():
    found = [
        f"{path}:{line} {name}"
        for path, tree in under("domain").items()
        for line, name in foreign(tree, (f"{path.partition('/')[0]}.domain", "store.domain"))
    ]
    assert found == []


def test_domain_asks_no_clock_chance_or_machine():
    asked = []
    for path, tree in under("domain").items():
        asked += [
            f"{path}:{line} imports {name}"
            for line, name in imported(tree)
            if name.partition(".")[0]
            in {"time", "random", "secrets", "os", "socket", "subprocess", "pathlib"}
        ]
        asked += [
            f"{path}:{node.lineno} calls {node.func.attr}()"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"now", "utcnow", "today"}
        ]
    assert asked == []


def test_events_stand_on_the_standard_library():
    found = [
        f"{path}:{line} {name}"
        for path, tree in under("events").items()
        for line, name in foreign(tree, ("store.events", "store.domain"))
    ]
    assert found == []


def test_runtime_stands_on_the_standard_library():
    found = [
        f"{path}:{line} {name}"
        for path, tree in under("runtime").items()
        for line, name in foreign(tree, ("store.runtime",))
    ]
    assert found == []


def test_edge_code_knows_no_django():
    found = [
        f"{path}:{line} {name}"
        for path, tree in under("edge").items()
        for line, name in imported(tree)
        if name.partition(".")[0] in {"django", "rest_framework", "celery", "channels"}
        or name.startswith(("store.models", "store.services", "store.settings"))
    ]
    assert found == []


def test_store_package_imports_nothing():
    assert list(imported(trees()["store/__init__.py"])) == []


def changes_the_world(node: Function) -> bool:
    """Whether a function opens a transaction or publishes an event: then it is a use case."""
    names = {n.attr if isinstance(n, ast.Attribute) else getattr(n, "id", "") for n in ast.walk(node)}
    return bool(names & {"atomic", "publish"})


def test_use_cases_take_keywords_only():
    positional = [
        f"{path}:{node.lineno} {node.name}"
        for path, tree in under("services").items()
        for node in tree.body
        if isinstance(node, Function) and not node.name.startswith("_") and changes_the_world(node)
        if node.args.args or node.args.posonlyargs
    ]
    assert positional == []


def test_public_functions_of_the_core_are_typed():
    untyped = [
        f"{path}:{node.lineno} {node.name}"
        for path, tree in under("domain", "services", "events", "outbox").items()
        for node in functions(tree)
        if node.returns is None
        or any(
            arg.annotation is None
            for arg in [*node.args.args, *node.args.kwonlyargs]
            if arg.arg not in {"self", "cls"}
        )
    ]
    assert untyped == []


def test_no_foreign_key_goes_sideways():
    sideways = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        if model._meta.app_label in PACKAGES
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete
        if field.related_model._meta.app_label not in {"store", model._meta.app_label}
    ]
    assert sideways == []


def test_every_foreign_key_is_indexed():
    bare = []
    for model in (model for model in apps.get_models() if model._meta.app_label in PACKAGES):
        leading = {tuple(index.fields)[:1] for index in model._meta.indexes}
        leading |= {tuple(getattr(rule, "fields", ()))[:1] for rule in model._meta.constraints}
        leading |= {tuple(getattr(model._meta.pk, "field_names", ()))[:1]}
        bare += [
            f"{model._meta.label}.{field.name}"
            for field in model._meta.concrete_fields
            if field.many_to_one and not field.db_index
            if not leading & {(field.name,), (field.attname,)}
        ]
    assert bare == []


@pytest.mark.django_db
def test_no_migration_is_missing():
    told = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=told, verbosity=1)
    except SystemExit:
        pytest.fail(told.getvalue())


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, object]]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, route)
        elif isinstance(entry, URLPattern):
            yield route, entry.callback


def has_access_mark(view: object) -> bool:
    """A mark of store/access.py, or for API views the list of parties that `Allows` reads."""
    kind = getattr(view, "cls", None) or getattr(view, "view_class", None)
    return hasattr(view, "access") or hasattr(kind, "allowed")


def test_every_address_says_who_may_call_it():
    open_doors = [
        route
        for route, view in routes(get_resolver())
        if not route.startswith("admin/") and not has_access_mark(view)
    ]
    assert open_doors == []


def test_every_view_is_a_short_function():
    long = []
    for route, view in routes(get_resolver()):
        inner = inspect.unwrap(view)
        if inspect.isfunction(inner) and inner.__module__.partition(".")[0] in PACKAGES:
            length = len(inspect.getsource(inner).splitlines())
            if length > MAX_FUNCTION_LINES // 2 + 5:
                long.append(f"{route} {inner.__qualname__}: {length} lines with decorators")
    assert long == []


READERS = {
    "text",
    "integer",
    "boolean",
    "words",
    "database",
    "decimal",
    "seconds",
    "get",
    "getenv",
    "setting",
}


@cache
def settings_read() -> set[str]:
    """Names of environment variables that our code reads, as literals."""
    found = set()
    for tree in trees().values():
        for node in ast.walk(tree):
            literal = None
            if isinstance(node, ast.Call) and node.args and getattr(node.func, "attr", "") in READERS:
                literal = node.args[0]
            elif isinstance(node, ast.Subscript):
                literal = node.slice
            if isinstance(literal, ast.Constant) and isinstance(literal.value, str):
                found.add(literal.value)
    shape = re.compile(r"^(AISLE_[A-Z0-9_]+|(?:DATABASE|REDIS|MQTT)_URL|AWS_[A-Z_]+)$")
    return {name for name in found if shape.match(name)}


def test_every_setting_is_documented():
    page = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    assert sorted(name for name in settings_read() if f"`{name}`" not in page) == []


def test_every_documented_setting_exists():
    page = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    everything = "\n".join([*sources().values(), *(p.read_text() for p in (ROOT / "tests").rglob("*.py"))])
    named = set(re.findall(r"`(AISLE_[A-Z0-9_]+)`", page))
    assert sorted(name for name in named if name not in everything) == []


def test_templates_keep_the_content_security_policy():
    """No inline script, style or handler: the policy would block them, so they must not be written."""
    rules = {
        "inline script": re.compile(
            r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>", re.IGNORECASE
        ),
        "inline style": re.compile(r"<style\b|\sstyle\s*=\s*[\"']", re.IGNORECASE),
        "inline handler": re.compile(r"\s(?:on[a-z]+|hx-on[:a-z-]*)\s*=\s*[\"']", re.IGNORECASE),
        "javascript address": re.compile(r"javascript:", re.IGNORECASE),
    }
    found = [
        f"{path.relative_to(ROOT)}: {name}: {match.group(0)}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for name, rule in rules.items()
        for match in rule.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []

"""The one banner: where the store is and who can sign in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from store.runtime import paths
from store.runtime.console import BOLD, DIM, paint, write

PLACES = (
    ("Till", "/till/"),
    ("Orders", "/orders/"),
    ("Screens", "/screens/"),
    ("Sensors", "/sensors/"),
    ("Cameras", "/cameras/"),
)


def show(
    url: str, seconds: float, *, named: Sequence[str], cloud: str, logins: Sequence[Mapping[str, str]]
) -> None:
    """Print it."""
    lines = ["", paint(f"  Aisle is open: {url}/", BOLD), ""]
    lines += [f"    {name:<9}{url}{path}" for name, path in PLACES]
    if logins:
        lines += ["", paint("  Sign in (demo store)", BOLD)]
        lines += [f"    {_login(login)}" for login in logins]
    lines += ["", f"  Orders and events: {cloud}"]
    if named:
        lines.append(f"  Given by the environment: {', '.join(named)}")
    lines += [
        paint(f"  Started in {seconds:.1f} s · data in {paths.home()} · Ctrl-C stops everything", DIM),
        "",
    ]
    write("\n".join(lines))


def _login(login: Mapping[str, str]) -> str:
    name = str(login.get("username", ""))
    parts = [f"{name:<12}"]
    if login.get("password"):
        parts.append(f"password {login['password']:<18}")
    if login.get("pin"):
        parts.append(f"PIN {login['pin']:<6}")
    if login.get("role"):
        parts.append(str(login["role"]).lower())
    return " ".join(parts)

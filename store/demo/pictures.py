"""Pictures of the demo products: our own glyphs, coloured, as small static SVG files.

    python -m store.demo.pictures          write the files the assortment needs, remove the others
    python -m store.demo.pictures --check  only say whether they are up to date (exit status 1 when not)

The glyphs are drawn in `data/glyphs.svg`, the colours stand in `data/colours.csv`; a picture is a glyph with
a main colour and an accent, so that each is a file of less than 2 kB which any
browser caches. Standard library only.
"""

from __future__ import annotations

import argparse
import re
from functools import cache
from pathlib import Path
from string import Template
from xml.etree import ElementTree as ET

from store.demo.assortment import DATA, products, read_table

FOLDER = Path(__file__).resolve().parent.parent / "static" / "store" / "products"
FIELD = 96
DEFAULT_ACCENT = "white"
# Lighter than this a main colour says nothing on a white page, so the disc takes the accent.
PALE = 0.82
_FIXED = {
    "w": "#FFFDF7",
    "k": "#5A3B2A",
    "g": "#56A845",
    "h": "#2F7A34",
    "y": "#F6D55C",
    "tan": "#D9B382",
    "tand": "#B98F5C",
}

Rgb = tuple[int, int, int]


@cache
def glyphs() -> dict[str, Template]:
    """The drawings by name, with `$a`, `$b` … where a colour goes."""
    source = (DATA / "glyphs.svg").read_text(encoding="utf-8")
    found = re.findall(r'<symbol id="([a-z-]+)">(.*?)</symbol>', source, flags=re.DOTALL)
    return {name: Template(body) for name, body in found}


@cache
def colours() -> dict[str, Rgb]:
    """The palette by name."""
    return {row["name"]: _rgb(row["hex"]) for row in read_table("colours.csv")}


def render(picture: str) -> str:
    """The SVG text of a picture such as `store/products/tub-rose-red.svg`.

    Raises:
        KeyError: unknown glyph or colour.
    """
    glyph, main, accent = split(picture)
    a, b = colours()[main], colours()[accent]
    body = glyphs()[glyph].substitute(
        _FIXED,
        a=_hex(a),
        d=_hex(_mix(a, (20, 24, 40), 0.2)),
        l=_hex(_mix(a, (255, 255, 255), 0.42)),
        b=_hex(b),
        e=_hex(_mix(b, (20, 24, 40), 0.22)),
    )
    # The disc is opaque and pale, so that dark fruit is seen on a dark page as well.
    disc = _hex(_mix(_disc(a, b), (255, 255, 255), 0.8))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {FIELD} {FIELD}">'
        f'<circle cx="48" cy="48" r="47" fill="{disc}"/>'
        f'<g transform="translate(9.6 9.6) scale(.8)">{body.strip()}</g></svg>\n'
    )


def split(picture: str) -> tuple[str, str, str]:
    """Glyph, main colour and accent of a picture's path.

    Raises:
        KeyError: it names no glyph or colour of ours.
    """
    stem = picture.removeprefix("store/products/").removesuffix(".svg")
    names = [glyph for glyph in glyphs() if stem.startswith(f"{glyph}-")]
    for glyph in sorted(names, key=len, reverse=True):
        parts = stem.removeprefix(f"{glyph}-").split("-")
        if len(parts) <= 2 and all(part in colours() for part in parts):
            return glyph, parts[0], parts[1] if len(parts) > 1 else DEFAULT_ACCENT
    raise KeyError(picture)


def wanted() -> dict[str, str]:
    """File name and content of every picture the assortment uses."""
    paths = sorted({product.picture for product in products()})
    return {path.rpartition("/")[2]: render(path) for path in paths}


def differences() -> list[str]:
    """Names of files that are missing, outdated or of no use."""
    want = wanted()
    have = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.svg")}
    return sorted(name for name in want.keys() | have.keys() if want.get(name) != have.get(name))


def write() -> int:
    """Bring the folder up to date; returns how many files changed."""
    want = wanted()
    changed = differences()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in changed:
        if name in want:
            (FOLDER / name).write_text(want[name], encoding="utf-8")
        else:
            (FOLDER / name).unlink()
    return len(changed)


def is_drawing(text: str) -> bool:
    """Whether a text is a well-formed SVG without scripts, styles, links or text."""
    allowed = {"svg", "g", "path", "circle", "ellipse", "rect"}
    root = ET.fromstring(text)  # noqa: S314 - our own files
    return all(element.tag.rpartition("}")[2] in allowed for element in root.iter())


def _disc(a: Rgb, b: Rgb) -> Rgb:
    if _lightness(a) < PALE:
        return a
    return b if _lightness(b) < PALE else colours()["sky"]


def _lightness(colour: Rgb) -> float:
    red, green, blue = colour
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def _rgb(text: str) -> Rgb:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _hex(colour: Rgb) -> str:
    return "#{:02X}{:02X}{:02X}".format(*colour)


def _mix(colour: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(colour, other, strict=True))
    return red, green, blue


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="change nothing, only report")
    if parser.parse_args().check:
        return 1 if differences() else 0
    write()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Pictures of the demo's playlists, drawn here: 1920 × 1080, flat shapes, large words."""

from __future__ import annotations

_FONT = "font-family=\"system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif\""


def _picture(background: str, shapes: str, headline: str, text: str, *, ink: str = "#ffffff") -> bytes:
    lines = headline.split("\n")
    words = "".join(
        f'<text x="120" y="{470 - 130 * (len(lines) - 1 - place)}" font-size="124" font-weight="800" '
        f'letter-spacing="-3">{line}</text>'
        for place, line in enumerate(lines)
    )
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1920 1080" width="1920" height="1080">
<rect width="1920" height="1080" fill="{background}"/>
{shapes}
<g {_FONT} fill="{ink}">
{words}
<text x="124" y="560" font-size="50" font-weight="500" opacity="0.92">{text}</text>
</g>
</svg>
""".encode()


def welcome(name: str) -> bytes:
    """The shop front in the morning."""
    awning = "".join(
        f'<path d="M{1080 + step * 120} 330h120v120a60 60 0 0 1-120 0z" '
        f'fill="{"#ffffff" if step % 2 else "#ffd60a"}"/>'
        for step in range(6)
    )
    shapes = f"""<circle cx="1440" cy="520" r="560" fill="#1f67dd"/>
<rect x="1110" y="400" width="660" height="520" rx="18" fill="#0a3f98"/>
<rect x="1160" y="520" width="250" height="250" rx="12" fill="#9cc2ff"/>
<rect x="1460" y="520" width="240" height="400" rx="12" fill="#dce8ff"/>
<circle cx="1666" cy="730" r="14" fill="#0a3f98"/>
<g fill="#0a7a3b"><circle cx="1215" cy="735" r="46"/><circle cx="1285" cy="720" r="56"/>
<circle cx="1355" cy="738" r="44"/></g>
<g fill="#e2553f"><circle cx="1240" cy="742" r="16"/><circle cx="1308" cy="736" r="17"/></g>
{awning}
<rect x="1040" y="920" width="800" height="26" rx="13" fill="#082f73"/>"""
    return _picture("#0b57d0", shapes, "Good to\nsee you", f"Welcome to {name}")


def bakery() -> bytes:
    """Bread out of the oven."""
    loaf = """<g transform="translate({x} {y}) rotate({turn})">
<path d="M-250 60C-290-120-150-190 0-190s290 70 250 250c-10 50-490 50-500 0z" fill="#c4782f"/>
<path d="M-226 44C-256-104-132-162 0-162s256 58 226 206c-40-70-412-70-452 0z" fill="#e0a25a"/>
<g stroke="#8f4e16" stroke-width="16" stroke-linecap="round">
<path d="M-120-92l44 92M-20-112l36 104M84-98l30 88"/></g></g>"""
    steam = "".join(
        f'<path d="M{x} 330c-40-60 40-100 0-160s40-90 0-140" fill="none" stroke="#ffffff" stroke-width="22" '
        'stroke-linecap="round" opacity="0.5"/>'
        for x in (1330, 1450, 1570)
    )
    shapes = (
        '<circle cx="1450" cy="640" r="500" fill="#a5561b"/>'
        + steam
        + loaf.format(x=1320, y=720, turn=-8)
        + loaf.format(x=1590, y=800, turn=6)
    )
    return _picture("#7a3b0d", shapes, "Still warm", "Bread from our oven, every hour")


def bags() -> bytes:
    """Bring a bag."""
    shapes = """<circle cx="1460" cy="560" r="500" fill="#0c7a4a"/>
<path d="M1330 470c0-210 260-210 260 0" fill="none" stroke="#f2e2c4" stroke-width="34"
 stroke-linecap="round"/>
<path d="M1190 460h540l44 480a40 40 0 0 1-40 44h-548a40 40 0 0 1-40-44z" fill="#f2e2c4"/>
<path d="M1460 610c120-70 210 20 150 130-46 84-150 150-150 150s-104-66-150-150c-60-110 30-200 150-130z"
 fill="#0a5c38"/>
<path d="M1460 610c-8-50 20-92 70-104" fill="none" stroke="#0a5c38" stroke-width="18"
 stroke-linecap="round"/>"""
    return _picture("#0a5c38", shapes, "Bring your bag", "Each one you use again saves one")


def orchard() -> bytes:
    """Fruit of the season."""
    apples = "".join(
        f'<g transform="translate({x} {y}) scale({scale})">'
        '<path d="M0-90c60-60 190-30 190 100 0 120-90 220-190 180'
        '-100 40-190-60-190-180 0-130 130-160 190-100z" '
        f'fill="{colour}"/><path d="M0-88c-6-40 10-80 40-104" fill="none" stroke="#5b3a1a" stroke-width="18" '
        'stroke-linecap="round"/>'
        '<path d="M30-132c50-50 110-40 130-20-40 40-90 46-130 20z" fill="#2f8f4e"/></g>'
        for x, y, scale, colour in (
            (1280, 760, 1.15, "#c8372d"),
            (1640, 800, 1.0, "#e8a13a"),
            (1460, 480, 1.1, "#7fae3c"),
        )
    )
    shapes = '<circle cx="1460" cy="620" r="520" fill="#f7e3b5"/>' + apples
    return _picture("#fff6df", shapes, "Picked nearby", "Apples from the orchards around us", ink="#3a2a10")

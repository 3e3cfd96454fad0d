"""What templates say with: icons, initials, short spans of time, money, the scripts' texts."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from store.models import Staff
from store.shelltexts import shell_texts

register = template.Library()

NIGHT_ENDS, NOON, EVENING = 4, 12, 17
MINUTE, HOUR, DAY = 60, 3600, 86_400
SPRITE = "store/icons/sprite.svg"
STATE_ICONS: Mapping[str, str] = {
    "ok": "check",
    "info": "info",
    "warning": "alarm",
    "danger": "cross-circle",
    "error": "cross-circle",
    "muted": "minus",
}


@register.simple_tag
def icon(name: str, size: int | str = 24, label: str = "") -> SafeString:
    """One icon of the sprite; hidden from assistive technology unless it carries a label of its own.

    `size` is 16, 20, 24, 32 or 48 pixels.
    """
    href = f"{static(SPRITE)}#{name}"
    size_class = "" if str(size) == "24" else f" icon--{size}"
    if label:
        return format_html(
            '<svg class="icon{}" role="img" aria-label="{}"><use href="{}"></use></svg>',
            size_class,
            label,
            href,
        )
    return format_html('<svg class="icon{}" aria-hidden="true"><use href="{}"></use></svg>', size_class, href)


@register.filter
def state_icon(kind: str) -> str:
    """The icon that says a state without its colour."""
    return STATE_ICONS.get(kind or "", "info")


@register.filter
def role_name(role: str) -> str:
    """A role of Staff by its value, in any case, as people call it."""
    value = str(role or "").upper()
    return str(Staff.Role(value).label) if value in Staff.Role.values else str(role)


@register.filter
def initials(name: str) -> str:
    """At most two capital letters of a person's name: "Anna Berg" is "AB"."""
    words = str(name or "").split()
    if not words:
        return "?"
    picked = words[0][:1] + (words[-1][:1] if len(words) > 1 else "")
    return picked.upper()


@register.filter
def span(seconds: float | Decimal | timedelta | None) -> str:
    """A duration in its largest fitting unit: 12 s, 14 min, 3 h 5 min, 2 d 4 h. Empty for None."""
    if seconds is None or seconds == "":
        return ""
    total = int(seconds.total_seconds() if isinstance(seconds, timedelta) else seconds)
    total = max(total, 0)
    if total < MINUTE:
        return _("%(count)d s") % {"count": total}
    if total < HOUR:
        return _("%(count)d min") % {"count": total // MINUTE}
    hours, rest = divmod(total, HOUR)
    if total < DAY:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest // MINUTE}
    return _("%(days)d d %(hours)d h") % {"days": total // DAY, "hours": total % DAY // HOUR}


@register.filter
def span_since(moment: datetime | None) -> str:
    """How long ago `moment` (aware) was, as `span` writes it; empty for None."""
    return span(timezone.now() - moment) if moment else ""


@register.filter
def waiting_words(count: int | None) -> str:
    """`312 waiting`, with the digits grouped for the reader's language."""
    number = int(count or 0)
    return ngettext("%(count)s waiting", "%(count)s waiting", number) % {
        "count": formats.number_format(number, use_l10n=True, force_grouping=True)
    }


@register.filter
def lower_state(value: object) -> str:
    """A choice such as ONLINE as the lower-case word that CSS classes and templates compare with."""
    return str(value or "").lower()


@register.filter
def given(name: object) -> str:
    """A name the demo store gave, numbered or not, in the reader's language; others as they are."""
    text = str(name or "")
    stem, space, number = text.rpartition(" ")
    if stem and number.isdecimal():
        return f"{_(stem)}{space}{number}"
    return _(text) if text else ""


@register.filter
def size(label: object) -> str:
    """A size such as `10 pieces` with its word in the reader's language; `500 g` stays as it is."""
    text = str(label or "")
    count, space, word = text.partition(" ")
    return f"{count} {_SIZE_WORDS[word]}" if space and word in _SIZE_WORDS else text


_SIZE_WORDS: Mapping[str, Promise] = {
    "bags": gettext_lazy("bags"),
    "bulbs": gettext_lazy("bulbs"),
    "pieces": gettext_lazy("pieces"),
    "rolls": gettext_lazy("rolls"),
    "sachets": gettext_lazy("sachets"),
    "sheets": gettext_lazy("sheets"),
    "stems": gettext_lazy("stems"),
}


@register.filter
def money(minor: int | None, currency: str = "EUR") -> str:
    """Minor units as people write them, with the currency's sign: 1299 is €12.99 (en) or 12,99 € (de).

    Currencies without minor units (JPY, KRW) and with three digits (KWD, BHD, TND) are known by code.
    """
    if minor is None or minor == "":
        return ""
    digits = _DIGITS.get(currency, 2)
    number = formats.number_format(
        Decimal(abs(int(minor))).scaleb(-digits), decimal_pos=digits, use_l10n=True, force_grouping=True
    )
    sign = "\N{MINUS SIGN}" if int(minor) < 0 else ""
    symbol = _SIGNS.get(currency, f"{currency}\N{NO-BREAK SPACE}")
    written = _("%(symbol)s%(number)s") % {"symbol": symbol, "number": number}
    return sign + written.strip("\N{NO-BREAK SPACE}")


_DIGITS: Mapping[str, int] = {
    "JPY": 0,
    "KRW": 0,
    "CLP": 0,
    "ISK": 0,
    "KWD": 3,
    "BHD": 3,
    "TND": 3,
    "OMR": 3,
    "JOD": 3,
}
_SIGNS: Mapping[str, str] = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥", "CHF": "CHF\N{NO-BREAK SPACE}"}


@register.simple_tag
def greeting(now: datetime, zone: str = "") -> str:
    """Good morning, afternoon or evening by the store's own clock (`zone` is its IANA name)."""
    hour = timezone.localtime(now, ZoneInfo(zone) if zone else None).hour
    if NIGHT_ENDS <= hour < NOON:
        return _("Good morning")
    return _("Good afternoon") if NOON <= hour < EVENING else _("Good evening")


@register.simple_tag
def script_texts() -> SafeString:
    """What the shell's scripts say to people, in the page's language, as a JSON block they read."""
    return json_script(shell_texts(), "shell-texts")


@register.filter
def at(container: Mapping[str, Any] | Sequence[Any], key: str | int) -> Any:
    """The value at a key or index that only the template knows; None when there is none."""
    if isinstance(container, Mapping):
        return container.get(key)
    index = int(key)
    return container[index] if 0 <= index < len(container) else None


@register.filter
def percent_of(part: float | None, whole: float | None) -> int:
    """`part` as whole percent of `whole`, held in 0..100; 0 when there is no whole."""
    if not part or not whole:
        return 0
    return max(0, min(100, round(100 * part / whole)))

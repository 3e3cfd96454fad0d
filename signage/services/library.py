"""The media library: content goes in once and is known by what it is."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from signage.adapters import media as files
from signage.models import Media
from store.errors import AisleError

MAX_PICTURE_BYTES = 8 * 1024 * 1024


class PictureRefusedError(AisleError):
    """Not a picture we show."""

    code = "picture_refused"
    message = _("Only SVG, PNG, JPEG and WebP pictures of up to 8 MB can be shown.")


def add_picture(*, content: bytes, title: str, content_type: str, now: datetime) -> Media:
    """Store a picture; the same bytes again give the same media. Raises PictureRefusedError.

    Pictures are shown by `<img>` and served with a policy that runs and loads nothing, so an SVG is safe.
    """
    if content_type not in files.SUFFIXES or not 0 < len(content) <= MAX_PICTURE_BYTES:
        raise PictureRefusedError
    sha256 = files.put(content)
    found, _created = Media.objects.get_or_create(
        sha256=sha256,
        defaults={
            "kind": Media.Kind.IMAGE,
            "title": title,
            "content_type": content_type,
            "size_bytes": len(content),
            "created_at": now,
        },
    )
    return found


def add_template(*, template: str, title: str, data: dict[str, Any], now: datetime) -> Media:
    """A template with its words; known by the SHA-256 of its canonical JSON."""
    canonical = json.dumps({"template": template, "title": title, "data": data}, sort_keys=True).encode()
    found, _created = Media.objects.get_or_create(
        sha256=files.digest(canonical),
        defaults={
            "kind": Media.Kind.TEMPLATE,
            "template": template,
            "title": title,
            "content_type": "application/json",
            "size_bytes": len(canonical),
            "data": data,
            "created_at": now,
        },
    )
    return found

"""The cookie that makes a browser a screen.

It is another one than that of tills and phones, so that one browser may be a till and a screen (the demo is).
"""

from __future__ import annotations

from django.conf import settings
from django.http.response import HttpResponseBase

COOKIE_NAME = settings.DISPLAY_COOKIE_NAME
COOKIE_AGE_S = 5 * 365 * 86_400


def keep_token(response: HttpResponseBase, token: str) -> None:
    """Give the browser its credential; scripts cannot read it."""
    response.set_cookie(  # type: ignore[attr-defined]
        COOKIE_NAME, token, max_age=COOKIE_AGE_S, httponly=True, secure=settings.HTTPS, samesite="Strict"
    )

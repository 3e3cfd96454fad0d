"""The page that a screen shows, its service worker and its content."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from signage.adapters import media
from signage.cookies import COOKIE_NAME
from signage.models import Media
from store import access
from store.models import Site

SCRIPTS = ("player", "link", "pairing", "proof", "records", "schedule", "slides", "cache", "panel")


def _texts() -> dict[str, str]:
    """What the player's scripts say, in the store's language."""
    return {
        "waiting": _("Waiting for the code to be typed."),
        "server_away": _("The store server is not reached. Trying again."),
        "storage_warning": _(
            "This screen keeps nothing over a restart: the page was not opened by https or on localhost."
        ),
        "second_window": _("This screen is already open in another window of this browser."),
        "storage_worker": _("kept on this screen, starts without the server"),
        "storage_memory": _("in memory only: needs the server after a restart"),
        "link_on": _("connected"),
        "link_off": _("not reached, plays on by itself"),
        "cause_rule": _("a rule of the schedule"),
        "cause_target": _("the audience in front of it"),
        "cause_default": _("nothing scheduled: the default playlist"),
        "about_name": _("Screen"),
        "about_playing": _("Shows"),
        "about_playlist": _("Playlist"),
        "about_cause": _("Because of"),
        "about_link": _("Store server"),
        "about_storage": _("Content"),
        "about_waiting": _("Plays to report"),
        "about_version": _("Version"),
    }


def _player(request: HttpRequest, site: Site | None) -> dict[str, Any]:
    return {
        "store": site.name if site else "Aisle",
        "preview": request.GET.get("preview", ""),
        "urls": {
            "manifest": reverse("signage-api:manifest"),
            "plays": reverse("signage-api:plays"),
            "heartbeat": reverse("signage-api:heartbeat"),
            "pairings": reverse("signage-api:pairings"),
            "collect": reverse("signage-api:collect"),
            "worker": reverse("player:worker"),
        },
        "texts": _texts(),
    }


@access.public
@require_GET
@never_cache
@xframe_options_sameorigin
def player(request: HttpRequest) -> HttpResponse:
    """The screen: shows a code until it is paired. `?preview=<code>` shows a screen to a manager."""
    site = Site.objects.first()
    with translation.override(site.locale[:2] if site else "en"):
        context = {"site": site, "player": _player(request, site)}
        return render(request, "signage/player.html", context)


@lru_cache(maxsize=8)
def _files_digest() -> str:
    """What the player's files are, so that a screen notices an update."""
    digest = hashlib.sha256()
    for name in ("signage/player.css", *(f"signage/js/{script}.js" for script in SCRIPTS)):
        path = finders.find(name) or staticfiles_storage.path(name)
        digest.update(Path(str(path)).read_bytes())
    digest.update(get_template("signage/player.html").template.source.encode())
    return digest.hexdigest()[:12]


def _version() -> str:
    """Changes with the files and with what the page says about the store."""
    site = Site.objects.first()
    about = f"{site.name} {site.locale}" if site else ""
    return hashlib.sha256(f"{_files_digest()} {about}".encode()).hexdigest()[:12]


@access.public
@require_GET
@never_cache
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker; its scope is the player's page."""
    files = [
        reverse("player:player"),
        static("signage/player.css"),
        static("store/icons/favicon.svg"),
        *(static(f"signage/js/{name}.js") for name in SCRIPTS),
    ]
    context = {"files": json.dumps(files), "version": _version()}
    return render(request, "signage/worker.js", context, content_type="text/javascript; charset=utf-8")


@access.public
@require_GET
def content(request: HttpRequest, sha256: str) -> HttpResponse:
    """A picture by its SHA-256, for screens and signed-in people; never changed, so kept for ever."""
    if not (request.user.is_authenticated or access.find_device(request.COOKIES.get(COOKIE_NAME, ""))):
        raise Http404
    found = Media.objects.filter(sha256=sha256, kind=Media.Kind.IMAGE).first()
    if found is None or not media.path_of(sha256).is_file():
        raise Http404
    response = HttpResponse(media.path_of(sha256).read_bytes(), content_type=found.content_type)
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    # An SVG that is opened by itself runs nothing and loads nothing.
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response

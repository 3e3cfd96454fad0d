"""The wall of screens, pairing, and "why is this playing?"."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from signage.cookies import keep_token
from signage.forms import PairForm, WhenForm, next_display_code
from signage.models import Display, Playlist
from signage.queries import wall as wall_queries
from signage.queries import why as why_queries
from signage.services import pairing
from store import access
from store.models import Site, Staff
from store.services import throttle
from store.services.devices import CodeRejectedError

SUPERVISOR = Staff.Role.SUPERVISOR


@access.staff(SUPERVISOR)
@require_GET
def wall(request: HttpRequest) -> HttpResponse:
    """Every screen: what it shows, what comes next, how it is."""
    context = {"screens": wall_queries.wall(now=timezone.now())}
    page = "signage/wall.html#screens" if request.htmx else "signage/wall.html"
    return render(request, page, context)


@access.staff(SUPERVISOR)
@require_GET
def tile(request: HttpRequest) -> HttpResponse:
    """The card on the home page."""
    counts = wall_queries.counts(now=timezone.now())
    playing = counts[wall_queries.State.PLAYING]
    silent = counts[wall_queries.State.SILENT]
    total = sum(counts.values())
    caption = _("Everything plays as scheduled")
    if silent:
        caption = ngettext("%(count)d screen is silent", "%(count)d screens are silent", silent)
        caption %= {"count": silent}
    elif not playing:
        caption = _("No screen is paired yet")
    kind = "warning" if silent else "ok" if playing else "muted"
    context = {"playing": playing, "total": total, "caption": caption, "kind": kind}
    return render(request, "signage/_tile.html", context)


@access.staff(SUPERVISOR)
@require_http_methods(["GET", "POST"])
def pair(request: HttpRequest) -> HttpResponse:
    """Type the code that a screen shows."""
    form = PairForm(request.POST or None, initial={"display": request.GET.get("display", "")})
    if request.method == "POST" and form.is_valid() and (done := _pair(request, form)):
        return done
    return render(request, "signage/pair.html", {"form": form}, status=422 if form.errors else 200)


def _pair(request: HttpRequest, form: PairForm) -> HttpResponse | None:
    now, data = timezone.now(), form.cleaned_data
    with throttle.attempt(scope="pair", subject=request.user.username) as attempt:
        if attempt.blocked:
            form.add_error("code", attempt.message)
            return None
        try:
            display = _paired(data, request.user.username, now)
        except CodeRejectedError as error:
            form.add_error("code", str(error.message))
            return None
        attempt.succeeded()
    messages.success(request, _("%(name)s is paired.") % {"name": display.device.name})
    return redirect("signage:wall")


def _paired(data: dict[str, str], actor: str, now: timezone.datetime) -> Display:
    if data["display"] == "new":
        return pairing.pair_new(
            code=data["code"], display_code=next_display_code(), name=data["name"], actor=actor, now=now
        )
    display = get_object_or_404(Display.objects.select_related("device"), device__code=data["display"])
    pairing.pair(code=data["code"], display=display, actor=actor, now=now)
    return display


@access.staff(SUPERVISOR)
@require_POST
def open_here(request: HttpRequest, code: str) -> HttpResponse:
    """This browser becomes the screen."""
    display = get_object_or_404(Display.objects.select_related("device"), device__code=code)
    enrolled = pairing.open_here(display=display, actor=request.user.username, now=timezone.now())
    response = redirect("player:player")
    keep_token(response, enrolled.token)
    return response


@access.staff(SUPERVISOR)
@require_POST
def revoke(request: HttpRequest, code: str) -> HttpResponse:
    """The screen loses its credential and shows a code again."""
    display = get_object_or_404(Display.objects.select_related("device"), device__code=code)
    pairing.revoke(display=display, actor=request.user.username, now=timezone.now())
    messages.success(request, _("%(name)s is not paired any more.") % {"name": display.device.name})
    return redirect("signage:wall")


@access.staff(SUPERVISOR)
@require_http_methods(["GET", "POST"])
def screen(request: HttpRequest, code: str) -> HttpResponse:
    """One screen: its preview (which is the player), its default playlist, its credential."""
    display = get_object_or_404(Display.objects.select_related("device", "group"), device__code=code)
    now = timezone.now()
    if request.method == "POST":
        playlist = get_object_or_404(Playlist, pk=request.POST.get("playlist") or 0)
        pairing.set_default(display=display, playlist=playlist, actor=request.user.username, now=now)
        messages.success(request, _("Saved. The screen knows."))
        return redirect("signage:screen", code)
    context = {
        "display": display,
        "state": wall_queries.state_of(display, now),
        "playlists": Playlist.objects.all(),
    }
    return render(request, "signage/screen.html", context)


@access.staff(SUPERVISOR)
@require_GET
def why(request: HttpRequest, code: str) -> HttpResponse:
    """Why this screen plays this, now or at another time (`?at=2026-11-27T17:30`)."""
    display = get_object_or_404(Display.objects.select_related("device", "group"), device__code=code)
    now = timezone.now()
    zone = ZoneInfo(Site.objects.current().timezone)
    form = WhenForm(request.GET)
    at = form.cleaned_data.get("at") if form.is_valid() else None
    moment = at.replace(tzinfo=zone) if at else now
    context = {
        "display": display,
        "why": why_queries.why(display, at=moment, now=now),
        "travelled": at is not None,
        "at": moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
        "zone": zone.key,
    }
    page = "signage/why.html#answer" if "at" in request.GET else "signage/why.html"
    return render(request, page, context)

"""Playlists and what is in them."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from signage.forms import DurationForm, ItemForm, MessageForm, PlaylistForm
from signage.models import Media, Playlist, PlaylistItem
from signage.queries.manifest import products_for_picker
from signage.queries.wall import thumb_of
from signage.services import editing, library
from store import access
from store.models import Product, Site, Staff
from store.queries import catalogue, holds

SUPERVISOR = Staff.Role.SUPERVISOR


@access.staff(SUPERVISOR)
@require_http_methods(["GET", "POST"])
def playlists(request: HttpRequest) -> HttpResponse:
    """All playlists, and the form that adds one."""
    form = PlaylistForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect("signage:playlist", form.save().pk)
    rows = Playlist.objects.annotate(
        count=Count("items", distinct=True), rules_count=Count("rules", distinct=True)
    )
    lengths = dict(PlaylistItem.objects.values_list("playlist").annotate(total=Sum("duration_ms")))
    listed = [{"playlist": row, "seconds": lengths.get(row.pk, 0) / 1000} for row in rows]
    context = {"rows": listed, "form": form}
    return render(request, "signage/playlists.html", context, status=422 if form.errors else 200)


def _context(playlist: Playlist) -> dict[str, object]:
    site, now = Site.objects.current(), timezone.now()
    items = list(
        playlist.items.select_related("media", "product", "product__department").order_by("position")
    )
    products = [item.product_id for item in items if item.product_id]
    prices = catalogue.find_by_ids(products, at=now)
    held = holds.active_holds(products)
    rows = [
        {
            "item": item,
            "thumb": thumb_of(item, prices, site),
            "seconds": item.duration_ms / 1000,
            "hold": held.get(item.product_id),
        }
        for item in items
    ]
    total = sum(item.duration_ms for item in items) / 1000
    return {"playlist": playlist, "rows": rows, "total": total}


def _items(request: HttpRequest, playlist: Playlist, *, focus: str = "") -> HttpResponse:
    return render(request, "signage/playlist.html#items", _context(playlist) | {"focus": focus})


@access.staff(SUPERVISOR)
@require_GET
def playlist(request: HttpRequest, pk: int) -> HttpResponse:
    """The editor of one playlist."""
    found = get_object_or_404(Playlist, pk=pk)
    library_media = Media.objects.exclude(template=Media.Template.PRICE)
    context = _context(found) | {"library": library_media, "message_form": MessageForm()}
    return render(request, "signage/playlist.html", context)


@access.staff(SUPERVISOR)
@require_POST
def item_move(request: HttpRequest, pk: int, direction: str) -> HttpResponse:
    """Move an item up or down; the focus stays on its button."""
    item = get_object_or_404(PlaylistItem.objects.select_related("playlist"), pk=pk)
    editing.move_item(item=item, step=-1 if direction == "up" else 1)
    return _items(request, item.playlist, focus=f"item-{pk}-{direction}")


@access.staff(SUPERVISOR)
@require_POST
def item_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an item out."""
    item = get_object_or_404(PlaylistItem.objects.select_related("playlist"), pk=pk)
    editing.remove_item(item=item)
    return _items(request, item.playlist)


@access.staff(SUPERVISOR)
@require_POST
def item_duration(request: HttpRequest, pk: int) -> HttpResponse:
    """Change how long an item shows; what is out of range leaves it as it was."""
    item = get_object_or_404(PlaylistItem.objects.select_related("playlist"), pk=pk)
    form = DurationForm(request.POST)
    if form.is_valid():
        editing.set_duration(item=item, duration_ms=int(form.cleaned_data["seconds"] * 1000))
        return _items(request, item.playlist, focus=f"item-{pk}-seconds")
    context = _context(item.playlist) | {
        "focus": f"item-{pk}-seconds",
        "wrong": pk,
        "wrong_text": form.errors["seconds"][0],
    }
    return render(request, "signage/playlist.html#items", context, status=422)


@access.staff(SUPERVISOR)
@require_POST
def item_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a piece of content, or a product with its price."""
    found = get_object_or_404(Playlist, pk=pk)
    form = ItemForm(request.POST)
    form.is_valid()
    if form.cleaned_data.get("product"):
        product = get_object_or_404(Product, pk=form.cleaned_data["product"], is_active=True)
        editing.add_product(playlist=found, product=product, now=timezone.now())
    else:
        media = get_object_or_404(Media, pk=form.cleaned_data.get("media") or 0)
        editing.add_item(playlist=found, media=media)
    return _items(request, found)


@access.staff(SUPERVISOR)
@require_POST
def message_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a message and add it."""
    found = get_object_or_404(Playlist, pk=pk)
    form = MessageForm(request.POST)
    if not form.is_valid():
        context = _context(found) | {"library": Media.objects.all(), "message_form": form}
        return render(request, "signage/playlist.html", context, status=422)
    data = form.cleaned_data
    media = library.add_template(template="MESSAGE", title=data["headline"], data=data, now=timezone.now())
    editing.add_item(playlist=found, media=media)
    return redirect("signage:playlist", pk)


@access.staff(SUPERVISOR)
@require_GET
def product_search(request: HttpRequest, pk: int) -> HttpResponse:
    """Products that may be added, found by words."""
    products = products_for_picker(request.GET.get("q", "")[:60], now=timezone.now())
    context = {
        "products": products,
        "playlist": get_object_or_404(Playlist, pk=pk),
        "q": request.GET.get("q"),
    }
    return render(request, "signage/playlist.html#found", context)


@access.staff(SUPERVISOR)
@require_POST
def playlist_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a playlist that nothing uses."""
    found = get_object_or_404(Playlist, pk=pk)
    editing.delete_playlist(playlist=found, actor=request.user.username, now=timezone.now())
    messages.success(request, _("%(name)s is deleted.") % {"name": found.name})
    return redirect("signage:playlists")

"""The catalogue: list with search and filters, a product's page, price changes, export."""

from __future__ import annotations

import csv
import re
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_POST

from store import access
from store.domain import ean13
from store.forms import PriceForm
from store.models import Department, Site, Staff
from store.queries import assortment
from store.services import prices

HEADINGS = (
    "sku",
    "gtin",
    "name",
    "brand",
    "size",
    "department",
    "price",
    "unit",
    "tax",
    "on_hand",
    "place",
    "plu",
)
# A spreadsheet takes a cell that begins so for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


# The fourteen of Regulation (EU) 1169/2011, annex II.
ALLERGENS = {
    "celery": _lazy("celery"),
    "crustaceans": _lazy("crustaceans"),
    "eggs": _lazy("eggs"),
    "fish": _lazy("fish"),
    "gluten": _lazy("gluten"),
    "lupin": _lazy("lupin"),
    "milk": _lazy("milk"),
    "molluscs": _lazy("molluscs"),
    "mustard": _lazy("mustard"),
    "nuts": _lazy("nuts"),
    "peanuts": _lazy("peanuts"),
    "sesame": _lazy("sesame"),
    "soya": _lazy("soya"),
    "sulphites": _lazy("sulphites"),
}


def _wanted(request: HttpRequest) -> assortment.Wanted:
    asked = request.GET
    return assortment.Wanted(
        text=asked.get("q", ""),
        department=asked.get("department", ""),
        only=asked.get("only", ""),
        sort=asked.get("sort", "name"),
        german=_german(),
    )


def _german() -> bool:
    return (get_language() or "").startswith("de")


@access.staff()
@require_GET
def catalogue(request: HttpRequest) -> HttpResponse:
    """Products by search, department and state; htmx gets only the results."""
    wanted, at = _wanted(request), timezone.now()
    number = _page_number(request.GET.get("page", ""))
    found = assortment.list_products(wanted, at=at, page=number)
    page = Paginator(range(found.total), assortment.PAGE_SIZE).get_page(number)
    if page.number != number:
        found = assortment.list_products(wanted, at=at, page=page.number)
    context = {
        "rows": found.rows,
        "page": page,
        "wanted": wanted,
        "departments": Department.objects.all(),
        "german": wanted.german,
        "columns": _columns(wanted.sort),
        "chips": _chips(),
    }
    piece = "#results" if getattr(request, "htmx", False) else ""
    return render(request, f"store/catalogue.html{piece}", context)


def _page_number(text: str) -> int:
    return max(1, int(text)) if re.fullmatch("[0-9]{1,6}", text) else 1


def _chips() -> list[tuple[str, str]]:
    return [
        ("", _("All")),
        ("low", _("Running low")),
        ("held", _("Held")),
        ("planned", _("Price change planned")),
        ("weighed", _("Weighed")),
        ("age", _("Age limit")),
    ]


def _columns(sort: str) -> list[dict[str, object]]:
    """The headings that sort, with the order a click on each gives."""
    headings = (("name", _("Product"), False), ("price", _("Price"), True), ("stock", _("On hand"), True))
    return [
        {
            "label": label,
            "number": is_number,
            "next": f"-{key}" if sort == key else key,
            "order": {key: "ascending", f"-{key}": "descending"}.get(sort, ""),
        }
        for key, label, is_number in headings
    ]


@access.staff()
@require_GET
def product(request: HttpRequest, sku: str) -> HttpResponse:
    """A product with its prices over time, stock, place, codes and holds."""
    return _product(request, sku, PriceForm())


@access.staff(Staff.Role.MANAGER)
@require_POST
def price_change(request: HttpRequest, sku: str) -> HttpResponse:
    """Plan a new price; the answer is the product's page with the new ledger."""
    site = Site.objects.current()
    with timezone.override(ZoneInfo(site.timezone)):
        form = PriceForm(request.POST, exponent=site.currency_exponent)
        if form.is_valid():
            try:
                _change(request, sku, form)
            except prices.PriceRefusedError as error:
                form.add_error(error.field, str(error))
    return _product(request, sku, form if form.errors else PriceForm(), changed=not form.errors)


def _change(request: HttpRequest, sku: str, form: PriceForm) -> None:
    page = _page_or_404(sku)
    prices.change_price(
        product=page.product,
        price_minor=form.cleaned_data["price"],
        starts_at=form.cleaned_data["starts_at"] or timezone.now(),
        actor=request.user.username,
    )


def _page_or_404(sku: str) -> assortment.ProductPage:
    page = assortment.product_page(sku, at=timezone.now())
    if page is None:
        raise Http404
    return page


def _product(request: HttpRequest, sku: str, form: PriceForm, *, changed: bool = False) -> HttpResponse:
    page = _page_or_404(sku)
    context = {
        "page": page,
        "product": page.product,
        "form": form,
        "changed": changed,
        "german": _german(),
        "allergens": [ALLERGENS.get(name, name) for name in page.product.allergens],
        "may_price": isinstance(request.user, Staff) and request.user.has_role(Staff.Role.MANAGER),
        "now": timezone.now(),
        "bars": [(gtin, ean13.draw(gtin.gtin14)) for gtin in page.gtins],
    }
    piece = "#prices" if getattr(request, "htmx", False) and request.method == "POST" else ""
    status = 422 if form.errors else 200
    return render(request, f"store/catalogue_product.html{piece}", context, status=status)


@access.staff()
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The products that the list shows, all of them, as a CSV file."""
    at = timezone.now()
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="catalogue-{at:%Y-%m-%d}.csv"'
    writer = csv.writer(answer)
    writer.writerow(HEADINGS)
    exponent = Site.objects.current().currency_exponent
    for row in assortment.every_product(_wanted(request), at=at):
        writer.writerow([_cell(value) for value in _export_row(row, exponent)])
    return answer


def _export_row(row: assortment.ProductRow, exponent: int) -> tuple[object, ...]:
    price = "" if row.price_minor is None else f"{row.price_minor / 10**exponent:.{exponent}f}"
    return (
        row.sku,
        row.gtin14,
        row.name,
        row.brand,
        row.size_label,
        row.department,
        price,
        row.unit,
        row.tax_code,
        f"{row.on_hand:f}",
        row.place,
        row.plu,
    )


def _cell(value: object) -> str:
    text = str(value)
    is_number = text.lstrip("-").replace(".", "", 1).isdecimal()
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not is_number else text


urlpatterns = [
    path("", catalogue, name="catalogue"),
    path("export.csv", export, name="catalogue_export"),
    path("<slug:sku>/", product, name="catalogue_product"),
    path("<slug:sku>/price/", price_change, name="catalogue_price"),
]

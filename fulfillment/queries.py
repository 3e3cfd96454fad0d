"""Reads of orders across rows, as values for pages and the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Prefetch, Q, QuerySet

from fulfillment.domain import sla, walk
from fulfillment.domain.sla import Urgency
from fulfillment.domain.walk import Stop
from fulfillment.models import Order, OrderLine, OrderLogEntry, PickWork, Tote
from store.models import Location
from store.queries import holds
from store.queries.holds import HoldInfo

WAITING = ("RECEIVED", "RESERVED", "RELEASED", "HELD")
UNDER_HANDS = ("PICKING", "PICKED", "STAGED", "CANCEL_PENDING", "RESTOWING")
READY = ("READY", "ARRIVED")
NOW = "NOW"
OPEN = WAITING + UNDER_HANDS + READY
SORTS = {"due": ("due_at", "pk"), "lines": ("-line_count", "due_at", "pk"), "number": ("number", "pk")}


@dataclass(frozen=True, kw_only=True)
class Card:
    """One order on a board."""

    id: int
    number: str
    customer: str
    state: str
    state_label: str
    due_at: datetime
    lines: int
    open_lines: int
    zones: tuple[str, ...]
    picker: str
    picker_id: int | None
    places: tuple[tuple[str, str, str], ...]
    urgency: str
    seconds_left: int
    arrived_at: datetime | None
    bay: str

    @property
    def done(self) -> int:
        """Lines with nothing left to pick."""
        return self.lines - self.open_lines

    @property
    def mark(self) -> str:
        """How the board shows the urgency: LATE only when the promised time has passed, NOW from the latest
        start on, else SOON or CALM."""
        if self.urgency != Urgency.LATE.value:
            return self.urgency
        return Urgency.LATE.value if self.seconds_left < 0 else NOW


@dataclass(frozen=True, kw_only=True)
class Board:
    """The pick board: four columns."""

    new: Sequence[Card]
    picking: Sequence[Card]
    ready: Sequence[Card]
    urgent: Sequence[Card]

    @property
    def late(self) -> bool:
        """Whether the promised time of any order has passed."""
        return any(card.mark == Urgency.LATE.value for card in self.urgent)

    @property
    def total(self) -> int:
        """All cards."""
        return len(self.new) + len(self.picking) + len(self.ready) + len(self.urgent)


def cards(
    *, states: Sequence[str], search: str = "", sort: str = "due", now: datetime, limit: int = 200
) -> list[Card]:
    """Orders in some states: two queries."""
    rows = _rows().filter(state__in=states)
    if search:
        rows = rows.filter(Q(number__icontains=search) | Q(customer_name__icontains=search))
    return [_card(row, now) for row in rows.order_by(*SORTS.get(sort, SORTS["due"]))[:limit]]


def _rows() -> QuerySet[Order]:
    return (
        Order.objects.select_related("work__picker")
        .prefetch_related(Prefetch("totes", Tote.objects.select_related("bin").order_by("code")))
        .annotate(
            line_count=Count("lines"),
            open_count=Count("lines", filter=Q(lines__open__gt=0)),
            zones=ArrayAgg("lines__product__storage_zone", distinct=True, default=[]),
        )
    )


def _card(row: Order, now: datetime) -> Card:
    work = getattr(row, "work", None)
    is_ready = row.state in READY
    slack = sla.slack(due_at=row.due_at, open_lines=row.open_count, is_ready=is_ready, now=now)
    return Card(
        id=row.pk,
        number=row.number,
        customer=row.customer_name,
        state=row.state,
        state_label=str(row.get_state_display()),
        due_at=row.due_at,
        lines=row.line_count,
        open_lines=row.open_count,
        zones=tuple(sorted(zone for zone in row.zones if zone)),
        picker=work.picker.display_name if work and work.picker and work.state == "CLAIMED" else "",
        picker_id=work.picker_id if work and work.state == "CLAIMED" else None,
        places=tuple(
            (tote.letter, tote.colour, tote.bin.code if tote.bin else "") for tote in row.totes.all()
        ),
        urgency=slack.urgency.value,
        seconds_left=int((row.due_at - now).total_seconds()),
        arrived_at=row.arrived_at,
        bay=row.bay,
    )


def board(*, search: str = "", sort: str = "due", now: datetime) -> Board:
    """Everything under way, in columns; what is past its latest start stands in its own, first due first."""
    found = cards(states=OPEN, search=search, sort=sort, now=now)
    urgent = [card for card in found if card.urgency == Urgency.LATE.value]
    calm = [card for card in found if card.urgency != Urgency.LATE.value]
    return Board(
        new=[card for card in calm if card.state in WAITING],
        picking=[card for card in calm if card.state in UNDER_HANDS],
        ready=[card for card in calm if card.state in READY],
        urgent=urgent,
    )


@dataclass(frozen=True, kw_only=True)
class PickStep:
    """The line a picker stands in front of."""

    line_id: int
    sku: str
    name: str
    name_de: str
    size_label: str
    picture: str
    zone: str
    aisle: str
    place: str
    ordered: Decimal
    picked: Decimal
    open: Decimal
    is_weighed: bool
    substitution: str
    held: str
    tote_letter: str
    tote_colour: str
    position: int
    total: int


def pick_steps(order: Order) -> list[PickStep]:
    """The open lines of an order in walking order: four queries."""
    lines = list(order.lines.select_related("product").prefetch_related("product__places__location"))
    held = holds.active_holds([line.product_id for line in lines])
    totes = {tote.zone: tote for tote in order.totes.all()}
    places = {line.pk: _place(line) for line in lines}
    by_id = {line.pk: line for line in lines}
    stops = [
        Stop(
            line_id=line.pk,
            zone=line.product.storage_zone,
            walk_order=place.walk_order if (place := places[line.pk]) else None,
            location_code=place.code if place else "",
        )
        for line in lines
    ]
    route = walk.walk(stops)
    return [
        _step(
            by_id[stop.line_id],
            position=position,
            total=len(route),
            place=places[stop.line_id],
            held=held,
            totes=totes,
        )
        for position, stop in enumerate(route, 1)
        if by_id[stop.line_id].open
    ]


def _place(line: OrderLine) -> Location | None:
    found = sorted((place.location for place in line.product.places.all()), key=lambda one: one.walk_order)
    return found[0] if found else None


def _step(
    line: OrderLine,
    *,
    position: int,
    total: int,
    place: Location | None,
    held: Mapping[int, HoldInfo],
    totes: Mapping[str, Tote],
) -> PickStep:
    product = line.product
    tote = totes.get(product.storage_zone)
    hold = held.get(product.pk)
    return PickStep(
        line_id=line.pk,
        sku=product.sku,
        name=product.name,
        name_de=product.name_de,
        size_label=product.size_label,
        picture=product.picture,
        zone=product.storage_zone,
        aisle=place.aisle if place else "",
        place=f"{place.aisle}-{place.bay}-{place.shelf}" if place else "",
        ordered=line.ordered,
        picked=line.picked,
        open=line.open,
        is_weighed=product.is_weighed,
        substitution=str(line.get_substitution_display()),
        held=hold.reason if hold else "",
        tote_letter=tote.letter if tote else "",
        tote_colour=tote.colour if tote else "",
        position=position,
        total=total,
    )


def my_work(*, picker_id: int, now: datetime) -> PickWork | None:
    """The order a picker has in hand: one query."""
    return (
        PickWork.objects.select_related("order")
        .filter(picker_id=picker_id, state=PickWork.State.CLAIMED, lease_until__gte=now)
        .order_by("claimed_at")
        .first()
    )


def timeline(order: Order) -> list[OrderLogEntry]:
    """The log of an order, newest first: one query."""
    return list(order.log.select_related("order").order_by("-seq"))


@dataclass(frozen=True)
class Counts:
    """The numbers of the home page's tile."""

    waiting: int
    picking: int
    ready: int
    urgent: int
    late: int


def counts(*, now: datetime) -> Counts:
    """Orders by what is done with them; `urgent` and `late` are among them, by the board's own rule."""
    found = board(now=now)
    late = sum(1 for card in found.urgent if card.seconds_left < 0)
    return Counts(
        waiting=len(found.new) + sum(1 for card in found.urgent if card.state in WAITING),
        picking=len(found.picking) + sum(1 for card in found.urgent if card.state in UNDER_HANDS),
        ready=len(found.ready),
        urgent=len(found.urgent) - late,
        late=late,
    )

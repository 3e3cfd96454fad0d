"""The basket of a till: each command goes through the pure reducer and into the log."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from pos.domain.cart import Cart, canonical, from_data, state_hash, to_data
from pos.domain.commands import (
    Command,
    ConfirmAge,
    Context,
    LineDiscount,
    OrderDiscount,
    RefuseAge,
    RefusedError,
    Scan,
    VoidLine,
    command_data,
    command_kind,
    make_command,
)
from pos.domain.reducer import apply
from pos.domain.totals import Totals, price
from pos.errors import NoShiftError, NotSignedInError, StaleCartError, from_barcode, from_refusal
from pos.models import Cart as CartRow
from pos.models import JournalRecord
from pos.queries.tills import Person, Till, as_json, rules
from pos.services import items, journal
from store import ids, live
from store.domain.barcode import BarcodeError
from store.models import Site

Kind = JournalRecord.Kind
JOURNALED: dict[type[Command], str] = {
    VoidLine: Kind.LINE_VOIDED,
    LineDiscount: Kind.DISCOUNT,
    OrderDiscount: Kind.DISCOUNT,
    ConfirmAge: Kind.AGE_CONFIRMED,
    RefuseAge: Kind.AGE_REFUSED,
}
SCAN_FIELDS = {"code", "quantity", "grams"}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A basket after a command, priced."""

    cart: Cart
    totals: Totals
    is_replay: bool = False

    @cached_property
    def state(self) -> bytes:
        """The basket's canonical JSON."""
        return canonical(to_data(self.cart))

    @cached_property
    def state_hash(self) -> str:
        """Hash of the basket's whole state."""
        return hashlib.sha256(self.state).hexdigest()


def append_command(
    *,
    till: Till,
    kind: str,
    command_id: UUID,
    data: Mapping[str, Any],
    version: int | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Apply one command to the till's basket and append it to the log.

    The same command id changes nothing and answers with the basket as it is. With `version`, the basket must
    still be at it.

    Raises:
        NotSignedInError, NoShiftError, StaleCartError, CommandRefusedError.
    """
    moment = now or timezone.now()
    person, shift_id = require_open(till)
    site = Site.objects.current()
    try:
        command, context = _prepare(kind, str(command_id), data, site, moment)
        with transaction.atomic():
            cart = _lock(till.device_id, shift_id, moment)
            if str(command_id) in cart.applied:
                return Outcome(cart=cart, totals=price(cart, context.rules), is_replay=True)
            if version is not None and version != cart.version:
                raise StaleCartError
            changed = apply(cart, command, context)
            outcome = Outcome(cart=changed, totals=price(changed, context.rules))
            _write(till, person, outcome, command=command, context=context, now=moment)
            _journal(till, person, cart, command, moment)
    except BarcodeError as error:
        raise from_barcode(error) from error
    except RefusedError as refused:
        _journal_refusal(till, person, refused, moment)
        raise from_refusal(refused) from refused
    return outcome


def abandon(*, till: Till, now: datetime | None = None) -> None:
    """Cancel the sale: the basket is put away as abandoned, its log stays.

    Raises NotSignedInError, NoShiftError.
    """
    moment = now or timezone.now()
    person, _ = require_open(till)
    with transaction.atomic():
        row = (
            CartRow.objects.select_for_update()
            .filter(device_id=till.device_id, status=CartRow.Status.OPEN)
            .first()
        )
        if row is None:
            return
        CartRow.objects.filter(pk=row.pk).update(status=CartRow.Status.ABANDONED, updated_at=moment)
        cart = from_data(Cart, row.state)
        data = {"cart": cart.id, "lines": len(cart.active_lines), "cart_hash": row.state_hash}
        _append(till, person, Kind.CART_ABANDONED, data, moment)
    live.nudge(f"till:{till.code}")


def require_open(till: Till) -> tuple[Person, int]:
    """The person at an open till and its shift. Raises NotSignedInError, NoShiftError."""
    if till.person is None:
        raise NotSignedInError
    if till.shift_id is None:
        raise NoShiftError
    return till.person, till.shift_id


def _prepare(
    kind: str, command_id: str, data: Mapping[str, Any], site: Site, now: datetime
) -> tuple[Command, Context]:
    """The command with everything it needs to know; price, tax and label data never come from the client."""
    if kind != "scan":
        return make_command(kind, command_id, data), Context(rules=rules(site))
    unknown = set(data) - SCAN_FIELDS
    if unknown:
        raise RefusedError("bad_command", detail=", ".join(sorted(unknown)))
    command = make_command(kind, command_id, data)
    if not isinstance(command, Scan):
        raise RefusedError("bad_command", detail=kind)
    found = items.find(command.code, site=site, at=now)
    label = found.label
    if label is not None:
        command = replace(
            command,
            quantity=command.quantity * (label.count or found.pack_quantity),
            grams=label.weight_grams if label.weight_grams is not None else command.grams,
            label_price_minor=label.price_minor,
            measured_by=found.measured_by,
            lot=label.lot,
        )
    return command, Context(rules=rules(site), item=found.item, hold_reason=found.hold_reason)


_LOCK = "select state from pos_cart where device_id = %s and status = 'OPEN' for update"
_START = """
insert into pos_cart (id, device_id, shift_id, status, version, state, state_hash, created_at, updated_at)
values (%(id)s, %(device)s, %(shift)s, 'OPEN', 0, %(state)s::jsonb, %(hash)s, %(now)s, %(now)s)
on conflict (device_id) where status = 'OPEN' do nothing
"""


def _lock(device_id: int, shift_id: int, now: datetime) -> Cart:
    """The till's open basket under its row lock, a new one when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [device_id])
        row = cursor.fetchone()
        if row is None:
            fresh = Cart(id=str(ids.uuid7()))
            cursor.execute(
                _START,
                {
                    "id": fresh.id,
                    "device": device_id,
                    "shift": shift_id,
                    "state": json.dumps(to_data(fresh)),
                    "hash": state_hash(fresh),
                    "now": now,
                },
            )
            cursor.execute(_LOCK, [device_id])
            row = cursor.fetchone()
    return from_data(Cart, as_json(row[0]))


_WRITE = """
with logged as (
    insert into pos_cartcommand (cart_id, number, command_id, kind, data, context, state_hash, staff_id, at)
    values (%(cart)s, %(version)s, %(command)s, %(kind)s, %(data)s::jsonb, %(context)s::jsonb, %(hash)s,
    %(staff)s, %(now)s)
), awake as (
    update pos_tillsession set seen_at = %(now)s where device_id = %(device)s
)
update pos_cart set version = %(version)s, state = %(state)s::jsonb, state_hash = %(hash)s, updated_at =
%(now)s
where id = %(cart)s
"""


def _write(
    till: Till, person: Person, outcome: Outcome, *, command: Command, context: Context, now: datetime
) -> None:
    cart = outcome.cart
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            {
                "cart": cart.id,
                "version": cart.version,
                "command": command.id,
                "kind": command_kind(command),
                "data": json.dumps(command_data(command)),
                "context": json.dumps(to_data(context)),
                "hash": outcome.state_hash,
                "staff": person.id,
                "device": till.device_id,
                "state": outcome.state.decode(),
                "now": now,
            },
        )


def _journal(till: Till, person: Person, before: Cart, command: Command, now: datetime) -> None:
    kind = JOURNALED.get(type(command))
    if kind is None:
        return
    data = {"cart": before.id, **command_data(command)}
    line = before.line(data.get("line", ""))
    if line is not None:
        data |= {"sku": line.item.sku, "quantity": to_data(line.quantity)}
    _append(till, person, kind, data, now)


def _journal_refusal(till: Till, person: Person, refused: RefusedError, now: datetime) -> None:
    if refused.code not in ("on_hold", "expired"):
        return
    with transaction.atomic():
        _append(till, person, Kind.HOLD_REFUSED, {"code": refused.code, **refused.details}, now)


def _append(till: Till, person: Person, kind: str, data: dict[str, Any], now: datetime) -> None:
    journal.append(
        device_id=till.device_id, terminal=till.code, kind=kind, staff=person.username, data=data, at=now
    )

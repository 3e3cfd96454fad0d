"""What the till refuses, in words for the cashier; the domain's codes become these."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pos.domain.commands import RefusedError
from store.domain.barcode import BarcodeError
from store.errors import AisleError


class CommandRefusedError(AisleError):
    """A command the cart did not take; the cart is as it was."""

    code = "refused"
    status = 422


class NotSignedInError(AisleError):
    code = "not_signed_in"
    message = _("Sign in with your PIN first.")
    status = 403


class NoShiftError(AisleError):
    code = "shift_closed"
    message = _("This till is closed. Open it with a float first.")
    status = 409


class StaleCartError(AisleError):
    code = "stale_cart"
    message = _("The basket changed in the meantime. It is shown as it is now.")
    status = 409
    retry = True


class CartClosedError(AisleError):
    code = "cart_closed"
    message = _("This sale is finished already.")
    status = 409


class NotPaidError(AisleError):
    code = "not_paid"
    message = _("There is still something to pay.")
    status = 422


MESSAGES: dict[str, str | Promise] = {
    "bad_command": _("The till did not understand this: %(detail)s"),
    "unknown_code": _("No article with the code %(scanned)s"),
    "no_price": _("%(name)s has no price. Ask a supervisor."),
    "on_hold": _("%(name)s must not be sold: %(reason)s"),
    "expired": _("%(name)s is past its date (%(date)s)."),
    "weight_needed": _("Weigh %(name)s first."),
    "weight_too_small": _("A weight is at least 1 g."),
    "weight_too_large": _("A weight is at most %(maximum)s kg."),
    "quantity_too_small": _("A quantity is at least 1. Use Remove to take a line off."),
    "quantity_too_large": _("A quantity is at most %(maximum)s."),
    "quantity_is_weight": _("%(name)s is sold by weight."),
    "not_weighed": _("%(name)s was not weighed here."),
    "too_many_lines": _("A receipt has at most %(maximum)s lines."),
    "bad_price": _("The price on this label cannot be used."),
    "no_such_line": _("This line is not on the receipt any more."),
    "discount_too_small": _("A discount is more than nothing."),
    "discount_too_large": _("A discount cannot be more than what is left to pay."),
    "no_such_discount": _("This discount is not there any more."),
    "cart_empty": _("Nothing has been scanned yet."),
    "age_check_needed": _("Check the customer's age first: %(age)s years."),
    "tender_too_small": _("Enter an amount first."),
    "tender_too_large": _("This is more cash than a till takes at once."),
    "already_paid": _("Everything is paid already."),
    "no_such_tender": _("This payment is not there any more."),
    "check_digit": _("The code %(scanned)s was misread. Scan again."),
    "measure_check_digit": _("The weight in the code %(scanned)s was misread. Scan again."),
    "bad_barcode": _("No article with the code %(scanned)s"),
}


def from_refusal(refused: RefusedError) -> CommandRefusedError:
    """The error to show for a domain refusal."""
    return _error(refused.code, refused.details)


def from_barcode(error: BarcodeError) -> CommandRefusedError:
    """The error to show for a scan that is no article number."""
    code = error.code if error.code in ("check_digit", "measure_check_digit") else "bad_barcode"
    return _error(code, {"scanned": error.scan.strip()[:40]})


def _error(code: str, details: dict[str, Any]) -> CommandRefusedError:
    message = str(MESSAGES.get(code, _("The till refused this.")))
    error = CommandRefusedError(message % details if details else message, **details)
    error.code = code
    return error

"""The rules' refusals as errors for people: every code has its sentence."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fulfillment.domain.refusal import RefusedError
from store.errors import AisleError

MESSAGES: Mapping[str, str | Promise] = {
    "wrong_item": _("Wrong product. Put it back and scan the one on the list."),
    "over_pick": _("Too many: only %(open)s more are wanted."),
    "nothing_open": _("Nothing of this line is left to pick."),
    "quantity_invalid": _("That is not a quantity one can pick."),
    "product_held": _("Do not take this product: %(reason)s"),
    "weight_missing": _("Scan the label with the weight."),
    "weight_off": _("%(kilograms)s kg instead of %(open)s kg. Take it all the same?"),
    "weight_refused": _("%(kilograms)s kg is too far from the %(open)s kg that were ordered."),
    "unreadable": _("This code cannot be read. Scan it again."),
    "not_yours": _("Somebody else picks this order now."),
    "order_stopped": _("STOP. The customer cancelled this order. Put the goods back."),
    "illegal_move": _("This order cannot do that now (%(from)s → %(to)s)."),
    "not_picked_yet": _("This order is not completely picked yet."),
    "unknown_bin": _("There is no bin with this code."),
    "unknown_tote": _("This box does not belong to the order."),
    "wrong_zone": _("Wrong place: %(tote)s goods do not belong into a bin for %(bin)s goods."),
    "no_tote": _("No free box for %(zone)s goods. Free one at the collection desk."),
    "bin_in_alarm": _("Do not put anything here: %(reason)s"),
    "code_wrong": _("Wrong code. %(left)s tries left."),
    "code_locked": _("Too many wrong codes. A supervisor has to check this order."),
    "code_malformed": _("The code has %(digits)s digits."),
    "already_collected": _("This order was already collected."),
    "already_cancelled": _("This order was already cancelled."),
    "not_ready": _("This order is not ready yet."),
}


class FulfillmentError(AisleError):
    """A refusal of the rules; `code` is the rule's, `data` its parameters."""

    status = 409

    def __init__(
        self, code: str, params: Mapping[str, object] | None = None, *, field: str | None = None
    ) -> None:
        self.code = code
        self.params = dict(params or {})
        shown = {key: _plain(value) for key, value in self.params.items()}
        super().__init__(str(MESSAGES[code]) % shown, field=field, **shown)

    @classmethod
    def of(cls, refusal: RefusedError, *, field: str | None = None) -> FulfillmentError:
        """The error of a rule's refusal."""
        return cls(refusal.code, refusal.params, field=field)


def _plain(value: object) -> str:
    """A Decimal without trailing zeros, anything else as it is."""
    text = str(value)
    if "." in text and text.replace(".", "", 1).replace("-", "", 1).isdigit():
        return text.rstrip("0").rstrip(".")
    return text

"""Every sentence the till's script shows."""

from __future__ import annotations

from django.utils.translation import gettext as _


def till_texts() -> dict[str, str]:
    """The texts of pos/static/pos/*.js by key; `{name}` marks a place the script fills."""
    return {
        "till.waiting": _("{count} scans waiting for the server"),
        "till.dismiss": _("Dismiss"),
        "till.search": _("Search"),
        "till.removed": _("{name} removed"),
        "till.undo": _("Undo"),
        "till.quantity": _("Quantity of {name}"),
        "till.weight": _("Weight of {name} in grams"),
        "till.discount": _("Discount on {name}"),
        "till.orderDiscount": _("Discount on the whole receipt"),
        "till.percent": _("Percent"),
        "till.amount": _("Amount"),
        "till.grams": _("g"),
        "till.pieces": _("pieces"),
        "till.nothing": _("Select a line first."),
        "till.empty": _("Nothing has been scanned yet."),
        "till.times": _("{count} × the next scan"),
        "till.cancel": _("Cancel this sale?"),
        "till.cancelText": _("{count} lines worth {amount} are put away. The journal keeps them."),
        "till.cancelDo": _("Cancel the sale"),
        "till.keep": _("Keep selling"),
        "till.notSent": _("The store server does not answer. Trying again; nothing is lost."),
        "till.keySearch": _("Search products"),
        "till.keyQuantity": _("Quantity of the selected line"),
        "till.keyDiscount": _("Discount on the selected line"),
        "till.keyPay": _("Pay"),
        "till.keyBack": _("One step back"),
        "till.keyRemove": _("Remove the selected line"),
        "till.keyCash": _("Exact cash"),
        "till.keyUp": _("Line above"),
        "till.keyDown": _("Line below"),
        "till.keyLatest": _("Last receipts"),
        "till.group": _("Till"),
        "till.groupPay": _("Payment"),
        "till.scanSignIn": _("Sign in first, then scan."),
    }

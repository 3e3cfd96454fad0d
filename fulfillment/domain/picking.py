"""What a scan on the shelf means: the right product, never too much, the right weight."""

from dataclasses import dataclass
from decimal import Decimal

from fulfillment.domain.refusal import RefusedError

SOFT_TOLERANCE = Decimal("0.10")
HARD_TOLERANCE = Decimal("0.25")
MAX_KG = Decimal("99.999")


@dataclass(frozen=True, kw_only=True)
class PickTarget:
    """The line a picker stands in front of.

    `codes` maps every GTIN-14 (or PLU) of the product to the pieces in it; `hold_reason` is set while the
    product must
    not leave its place (a freezer in alarm, a recall).
    """

    codes: dict[str, int]
    open: Decimal
    is_weighed: bool
    hold_reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ScannedItem:
    """One scan, already taken apart by `store.domain.barcode`; `kilograms` when the code carries a weight."""

    code: str
    kilograms: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Pick:
    """An accepted scan: `quantity` counts towards the order, `kilograms` is what really lies in the tote."""

    quantity: Decimal
    kilograms: Decimal | None = None


def judge_scan(
    target: PickTarget, item: ScannedItem, *, quantity: Decimal, is_weight_confirmed: bool = False
) -> Pick:
    """Accept or refuse one scan.

    Order of the checks: product hold, wrong item, weight, too much. Raises RefusedError `product_held`,
    `wrong_item`,
    `weight_missing`, `weight_off` (between 10 % and 25 %: may be confirmed), `weight_refused` (beyond),
    `over_pick`.
    """
    if target.hold_reason:
        raise RefusedError("product_held", {"reason": target.hold_reason})
    pieces = target.codes.get(item.code)
    if pieces is None:
        raise RefusedError("wrong_item", {"code": item.code})
    if target.open <= 0:
        raise RefusedError("nothing_open")
    if target.is_weighed:
        return _weighed(target, item, is_weight_confirmed=is_weight_confirmed)
    if quantity <= 0 or quantity != quantity.to_integral_value():
        raise RefusedError("quantity_invalid")
    total = quantity * pieces
    if total > target.open:
        raise RefusedError("over_pick", {"open": target.open, "quantity": total})
    return Pick(quantity=total)


def _weighed(target: PickTarget, item: ScannedItem, *, is_weight_confirmed: bool) -> Pick:
    """One weighed pack fulfils what is open; the difference is settled by weight, not by a second pack."""
    if item.kilograms is None or not Decimal(0) < item.kilograms <= MAX_KG:
        raise RefusedError("weight_missing")
    off = abs(item.kilograms - target.open) / target.open
    params: dict[str, object] = {"open": target.open, "kilograms": item.kilograms}
    if off > HARD_TOLERANCE:
        raise RefusedError("weight_refused", params)
    if off > SOFT_TOLERANCE and not is_weight_confirmed:
        raise RefusedError("weight_off", params)
    return Pick(quantity=target.open, kilograms=item.kilograms)

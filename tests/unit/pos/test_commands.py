"""The reducer: what each command does and what it refuses."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.cart import (
    Cart,
    Discount,
    DiscountKind,
    Item,
    MeasuredBy,
    TenderKind,
    from_data,
    state_hash,
    to_data,
)
from pos.domain.cash import CashProfile
from pos.domain.commands import (
    KINDS,
    AddTender,
    Command,
    ConfirmAge,
    Context,
    LineDiscount,
    OrderDiscount,
    RefuseAge,
    RefusedError,
    RemoveDiscount,
    RemoveTender,
    RestoreLine,
    Scan,
    SetCustomer,
    SetNote,
    SetQuantity,
    VoidLine,
    Weigh,
    command_data,
    command_kind,
    make_command,
)
from pos.domain.money import Rounding, Tax
from pos.domain.reducer import apply
from pos.domain.totals import Rules, discounted, price

TAX = (Tax(code="A", rate=Decimal(19)),)
MILK = Item(
    product_id=1, sku="MILK", name="Milk", unit_price_minor=119, price_version=1, taxes=TAX, tax_code="A"
)
BREAD = replace(MILK, product_id=2, sku="BREAD", name="Bread", unit_price_minor=250)
CHEESE = replace(
    MILK, product_id=3, sku="CHEESE", name="Cheese", unit_price_minor=1299, is_weighed=True, unit="kg"
)
WINE = replace(MILK, product_id=4, sku="WINE", name="Wine", unit_price_minor=599, min_age=16)
SPIRIT = replace(MILK, product_id=5, sku="GIN", name="Gin", unit_price_minor=1599, min_age=18)
EMPTY = Cart(id="c1")


def run(*steps: tuple[Command, Item | None], cart: Cart = EMPTY, rules: Rules | None = None) -> Cart:
    for command, item in steps:
        cart = apply(cart, command, Context(item=item, rules=rules or Rules()))
    return cart


def scan(identifier: str, item: Item, **fields: object) -> tuple[Command, Item]:
    return Scan(id=identifier, code=item.sku, **fields), item  # type: ignore[arg-type]


def refusal(cart: Cart, command: Command, item: Item | None = None, **context: object) -> RefusedError:
    before = state_hash(cart)
    with pytest.raises(RefusedError) as caught:
        apply(cart, command, Context(item=item, **context))  # type: ignore[arg-type]
    assert state_hash(cart) == before
    return caught.value


def test_scan_adds_a_line_and_the_same_article_counts_up() -> None:
    cart = run(scan("1", MILK), scan("2", BREAD), scan("3", MILK, quantity=3))
    assert [(line.item.sku, line.quantity) for line in cart.lines] == [("MILK", 4), ("BREAD", 1)]
    assert cart.last_line == "1"
    assert cart.version == 3
    assert price(cart, Rules()).total_minor == 4 * 119 + 250


def test_scan_at_another_price_is_another_line() -> None:
    cart = run(scan("1", MILK), scan("2", replace(MILK, unit_price_minor=99, price_version=2)))
    assert [line.item.unit_price_minor for line in cart.lines] == [119, 99]


def test_scan_of_a_discounted_line_starts_a_new_line() -> None:
    cart = run(
        scan("1", MILK),
        (LineDiscount(id="2", line="1", kind=DiscountKind.PERCENT, value=Decimal(10)), None),
        scan("3", MILK),
    )
    assert len(cart.lines) == 2


def test_a_command_applies_once() -> None:
    once = run(scan("1", MILK))
    assert run(scan("1", MILK), cart=once) is once


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"quantity": 0}, "quantity_too_small"),
        ({"quantity": -1}, "quantity_too_small"),
        ({"quantity": 1000}, "quantity_too_large"),
        ({"quantity": 2**31}, "quantity_too_large"),
    ],
)
def test_scan_refuses_quantities(fields: dict[str, int], code: str) -> None:
    assert refusal(EMPTY, Scan(id="1", code="x", **fields), MILK).code == code


def test_scan_refuses_an_unknown_code() -> None:
    refused = refusal(EMPTY, Scan(id="1", code="4711"))
    assert (refused.code, refused.details) == ("unknown_code", {"scanned": "4711"})


def test_scan_refuses_a_product_on_hold_with_the_reason() -> None:
    refused = refusal(EMPTY, Scan(id="1", code="MILK"), MILK, hold_reason="Freezer 1 too warm")
    assert (refused.code, refused.details["reason"]) == ("on_hold", "Freezer 1 too warm")


@pytest.mark.parametrize(
    ("grams", "code"),
    [
        (None, "weight_needed"),
        (0, "weight_too_small"),
        (-5, "weight_too_small"),
        (100_000, "weight_too_large"),
    ],
)
def test_weighed_goods_need_a_sensible_weight(grams: int | None, code: str) -> None:
    assert refusal(EMPTY, Scan(id="1", code="x", grams=grams), CHEESE).code == code


def test_weighed_goods_are_priced_by_weight_and_can_be_weighed_again() -> None:
    cart = run(scan("1", CHEESE, grams=250), scan("2", CHEESE, grams=1000))
    assert [line.measured_by for line in cart.lines] == [MeasuredBy.SCALE, MeasuredBy.SCALE]
    assert [row.full_minor for row in price(cart, Rules()).lines] == [325, 1299]
    again = run((Weigh(id="3", line="1", grams=500), None), cart=cart)
    assert price(again, Rules()).lines[0].full_minor == 650
    assert refusal(cart, SetQuantity(id="4", line="1", quantity=2)).code == "quantity_is_weight"


def test_label_price_is_the_price() -> None:
    cart = run(scan("1", CHEESE, label_price_minor=487, measured_by=MeasuredBy.LABEL))
    assert cart.lines[0].quantity == Decimal("0.375")
    assert price(cart, Rules()).total_minor == 487
    assert refusal(cart, Weigh(id="2", line="1", grams=5)).code == "not_weighed"


def test_set_quantity_void_and_restore() -> None:
    cart = run(scan("1", MILK), (SetQuantity(id="2", line="1", quantity=5), None))
    assert price(cart, Rules()).total_minor == 595
    voided = run((VoidLine(id="3", line="1"), None), cart=cart)
    assert price(voided, Rules()).total_minor == 0
    assert voided.active_lines == ()
    assert refusal(voided, VoidLine(id="4", line="1")).code == "no_such_line"
    restored = run((RestoreLine(id="5", line="1"), None), cart=voided)
    assert price(restored, Rules()).total_minor == 595
    assert refusal(restored, RestoreLine(id="6", line="1")).code == "no_such_line"


def test_discounts_work_on_what_is_left() -> None:
    thousand = replace(MILK, unit_price_minor=1000)
    cart = run(
        scan("1", thousand),
        (LineDiscount(id="2", line="1", kind=DiscountKind.AMOUNT, value=Decimal(100)), None),
        (LineDiscount(id="3", line="1", kind=DiscountKind.PERCENT, value=Decimal(10)), None),
        (LineDiscount(id="4", line="1", kind=DiscountKind.PERCENT, value=Decimal(20)), None),
    )
    assert price(cart, Rules()).total_minor == 648
    left = [1000]
    for discount in cart.lines[0].discounts:
        left.append(discounted(left[-1], (discount,)))
    assert left == [1000, 900, 810, 648]
    fewer = run((RemoveDiscount(id="5", discount="3"), None), cart=cart)
    assert price(fewer, Rules()).total_minor == 720
    assert refusal(fewer, RemoveDiscount(id="6", discount="3")).code == "no_such_discount"


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        (DiscountKind.PERCENT, "0", "discount_too_small"),
        (DiscountKind.PERCENT, "-5", "discount_too_small"),
        (DiscountKind.PERCENT, "100.1", "discount_too_large"),
        (DiscountKind.AMOUNT, "120", "discount_too_large"),
        (DiscountKind.AMOUNT, "0.5", "discount_too_large"),
    ],
)
def test_discounts_refused(kind: DiscountKind, value: str, code: str) -> None:
    cart = run(scan("1", MILK))
    assert refusal(cart, LineDiscount(id="2", line="1", kind=kind, value=Decimal(value))).code == code
    assert refusal(cart, OrderDiscount(id="2", kind=kind, value=Decimal(value))).code == code


def test_order_discount_is_allocated_by_largest_remainder() -> None:
    items = [
        replace(MILK, product_id=i, unit_price_minor=price) for i, price in enumerate((106, 206, 306, 406))
    ]
    steps = [scan(str(i), item) for i, item in enumerate(items)]
    cart = run(*steps, (OrderDiscount(id="d", kind=DiscountKind.PERCENT, value=Decimal(10)), None))
    totals = price(cart, Rules())
    assert totals.total_minor == 1024 - 102
    assert [row.order_discount_minor for row in totals.lines] == [11, 21, 30, 40]
    for number, line in enumerate(cart.lines):
        cart = run(
            (LineDiscount(id=f"l{number}", line=line.id, kind=DiscountKind.PERCENT, value=Decimal(10)), None),
            cart=replace(cart, discounts=()),
        )
    assert price(cart, Rules()).total_minor == 1024 - 104


def test_age_is_asked_once_for_the_highest_age() -> None:
    cart = run(scan("1", WINE))
    assert cart.age_to_check == 16
    assert refusal(cart, AddTender(id="2", kind=TenderKind.CASH, amount_minor=600)).code == "age_check_needed"
    cart = run((ConfirmAge(id="3", age=16), None), scan("4", WINE), cart=cart)
    assert cart.age_to_check == 0
    assert run(scan("5", SPIRIT), cart=cart).age_to_check == 18


def test_refused_age_takes_off_only_what_was_not_confirmed() -> None:
    cart = run(
        scan("1", WINE),
        (ConfirmAge(id="2", age=16), None),
        scan("3", SPIRIT),
        scan("4", MILK),
        (RefuseAge(id="5"), None),
    )
    assert [line.item.sku for line in cart.active_lines] == ["WINE", "MILK"]
    assert cart.age_to_check == 0


def test_tender_and_change() -> None:
    cart = run(scan("1", MILK), (AddTender(id="2", kind=TenderKind.CASH, amount_minor=100), None))
    assert price(cart, Rules()).settlement.cash_due_minor == 19
    paid = run((AddTender(id="3", kind=TenderKind.CASH, amount_minor=50), None), cart=cart)
    settlement = price(paid, Rules()).settlement
    assert (settlement.change_minor, settlement.is_settled, settlement.total_minor) == (31, True, 119)
    assert refusal(paid, AddTender(id="4", kind=TenderKind.CASH, amount_minor=5)).code == "already_paid"
    back = run((RemoveTender(id="5", tender="3"), None), cart=paid)
    assert price(back, Rules()).settlement.remaining_minor == 19
    assert refusal(back, RemoveTender(id="6", tender="3")).code == "no_such_tender"


@pytest.mark.parametrize(
    ("amount", "code"), [(0, "tender_too_small"), (-1, "tender_too_small"), (2**40, "tender_too_large")]
)
def test_tender_refused(amount: int, code: str) -> None:
    cart = run(scan("1", MILK))
    assert refusal(cart, AddTender(id="2", kind=TenderKind.CASH, amount_minor=amount)).code == code


def test_tender_of_an_empty_cart_is_refused() -> None:
    assert refusal(EMPTY, AddTender(id="1", kind=TenderKind.CASH, amount_minor=1)).code == "cart_empty"


def test_customer_and_note_are_cut_to_length() -> None:
    cart = run((SetCustomer(id="1", customer=" C-7 "), None), (SetNote(id="2", note="n" * 500), None))
    assert (cart.customer, len(cart.note)) == ("C-7", 200)


def test_cash_rounding_belongs_to_the_receipt() -> None:
    cart = run(scan("1", replace(MILK, unit_price_minor=1572)))
    rules = Rules(cash=CashProfile(step_minor=5), rounding=Rounding.RECEIPT)
    assert price(cart, rules).total_minor == 1572
    paid = run((AddTender(id="2", kind=TenderKind.CASH, amount_minor=1570), None), cart=cart, rules=rules)
    totals = price(paid, rules)
    assert (totals.gross_minor, totals.settlement.rounding_minor, totals.total_minor) == (1572, -2, 1570)


def test_every_kind_of_command_survives_the_log() -> None:
    commands: list[Command] = [
        Scan(id="1", code="x", grams=5, lot="L"),
        LineDiscount(id="1", line="2", kind=DiscountKind.PERCENT, value=Decimal("2.5"), reason="old"),
        AddTender(id="1", kind=TenderKind.CASH, amount_minor=5),
        RefuseAge(id="1"),
    ]
    for command in commands:
        assert make_command(command_kind(command), "1", command_data(command)) == command
    assert len(KINDS) == 14


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("explode", {}),
        ("scan", {}),
        ("scan", {"code": "x", "price_minor": 1}),
        ("scan", {"code": 5}),
        ("set_quantity", {"line": "1", "quantity": "2"}),
        ("set_quantity", {"line": "1", "quantity": True}),
        ("set_quantity", {"line": "1", "quantity": 1.5}),
        ("line_discount", {"line": "1", "kind": "GIFT", "value": "5"}),
        ("line_discount", {"line": "1", "kind": "PERCENT", "value": "NaN"}),
        ("line_discount", {"line": "1", "kind": "PERCENT", "value": 2.5}),
    ],
)
def test_bad_commands_are_refused(kind: str, data: dict[str, object]) -> None:
    with pytest.raises(RefusedError) as caught:
        make_command(kind, "1", data)
    assert caught.value.code == "bad_command"


def test_hash_depends_on_the_state_only() -> None:
    cart = run(scan("1", CHEESE, grams=1250), (SetNote(id="2", note="ü"), None))
    again = from_data(Cart, to_data(cart))
    assert again == cart
    assert state_hash(again) == state_hash(cart)
    assert state_hash(
        replace(cart, lines=tuple(replace(line, quantity=Decimal("1.250")) for line in cart.lines))
    ) == state_hash(cart)
    assert state_hash(run((SetNote(id="3", note="x"), None), cart=cart)) != state_hash(cart)


ITEMS = (MILK, BREAD, CHEESE, WINE)
percent = st.decimals(min_value=Decimal("0.1"), max_value=100, places=1)
baskets = st.lists(
    st.tuples(st.sampled_from(ITEMS), st.integers(1, 20), st.lists(percent, max_size=2)),
    min_size=1,
    max_size=12,
)


@given(
    baskets,
    st.lists(percent, max_size=2),
    st.sampled_from([1, 5, 10]),
    st.sampled_from(Rounding),
    st.integers(0, 5000),
)
def test_any_basket_adds_up(rows: list, order: list, step: int, rounding: Rounding, extra: int) -> None:
    rules = Rules(rounding=rounding, cash=CashProfile(step_minor=step))
    cart = EMPTY
    for number, (item, quantity, discounts) in enumerate(rows):
        cart = run(scan(f"s{number}", item, quantity=quantity, grams=quantity * 111), cart=cart)
        for place, value in enumerate(discounts):
            line = cart.last_line
            cart = run(
                (
                    LineDiscount(id=f"d{number}.{place}", line=line, kind=DiscountKind.PERCENT, value=value),
                    None,
                ),
                cart=cart,
            )
    cart = replace(
        cart,
        discounts=tuple(
            Discount(id=f"o{i}", kind=DiscountKind.PERCENT, value=v) for i, v in enumerate(order)
        ),
    )
    cart = run((ConfirmAge(id="age", age=18), None), cart=cart)
    totals = price(cart, rules)
    assert totals.full_minor - totals.discount_minor == totals.gross_minor
    assert totals.net_minor + totals.tax_minor == totals.gross_minor
    assert sum(part.tax_minor for part in totals.taxes) == totals.tax_minor
    if totals.settlement.is_settled:
        return
    offered = totals.settlement.remaining_minor + step + extra
    paid = price(
        run((AddTender(id="t", kind=TenderKind.CASH, amount_minor=offered), None), cart=cart, rules=rules),
        rules,
    )
    settled = paid.settlement
    assert settled.is_settled
    assert (
        settled.tendered_minor - settled.change_minor
        == paid.total_minor
        == paid.net_minor + paid.tax_minor + settled.rounding_minor
    )

"""The till in a real browser: the whole thread, and what it refuses."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from store.domain.barcode import compose
from tests.e2e.helpers import axe, use_till
from tests.stack import Stack, wait_until

pytestmark = pytest.mark.browser

# All keys in one task, as the wedge's burst reaches a browser; a loaded test machine would tear typed keys apart.
WEDGE = """codes => { for (const code of codes) for (const key of [...code, "Enter"])
  (document.activeElement ?? document.body).dispatchEvent(
    new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true})); }"""
TILL = "till-4"


def wedge(page: Page, *codes: str) -> None:
    """Scan codes as fast as a scanner can."""
    expect(page.locator("html")).to_have_attribute("data-scanner", "ready")
    page.evaluate(WEDGE, list(codes))


def rows(stack: Stack, query: str) -> list[tuple]:
    return stack.sql(query)


def codes_of(stack: Stack, condition: str, count: int) -> list[str]:
    found = rows(
        stack,
        "select substr(g.gtin14, 2) from store_gtin g join store_product p on p.id = g.product_id "
        f"join store_price r on r.product_id = p.id and r.ends_at is null where {condition} "
        "and not exists (select 1 from store_producthold h where h.product_id = p.id and h.cleared_at is null) "
        f"order by p.id limit {count}",
    )
    return [row[0] for row in found]


PLAIN = "not p.is_weighed and p.min_age is null and p.storage_zone = 'AMBIENT'"


def sign_in(page: Page, username: str, pin: str) -> None:
    page.locator(f"[name=username][value={username}]").check(force=True)
    page.locator("#pin").fill(pin)
    page.locator("#pin").press("Enter")


def open_till(page: Page, stack: Stack) -> None:
    """Come to an empty basket at an open till, whatever was there before."""
    use_till(page, stack, TILL)
    if page.locator("#pin").count():
        sign_in(page, "anna", "1111")
    door = page.locator("[data-money-form], #till-basket")
    expect(door.first).to_be_visible()
    if page.locator("[data-money-form]").count():
        page.locator("[data-money='15000']").click()
        page.locator("[data-money-form] [type=submit]").click()
    expect(page.locator("#till-basket")).to_be_visible()
    if page.locator("#till-basket").get_attribute("data-lines") != "0":
        page.locator("[data-do=cancel]").click()
        page.locator("#cancel-do").click()
    expect(page.locator("#till-basket")).to_have_attribute("data-lines", "0")


@pytest.fixture
def till(page: Page, stack: Stack) -> Page:
    open_till(page, stack)
    return page


def test_browser_that_is_no_till_offers_to_become_one(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.url}/till/")
    expect(page.get_by_role("heading", name="This browser is not a till yet")).to_be_visible()
    assert axe(page) == []
    page.locator("form[action*='till-3'] button").click()
    expect(page.locator("#pin, #till-basket").first).to_be_visible()


def test_wrong_pin_is_refused_in_words(page: Page, stack: Stack) -> None:
    use_till(page, stack, "till-2")
    if page.locator("#till-basket").count():
        page.locator("summary[aria-label*='Signed in']").click()
        page.get_by_role("button", name="Sign out").click()
    sign_in(page, "clara", "0000") if page.locator("[value=clara]").count() else sign_in(page, "ben", "0000")
    expect(page.locator("#pin-error")).to_contain_text("That PIN is not right.")
    assert axe(page) == []


def test_whole_sale_by_scanner_and_keyboard(till: Page, stack: Stack) -> None:
    codes = codes_of(stack, PLAIN, 3)
    till.locator("#till-search").focus()
    wedge(till, *codes, codes[0])
    expect(till.locator("#till-basket")).to_have_attribute("data-lines", "3")
    expect(till.locator(".till-line").first.locator(".till-line__quantity")).to_have_text("2")
    expect(till.locator("#till-search")).to_have_value("")
    wedge(till, compose("28", "1001", 1250))
    expect(till.locator("#till-basket")).to_have_attribute("data-lines", "4")
    expect(till.locator(".till-line.is-last")).to_contain_text("1.250")
    till.keyboard.press("F6")
    till.locator("#number-input").fill("10")
    till.keyboard.press("Enter")
    expect(till.locator(".till-line.is-last")).to_contain_text("(10 %)")
    assert axe(till) == []
    till.keyboard.press("F10")
    expect(till.locator("#pay-exact")).to_be_focused()
    assert axe(till) == []
    total = till.locator("#pay-due").inner_text()
    till.keyboard.press("Enter")
    expect(till.locator("#till-change")).to_be_visible()
    assert axe(till) == []
    uid = till.locator("#till-change").get_attribute("data-receipt")
    check_records(stack, uid or "", lines=4)
    wedge(till, codes[1])
    expect(till.locator("#till-basket")).to_have_attribute("data-lines", "1")
    expect(till.locator("#till-change")).to_have_count(0)
    till.goto(f"{stack.url}/till/receipts/{uid}/")
    expect(till.locator(".paper__total")).to_contain_text(total)
    assert axe(till) == []


def check_records(stack: Stack, uid: str, *, lines: int) -> None:
    """Receipt, stock, journal, outbox: all of one sale, once."""
    ((total, paid, sold, moved, journal, events),) = rows(
        stack,
        f"""select r.total_minor, r.tendered_minor - r.change_minor,
          (select count(*) from pos_receiptline where receipt_id = r.id),
          (select count(*) from store_stockledger where source = 'pos.receipt' and starts_with(source_id, r.uid || '/')),
          (select count(*) from pos_journalrecord j where j.hash = r.journal_hash and j.kind = 'SALE'),
          (select count(*) from store_outboxevent where type = 'pos.sale.completed.v1'
             and payload->>'receipt_id' = r.uid::text)
        from pos_receipt r where r.uid = '{uid}'""",
    )
    assert (total, sold, moved, journal, events) == (paid, lines, lines, 1, 1)


def test_sale_by_touch_with_note_and_change(till: Page, stack: Stack) -> None:
    till.locator("#till-search").fill("milk")
    tile = till.locator("#tiles [data-tile][data-weighed='']").first
    expect(tile).to_contain_text(re.compile("milk", re.IGNORECASE))
    tile.click()
    expect(till.locator("#till-basket")).to_have_attribute("data-lines", "1")
    expect(tile.locator(".till-tile__count")).to_have_text("1")
    till.locator("[data-do=pay]").click()
    till.locator(".till-notes [data-cash]").last.click()
    expect(till.locator("#change-due")).not_to_have_text("€0.00")
    till.locator("#next-customer").click()
    expect(till.locator("#till-basket")).to_have_attribute("data-lines", "0")


def test_burst_of_scans_is_kept_whole_and_in_order(till: Page, stack: Stack) -> None:
    codes = codes_of(stack, PLAIN, 12)
    wedge(till, *codes)
    expect(till.locator("#till-basket")).to_have_attribute("data-lines", "12")
    wanted = [
        rows(stack, f"select product_id from store_gtin where gtin14 = '0{code}'")[0][0] for code in codes
    ]
    shown = till.locator(".till-line").evaluate_all(
        "lines => lines.map(line => Number(line.dataset.product))"
    )
    assert shown == wanted


def test_unknown_code_and_misread_are_shown_and_lose_nothing(till: Page, stack: Stack) -> None:
    (code,) = codes_of(stack, PLAIN, 1)
    wedge(till, "4006381333931", code, "9520123456789")
    expect(till.locator(".till-problem")).to_have_count(2)
    expect(till.locator("#till-problems")).to_contain_text("No article with the code 4006381333931")
    expect(till.locator("#till-problems")).to_contain_text("was misread")
    expect(till.locator("#till-basket")).to_have_attribute("data-lines", "1")
    assert axe(till) == []
    till.keyboard.press("Escape")
    expect(till.locator(".till-problem")).to_have_count(0)


def test_removed_line_comes_back_by_undo(till: Page, stack: Stack) -> None:
    (code,) = codes_of(stack, PLAIN, 1)
    wedge(till, code)
    expect(till.locator("#till-basket")).to_have_attribute("data-lines", "1")
    till.locator("[data-do=remove]").click()
    expect(till.locator("#till-basket")).to_have_attribute("data-lines", "0")
    till.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(till.locator("#till-basket")).to_have_attribute("data-lines", "1")


def test_age_is_asked_before_payment(till: Page, stack: Stack) -> None:
    (code,) = codes_of(stack, "p.min_age = 18", 1)
    wedge(till, code)
    expect(till.locator(".till-ask")).to_contain_text("Check the age: 18 or older")
    expect(till.locator("#till-pay")).to_be_disabled()
    assert axe(till) == []
    till.locator("[data-command=confirm_age]").click()
    expect(till.locator(".till-ask")).to_have_count(0)
    expect(till.locator("#till-pay")).to_be_enabled()


def test_double_press_on_pay_makes_one_receipt(till: Page, stack: Stack) -> None:
    (code,) = codes_of(stack, PLAIN, 1)
    before = rows(stack, "select count(*) from pos_receipt")[0][0]
    wedge(till, code)
    expect(till.locator("#till-basket")).to_have_attribute("data-lines", "1")
    till.locator("[data-do=pay]").click()
    expect(till.locator("#pay-exact")).to_be_visible()
    till.evaluate(
        "() => { const b = document.getElementById('pay-exact'); b.click(); b.click(); b.click(); }"
    )
    expect(till.locator("#till-change")).to_be_visible()
    wait_until("the receipt", lambda: rows(stack, "select count(*) from pos_receipt")[0][0] == before + 1)


def test_two_tabs_on_one_till_see_a_stale_basket(till: Page, stack: Stack) -> None:
    first, second = codes_of(stack, PLAIN, 2)
    wedge(till, first)
    expect(till.locator("#till-basket")).to_have_attribute("data-lines", "1")
    other = till.context.new_page()
    other.goto(f"{stack.url}/till/")
    wedge(other, second)
    expect(other.locator("#till-basket")).to_have_attribute("data-lines", "2")
    till.evaluate("() => { document.getElementById('till-basket').dataset.version = '0'; }")
    till.locator("[data-do=remove]").click()
    expect(till.locator("#till-problems")).to_contain_text("The basket changed in the meantime")
    expect(till.locator("#till-basket")).to_have_attribute("data-lines", "2")


def test_held_product_is_refused_with_the_reason(till: Page, stack: Stack) -> None:
    (code,) = codes_of(stack, PLAIN.replace("AMBIENT", "CHILLED"), 1)
    place = (
        "insert into store_producthold (product_id, reason, source, source_id, raised_at) select product_id, "
    )
    stack.sql(
        place
        + f"'Chiller too warm', 'test', 'e2e', now() from store_gtin where gtin14 = '0{code}' returning 1"
    )
    try:
        wedge(till, code)
        expect(till.locator("#till-problems")).to_contain_text(
            re.compile("must not be sold: Chiller too warm")
        )
        expect(till.locator("#till-basket")).to_have_attribute("data-lines", "0")
    finally:
        stack.sql("update store_producthold set cleared_at = now() where source_id = 'e2e' returning 1")


def test_phone_keeps_total_and_pay_in_sight(new_page, stack: Stack) -> None:
    page = new_page(viewport=(390, 844), theme="dark", language="de")
    open_till(page, stack)
    wedge(page, *codes_of(stack, PLAIN, 8))
    expect(page.locator("#till-basket")).to_have_attribute("data-lines", "8")
    expect(page.locator("#till-pay")).to_be_in_viewport()
    expect(page.locator("#till-total")).to_be_in_viewport()
    expect(page.locator("#till-pay")).to_contain_text("Bezahlen")
    assert axe(page) == []

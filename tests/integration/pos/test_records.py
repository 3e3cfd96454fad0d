"""What the database refuses, and what the invariants see when somebody gets round it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from pos import invariants
from pos.models import JournalRecord, Receipt, ReceiptLine, ReceiptTender, Shift
from pos.services import sales
from pos.services import tills as till_services
from store import ids
from tests.factories import pos as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def receipt():
    till = make.make_till()
    outcome = make.fill(till, 500, 300)
    sales.complete_sale(
        till=till, cart_id=outcome.cart.id, version=outcome.cart.version, key=ids.uuid7(), cash_minor=1000
    )
    return Receipt.objects.get()


@pytest.mark.parametrize("model", [Receipt, ReceiptLine, ReceiptTender, JournalRecord])
def test_records_are_never_changed_or_removed(receipt, model):
    table = model._meta.db_table
    one = model.objects.first()
    # Postponed foreign keys would refuse TRUNCATE before the trigger is asked.
    connection.cursor().execute("set constraints all immediate")
    attempts = [
        lambda: model.objects.filter(pk=one.pk).update(id=one.pk),
        one.save,
        lambda: model.objects.filter(pk=one.pk)._raw_delete("default"),
        lambda: connection.cursor().execute(f"update {table} set id = id"),
        lambda: connection.cursor().execute(f"delete from {table}"),
        lambda: connection.cursor().execute(f"truncate {table} cascade"),
    ]
    for attempt in attempts:
        with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
            attempt()
    assert model.objects.filter(pk=one.pk).exists()


@pytest.mark.parametrize(
    ("column", "constraint"),
    [
        ("net_minor", "receipt_net_and_tax_are_gross"),
        ("rounding_minor", "receipt_gross_and_rounding_are_total"),
        ("change_minor", "receipt_is_paid_exactly"),
    ],
)
def test_receipts_that_do_not_add_up_are_refused(receipt, column, constraint):
    fields = {field.attname: getattr(receipt, field.attname) for field in Receipt._meta.fields}
    fields |= {"id": None, "uid": ids.uuid7(), "cart_id": None, "number": 99, "journal_sequence": 99}
    fields[column] += 1
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Receipt.objects.create(**fields)


def test_receipt_number_is_given_once(receipt):
    fields = {field.attname: getattr(receipt, field.attname) for field in Receipt._meta.fields}
    fields |= {"id": None, "uid": ids.uuid7(), "cart_id": None, "journal_sequence": 99}
    with pytest.raises(IntegrityError, match="receipt_number_unique"), transaction.atomic():
        Receipt.objects.create(**fields)


def test_one_open_shift_per_till():
    till = make.make_till()
    with pytest.raises(till_services.ShiftIsOpenError):
        till_services.open_shift(till=till, float_minor=1)
    assert Shift.objects.count() == 1
    assert invariants.check() == []


TAMPERED = [
    (
        (
            "update pos_receipt set total_minor = total_minor + 1, rounding_minor = rounding_minor + 1, "
            "tendered_minor = tendered_minor + 1"
        ),
        {"1", "2", "5", "8"},
    ),
    (
        (
            "update pos_receiptline set gross_minor = gross_minor + 1, net_minor = net_minor + 1, full_minor = full_minor + 1 "
            "where number = 1"
        ),
        {"1"},
    ),
    ("update pos_receiptline set quantity = 7 where number = 1", {"3"}),
    ("update pos_journalrecord set data = data || '{\"total_minor\": 1}' where kind = 'SALE'", {"2"}),
    ("update pos_journalrecord set staff = 'eve' where sequence = 1", {"2"}),
    ("delete from pos_journalrecord where sequence = 2", {"2"}),
    ("update pos_numberseries set last_number = 5", {"2"}),
    ("update pos_shift set cash_minor = cash_minor + 1", {"8"}),
    ("delete from store_stockledger where source_id like '%%/1'", {"3"}),
    ("delete from pos_receipttender", {"1", "8"}),
]


@pytest.mark.parametrize(("statement", "expected"), TAMPERED)
def test_invariants_see_what_was_tampered_with(receipt, statement, expected):
    assert invariants.check() == []
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(statement.replace("%%", "%"))
        cursor.execute("set local session_replication_role = origin")
    assert {violation.invariant for violation in invariants.check()} == expected

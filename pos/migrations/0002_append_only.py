"""Receipts and the journal are records: the database itself refuses to change or remove them."""

from django.db import migrations


def guard(table: str) -> migrations.RunSQL:
    """Refuse UPDATE, DELETE and TRUNCATE on a table."""
    return migrations.RunSQL(
        f"create trigger {table}_is_append_only before update or delete on {table} "
        f"for each row execute function aisle_refuse_change(); "
        f"create trigger {table}_is_not_truncated before truncate on {table} "
        f"for each statement execute function aisle_refuse_change()",
        f"drop trigger {table}_is_append_only on {table}; drop trigger {table}_is_not_truncated on {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("pos", "0001_initial"), ("store", "0002_append_only")]
    operations = [
        guard("pos_receipt"),
        guard("pos_receiptline"),
        guard("pos_receipttender"),
        guard("pos_journalrecord"),
    ]

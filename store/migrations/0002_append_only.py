"""Rows that are records: the database itself refuses to change or remove them."""

from django.db import migrations

FUNCTION = """
create function aisle_refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'rows of % are records: they are never changed or removed', tg_table_name
        using errcode = 'restrict_violation';
end $$
"""


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
    dependencies = [("store", "0001_initial")]
    operations = [
        migrations.RunSQL(FUNCTION, "drop function aisle_refuse_change()"),
        guard("store_stockledger"),
        guard("store_auditentry"),
    ]

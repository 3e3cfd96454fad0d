"""The order's log is a record: the database itself refuses to change it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0001_initial"), ("store", "0002_append_only")]
    operations = [
        migrations.RunSQL(
            "create trigger fulfillment_orderlogentry_is_append_only before update on fulfillment_orderlogentry "
            "for each row execute function aisle_refuse_change()",
            "drop trigger fulfillment_orderlogentry_is_append_only on fulfillment_orderlogentry",
        ),
    ]

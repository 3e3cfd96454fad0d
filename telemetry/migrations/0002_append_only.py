"""What happened to an alarm is a record: never changed, never removed."""

from django.db import migrations

TABLE = "telemetry_alarmtransition"


class Migration(migrations.Migration):
    dependencies = [("telemetry", "0001_initial"), ("store", "0002_append_only")]
    operations = [
        migrations.RunSQL(
            f"create trigger {TABLE}_is_append_only before update or delete on {TABLE} "
            f"for each row execute function aisle_refuse_change(); "
            f"create trigger {TABLE}_is_not_truncated before truncate on {TABLE} "
            f"for each statement execute function aisle_refuse_change()",
            f"drop trigger {TABLE}_is_append_only on {TABLE}; drop trigger {TABLE}_is_not_truncated on {TABLE}",
        ),
    ]

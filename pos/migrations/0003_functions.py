"""A till's state, the lock and the rows of a sale as functions: the server keeps their plans."""

from django.db import migrations

RECEIPT = """
uid, device_id, series, number, shift_id, cart_id, staff_id, staff_name, business_date, completed_at, currency,
currency_exponent, prices_include_tax, tax_rounding, pieces, full_minor, discount_minor, net_minor, tax_minor,
gross_minor, rounding_minor, total_minor, tendered_minor, change_minor, journal_sequence, journal_hash
"""
LINE = """
number, product_id, sku, name, size_label, gtin14, department, unit, quantity, measured_by, lot,
unit_price_minor, price_version, full_minor, discount_minor, order_discount_minor, tax_code, tax_percent,
net_minor, tax_minor, gross_minor
"""
TENDER = "number, kind, amount_minor"


def of(alias: str, columns: str) -> str:
    """The columns with an alias before each."""
    return ", ".join(f"{alias}.{column.strip()}" for column in columns.split(","))


TILL = """
create function pos_till(device bigint) returns table (
    device_id bigint, device_code varchar, device_name varchar, staff_id bigint, username varchar,
    staff_name varchar, staff_role varchar, seen_at timestamptz, shift_id bigint, business_date date,
    opened_at timestamptz, float_minor bigint, receipts bigint, state jsonb
) language plpgsql stable as $$
begin
    return query
    select d.id, d.code, d.name, st.id, st.username, st.display_name, st.role, ts.seen_at,
           s.id, s.business_date, s.opened_at, s.float_minor::bigint, s.receipts::bigint, c.state
    from store_device d
    left join pos_tillsession ts on ts.device_id = d.id
    left join store_staff st on st.id = ts.staff_id and st.is_active
    left join pos_shift s on s.device_id = d.id and s.closed_at is null
    left join pos_cart c on c.device_id = d.id and c.status = 'OPEN'
    where d.id = device;
end $$
"""

LOCK = """
create function pos_lock_sale(cart uuid, device bigint, wanted varchar) returns table (
    status varchar, state jsonb, shift_id bigint, closed_at timestamptz, business_date date,
    last_number bigint, last_sequence bigint, last_hash varchar
) language plpgsql as $$
begin
    return query
    select c.status, c.state, s.id, s.closed_at, s.business_date, n.last_number::bigint,
           j.last_sequence::bigint, j.last_hash
    from pos_cart c
    join pos_shift s on s.id = c.shift_id
    join pos_numberseries n on n.device_id = c.device_id and n.series = wanted
    join pos_journalhead j on j.device_id = c.device_id
    where c.id = cart and c.device_id = device
    for update of c, s, n, j;
end $$
"""

WRITE = f"""
create function pos_write_sale(sale jsonb) returns void language plpgsql as $$
declare
    g record;
    written bigint;
begin
    select * into g from jsonb_to_record(sale) as given(
        receipt jsonb, lines jsonb, tenders jsonb, device bigint, sequence bigint, kind text, at timestamptz,
        staff text, data jsonb, previous text, hash text, signature text, number bigint, series text,
        shift bigint, net bigint, tax bigint, rounding bigint, total bigint, cash bigint, cart uuid,
        version int, command uuid, command_kind text, command_data jsonb, context jsonb, state jsonb,
        state_hash text, person bigint, moves jsonb, events jsonb, channel text, operation jsonb
    );
    insert into pos_receipt ({RECEIPT})
    select {of("r", RECEIPT)} from jsonb_populate_record(null::pos_receipt, g.receipt) r
    returning id into written;
    insert into pos_receiptline (receipt_id, {LINE})
    select written, {of("l", LINE)} from jsonb_populate_recordset(null::pos_receiptline, g.lines) l;
    insert into pos_receipttender (receipt_id, {TENDER})
    select written, {of("t", TENDER)} from jsonb_populate_recordset(null::pos_receipttender, g.tenders) t;
    insert into pos_journalrecord (device_id, sequence, kind, at, staff, data, previous_hash, hash, signature)
    values (g.device, g.sequence, g.kind, g.at, g.staff, g.data, g.previous, g.hash, g.signature);
    update pos_journalhead set last_sequence = g.sequence, last_hash = g.hash where device_id = g.device;
    update pos_numberseries set last_number = g.number, grand_total_minor = grand_total_minor + g.total
    where device_id = g.device and series = g.series;
    update pos_shift set receipts = receipts + 1, net_minor = net_minor + g.net,
        tax_minor = tax_minor + g.tax, rounding_minor = rounding_minor + g.rounding,
        total_minor = total_minor + g.total, cash_minor = cash_minor + g.cash
    where id = g.shift;
    if g.command is not null then
        insert into pos_cartcommand
            (cart_id, number, command_id, kind, data, context, state_hash, staff_id, at)
        values (g.cart, g.version, g.command, g.command_kind, g.command_data, g.context, g.state_hash,
            g.person, g.at);
    end if;
    update pos_tillsession set seen_at = g.at where device_id = g.device;
    update pos_cart set status = 'COMPLETED', version = g.version, state = g.state,
        state_hash = g.state_hash, updated_at = g.at
    where id = g.cart;
    perform store_append_moves(g.moves, g.at);
    perform store_publish(g.events, g.channel);
    insert into store_operation (key, scope, request_hash, status, response, created_at)
    select o.key, o.scope, o.request_hash, o.status, o.response, g.at
    from jsonb_populate_record(null::store_operation, g.operation) o;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("pos", "0002_append_only"), ("store", "0003_functions")]
    operations = [
        migrations.RunSQL(TILL, "drop function pos_till(bigint)"),
        migrations.RunSQL(LOCK, "drop function pos_lock_sale(uuid, bigint, varchar)"),
        migrations.RunSQL(WRITE, "drop function pos_write_sale(jsonb)"),
    ]

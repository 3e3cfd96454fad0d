"""Statements of the busiest paths as functions: the server keeps their plans."""

from django.db import migrations

APPEND_MOVES = """
create function store_append_moves(moves jsonb, at timestamptz) returns void language plpgsql as $$
begin
    with given as (
        select (m->>'product_id')::bigint as product_id, (m->>'quantity')::numeric as quantity,
               m->>'reason' as reason, m->>'source' as source, m->>'source_id' as source_id
        from jsonb_array_elements(moves) as m
    ), written as (
        insert into store_stockledger (product_id, quantity, reason, source, source_id, occurred_at)
        select g.product_id, g.quantity, g.reason, g.source, g.source_id, at from given g
        returning product_id, quantity
    )
    insert into store_stockunfolded (product_id, quantity) select w.product_id, w.quantity from written w;
end $$
"""

PUBLISH = """
create function store_publish(events jsonb, channel text) returns void language plpgsql as $$
declare
    e jsonb;
    n bigint;
begin
    -- One event is the rule. Streams go by name, so that two publishers never wait for each other in turn.
    for e in
        select value from jsonb_array_elements(events) with ordinality order by value->>'stream', ordinality
    loop
        insert into store_outboxstream as s (stream, last_seq) values (e->>'stream', 1)
        on conflict (stream) do update set last_seq = s.last_seq + 1
        returning last_seq into n;
        insert into store_outboxevent (event_id, lane, stream, seq, priority, type, payload, occurred_at,
            available_at, deliver_at, delivered_at, attempts, delivery_attempts, delivery_error, last_error)
        values ((e->>'event_id')::uuid, e->>'lane', e->>'stream', n, (e->>'priority')::int, e->>'type',
            e->'payload', (e->>'occurred_at')::timestamptz, (e->>'occurred_at')::timestamptz,
            (e->>'occurred_at')::timestamptz,
            case when e->>'deliver' = 'no' then (e->>'occurred_at')::timestamptz end, 0, 0, '', '');
    end loop;
    perform pg_notify(channel, jsonb_array_length(events)::text);
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("store", "0002_append_only")]
    operations = [
        migrations.RunSQL(APPEND_MOVES, "drop function store_append_moves(jsonb, timestamptz)"),
        migrations.RunSQL(PUBLISH, "drop function store_publish(jsonb, text)"),
    ]

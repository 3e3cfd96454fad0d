"""Statements of the busiest paths as functions: the server keeps their plans, planning was half their cost."""

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
declare total bigint;
begin
    with given as (
        select ordinality, e->>'event_id' as event_id, e->>'lane' as lane, e->>'stream' as stream,
               (e->>'priority')::int as priority, e->>'type' as type, e->'payload' as payload,
               (e->>'occurred_at')::timestamptz as occurred_at, e->>'deliver' as deliver
        from jsonb_array_elements(events) with ordinality as t(e, ordinality)
    ), per_stream as (
        select stream, count(*) as n from given group by stream order by stream
    ), head as (
        insert into store_outboxstream as s (stream, last_seq)
        select p.stream, p.n from per_stream p order by p.stream
        on conflict (stream) do update set last_seq = s.last_seq + excluded.last_seq
        returning stream, last_seq
    ), written as (
        insert into store_outboxevent (event_id, lane, stream, seq, priority, type, payload, occurred_at,
            available_at, deliver_at, delivered_at, attempts, delivery_attempts, delivery_error, last_error)
        select g.event_id::uuid, g.lane, g.stream,
               h.last_seq - p.n + row_number() over (partition by g.stream order by g.ordinality),
               g.priority, g.type, g.payload, g.occurred_at, g.occurred_at, g.occurred_at,
               case when g.deliver = 'no' then g.occurred_at end, 0, 0, '', ''
        from given g join head h using (stream) join per_stream p using (stream)
        order by g.ordinality
        returning 1
    )
    select count(*) into total from written;
    perform pg_notify(channel, total::text);
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("store", "0002_append_only")]
    operations = [
        migrations.RunSQL(APPEND_MOVES, "drop function store_append_moves(jsonb, timestamptz)"),
        migrations.RunSQL(PUBLISH, "drop function store_publish(jsonb, text)"),
    ]

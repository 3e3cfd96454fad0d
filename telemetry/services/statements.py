"""The SQL of ingest. `%b` sends a parameter in binary form: arrays of a whole batch."""

from __future__ import annotations

LOCK_LATEST = """
select sensor_id, at, value, bad_in_a_row from telemetry_latest
where sensor_id = any(%b) order by sensor_id for update
"""

WRITE_READINGS = """
with given as (
    select distinct on (sensor_id, at, quality) *
    from unnest(%b::bigint[], %b::timestamptz[], %b::text[], %b::float8[], %b::int2[], %b::timestamptz[])
         with ordinality as t(sensor_id, at, quality, value, flags, received_at, nr)
    order by sensor_id, at, quality, nr desc
), written as (
    insert into telemetry_reading as r (sensor_id, at, quality, value, flags, received_at)
    select sensor_id, at, quality, value, flags, received_at from given
    on conflict (sensor_id, at, quality) do update
        set value = excluded.value, flags = excluded.flags, received_at = excluded.received_at
        where r.value is distinct from excluded.value or r.flags is distinct from excluded.flags
    returning sensor_id, at, quality, value, flags, xmax = 0 as fresh
), minutes as (
    insert into telemetry_minuterollup as m
        (sensor_id, minute, n, total, lowest, highest, first_value, first_at, last_value, last_at, flags)
    select sensor_id, date_trunc('minute', at, 'UTC') as minute, count(*), sum(value), min(value), max(value),
           (array_agg(value order by at))[1], min(at), (array_agg(value order by at desc))[1], max(at),
           bit_or(flags)
    from written where fresh and quality = 'GOOD' group by sensor_id, date_trunc('minute', at, 'UTC')
    order by 1, 2
    on conflict (sensor_id, minute) do update set
        n = m.n + excluded.n, total = m.total + excluded.total,
        lowest = least(m.lowest, excluded.lowest), highest = greatest(m.highest, excluded.highest),
        first_value = case when excluded.first_at < m.first_at then excluded.first_value
                           else m.first_value end,
        first_at = least(m.first_at, excluded.first_at),
        last_value = case when excluded.last_at > m.last_at then excluded.last_value else m.last_value end,
        last_at = greatest(m.last_at, excluded.last_at), flags = m.flags | excluded.flags
)
select sensor_id, at, quality, fresh from written where not fresh or at < %b::timestamptz
"""

RECOMPUTE_MINUTES = """
insert into telemetry_minuterollup as m
    (sensor_id, minute, n, total, lowest, highest, first_value, first_at, last_value, last_at, flags)
select r.sensor_id, g.minute, count(*), sum(r.value), min(r.value), max(r.value),
       (array_agg(r.value order by r.at))[1], min(r.at),
       (array_agg(r.value order by r.at desc))[1], max(r.at), bit_or(r.flags)
from (select distinct s, date_trunc('minute', a, 'UTC') as minute
      from unnest(%b::bigint[], %b::timestamptz[]) as t(s, a)) g
join telemetry_reading r on r.sensor_id = g.s and r.quality = 'GOOD'
    and r.at >= g.minute and r.at < g.minute + interval '1 minute'
group by r.sensor_id, g.minute order by 1, 2
on conflict (sensor_id, minute) do update set
    n = excluded.n, total = excluded.total, lowest = excluded.lowest, highest = excluded.highest,
    first_value = excluded.first_value, first_at = excluded.first_at, last_value = excluded.last_value,
    last_at = excluded.last_at, flags = excluded.flags
"""

WRITE_LATEST = """
update telemetry_latest l set
    at = coalesce(t.at, l.at), value = coalesce(t.value, l.value), quality = coalesce(t.quality, l.quality),
    flags = coalesce(t.flags, l.flags), received_at = greatest(l.received_at, t.received_at),
    bad_in_a_row = t.bad_in_a_row, bad_count = l.bad_count + t.bad
from unnest(%b::bigint[], %b::timestamptz[], %b::float8[], %b::text[], %b::int2[], %b::timestamptz[],
            %b::int4[], %b::int8[])
     as t(sensor_id, at, value, quality, flags, received_at, bad_in_a_row, bad)
where l.sensor_id = t.sensor_id
"""

SET_ASIDE = """
with written as (
    insert into telemetry_setaside (sensor_id, at, reason, raw, received_at)
    select * from unnest(%b::bigint[], %b::timestamptz[], %b::text[], %b::text[], %b::timestamptz[])
    on conflict (sensor_id, at, reason, raw) do nothing returning sensor_id)
select sensor_id, count(*) from written group by sensor_id
"""

SEEN = """
update store_device set last_seen_at = %s where code = any(%s)
and (last_seen_at is null or last_seen_at < %s - interval '30 seconds')
"""

PRESENCE = """
update telemetry_latest l set online = t.online, online_at = t.at
from unnest(%b::text[], %b::bool[], %b::timestamptz[]) as t(device, online, at)
join store_device d on d.code = t.device join telemetry_sensor s on s.device_id = d.id
where l.sensor_id = s.id and (l.online_at is null or l.online_at <= t.at)
"""

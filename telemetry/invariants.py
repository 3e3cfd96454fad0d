"""What must hold of readings and alarms after every fault (invariant 7 of the reliability table)."""

from __future__ import annotations

from store.verify import Violation, query

_ROLLUP = """
with raw as (
    select sensor_id, date_trunc('minute', at, 'UTC') as minute, count(*) as n, sum(value) as total,
           min(value) as lowest, max(value) as highest, min(at) as first_at, max(at) as last_at,
           bit_or(flags) as flags,
           (array_agg(value order by at))[1] as first_value,
           (array_agg(value order by at desc))[1] as last_value
    from telemetry_reading where quality = 'GOOD' group by 1, 2)
select coalesce(r.sensor_id, m.sensor_id), coalesce(r.minute, m.minute), m.n, r.n
from raw r full join telemetry_minuterollup m on m.sensor_id = r.sensor_id and m.minute = r.minute
where (m.n, m.lowest, m.highest, m.first_at, m.last_at, m.flags, m.first_value, m.last_value)
      is distinct from
      (r.n, r.lowest, r.highest, r.first_at, r.last_at, r.flags, r.first_value, r.last_value)
   or abs(m.total - r.total) > 1e-6 * greatest(1, abs(r.total))
limit 20
"""
_LATEST = """
select l.sensor_id, l.at, r.at from telemetry_latest l join lateral (
    select at from telemetry_reading r where r.sensor_id = l.sensor_id and quality = 'GOOD'
    order by at desc limit 1) r on true
where l.at is null or l.at < r.at - interval '10 minutes'
"""
_ACTIVE = """
select a.id, a.state from telemetry_alarm a where a.state in ('ACTIVE_UNACK', 'ACTIVE_ACK') and not exists (
    select from telemetry_alarmtransition t where t.episode = a.episode and t.step = 'RAISED')
"""
_UNEXPLAINED = """
select a.id, a.state, t.after from telemetry_alarm a join lateral (
    select after from telemetry_alarmtransition t where t.alarm_id = a.id and t.step <> 'LATE'
    order by t.id desc limit 1) t on true
where a.state <> t.after
"""
_COUNTS = """
select l.sensor_id, l.bad_count, count(s.id) from telemetry_latest l
left join telemetry_setaside s on s.sensor_id = l.sensor_id
group by l.sensor_id, l.bad_count having count(s.id) > l.bad_count
"""


def check() -> list[Violation]:
    """Minutes equal the aggregate of their readings; alarms are explained by their log."""
    return [
        *query("7", _ROLLUP, "sensor {0}, {1}: the minute says {2} readings, there are {3}"),
        *query("7", _LATEST, "sensor {0}: latest is {1}, but there is a reading of {2}"),
        *query("7", _ACTIVE, "alarm {0} is {1} but was never raised"),
        *query("7", _UNEXPLAINED, "alarm {0} is {1}, its log ends with {2}"),
        *query("7", _COUNTS, "sensor {0}: {1} bad readings counted, {2} kept"),
    ]

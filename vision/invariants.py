"""What must hold of the counts after every fault (reliability 7)."""

from __future__ import annotations

from store.verify import Violation, query


def check() -> list[Violation]:
    """Check minutes, events and calls against what they promise."""
    return [
        *query(
            "7",
            "select s.code, m.bucket, m.metric, m.value from vision_minutecount m"
            " join vision_scope s on s.id = m.scope_id"
            " where (s.kind = 'LINE') <> (m.metric in ('in', 'out')) limit 20",
            "scope {0} at {1}: metric {2} = {3} does not fit its kind",
        ),
        *query(
            "7",
            "select s.code, m.bucket from vision_minutecount m join vision_scope s on s.id = m.scope_id"
            " join vision_minutecount p on p.scope_id = m.scope_id and p.bucket = m.bucket"
            " and p.device_id = m.device_id and p.metric = 'occupancy_peak'"
            " where m.metric = 'occupancy_mean' and m.value > p.value + 0.001 limit 20",
            "scope {0} at {1}: mean occupancy above its peak",
        ),
        *query(
            "7",
            "select m.scope_id, m.bucket, count(distinct m.seq) from vision_minutecount m"
            " where m.seq > 0 and m.metric in ('in', 'out')"
            " group by m.scope_id, m.bucket, m.device_id having count(distinct m.seq) > 1 limit 20",
            "scope {0} at {1}: in and out come from {2} different reports",
        ),
        *query(
            "10",
            "select a.id from vision_queuealert a left join vision_queuememory q on q.scope_id = a.scope_id"
            " where a.cleared_at is null and q.raised_at is distinct from a.raised_at",
            "queue alert {0} stands but the rule does not remember it",
        ),
    ]

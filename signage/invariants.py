"""What must hold of the screens after every fault (reliability, invariant 12)."""

from __future__ import annotations

from store.verify import Violation, query


def check() -> list[Violation]:
    """Counters are derived from unique play ids; one screen shows one thing at a time; windows are sane."""
    counters = query(
        "12",
        """
        with truth as (
            select display_id, media, (started_at at time zone 'UTC')::date as day, count(*) as plays,
                   round(extract(epoch from sum(ended_at - started_at)) * 1000) as shown
            from signage_play group by 1, 2, 3
        )
        select coalesce(t.display_id, c.display_id), coalesce(t.day, c.day), coalesce(c.plays, 0),
               coalesce(t.plays, 0), coalesce(c.shown_ms, 0), coalesce(t.shown, 0)
        from truth t full join signage_playcount c using (display_id, media, day)
        where coalesce(c.plays, 0) <> coalesce(t.plays, 0)
           or abs(coalesce(c.shown_ms, 0) - coalesce(t.shown, 0)) > coalesce(t.plays, 0)
        """,
        "screen {0} on {1}: counter {2} but {3} plays ({4} ms, {5} ms)",
    )
    windows = query(
        "12",
        """
        select r.id, r.name from signage_targetrule r
        where r.starts_at is not null
          and extract(epoch from r.ends_at - r.starts_at) * 1000 < least(r.show_ms, 5000)
        """,
        "audience rule {0} ({1}) planned less than its minimum show",
    )
    return counters + windows

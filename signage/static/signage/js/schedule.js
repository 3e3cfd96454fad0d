// Which playlist a screen plays at an instant: the algorithm of signage/domain/schedule.py and playhead.py.
// Both run tests/vectors/schedule.json. Instants are epoch milliseconds; days are counted since 1970-01-01.

export const LADDERS = { NORMAL: 1, TARGET: 2, OVERRIDE: 3, EMERGENCY: 4 };
const DAY = 86_400_000;
const MINUTE = 60_000;
const formatters = new Map();

function formatter(zone) {
  let found = formatters.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formatters.set(zone, found);
  }
  return found;
}

/** Wall-clock time of an instant, as if it were UTC. */
function wall(at, zone) {
  const seconds = Math.floor(at / 1000) * 1000;
  const parts = {};
  for (const { type, value } of formatter(zone).formatToParts(seconds)) parts[type] = Number(value);
  return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
}

/** Offset of a zone from UTC at an instant, in milliseconds. */
export function offsetAt(at, zone) {
  return wall(at, zone) - Math.floor(at / 1000) * 1000;
}

/** The local day of an instant, counted since 1970-01-01. */
export function localDay(at, zone) {
  return Math.floor(wall(at, zone) / DAY);
}

/** The instant of a wall-clock minute: first pass if ambiguous, the transition if it does not exist. */
export function localInstant(day, minute, zone) {
  const local = day * DAY + minute * MINUTE;
  const before = offsetAt(local - DAY, zone);
  const after = offsetAt(local + DAY, zone);
  if (offsetAt(local - before, zone) === before) return local - before;
  if (offsetAt(local - after, zone) === after) return local - after;
  let low = local - after;
  let high = local - before;
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000;
    if (offsetAt(middle, zone) === after) high = middle;
    else low = middle;
  }
  return offsetAt(low, zone) === after ? low : high;
}

/** ISO weekday (1 Monday to 7 Sunday) of a day; 1970-01-01 was a Thursday. */
export function weekday(day) {
  return ((((day + 3) % 7) + 7) % 7) + 1;
}

function dayNumber(text) {
  return Math.floor(Date.parse(`${text}T00:00:00Z`) / DAY);
}

function minutes(text) {
  const [hour, minute] = text.split(":").map(Number);
  return hour * 60 + minute;
}

function runsOn(rule, day) {
  return (
    rule.weekdays.includes(weekday(day)) &&
    (!rule.first_on || dayNumber(rule.first_on) <= day) &&
    (!rule.last_on || day <= dayNumber(rule.last_on))
  );
}

const spans = new Map();

/** Start and end of a window that starts on a day; remembered, because Intl is slow and days are few. */
function span(starts, ends, day, zone) {
  const key = `${zone} ${day} ${starts} ${ends}`;
  let found = spans.get(key);
  if (!found) {
    if (spans.size > 2000) spans.clear();
    const endDay = minutes(ends) <= minutes(starts) ? day + 1 : day;
    found = [localInstant(day, minutes(starts), zone), localInstant(endDay, minutes(ends), zone)];
    spans.set(key, found);
  }
  return found;
}

function compare(a, b) {
  return (
    LADDERS[b.cause.ladder] - LADDERS[a.cause.ladder] ||
    b.cause.priority - a.cause.priority ||
    a.cause.order - b.cause.order ||
    a.starts_at - b.starts_at ||
    (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : a.cause.id - b.cause.id)
  );
}

/** Everything that asks for the screen at an instant, the winner first. */
export function active({ rules, interrupts = [], zone }, at) {
  const found = [];
  const today = localDay(at, zone);
  for (const day of [today, today - 1]) {
    for (const rule of rules) {
      if (!runsOn(rule, day)) continue;
      for (const [starts, ends] of rule.windows) {
        const [starts_at, ends_at] = span(starts, ends, day, zone);
        if (starts_at <= at && at < ends_at) found.push({ kind: "rule", cause: rule, starts_at, ends_at });
      }
    }
  }
  for (const each of interrupts) {
    const starts_at = Date.parse(each.starts_at);
    const ends_at = Date.parse(each.ends_at);
    if (starts_at <= at && at < ends_at) found.push({ kind: "target", cause: each, starts_at, ends_at });
  }
  return found.sort(compare);
}

/** What plays at an instant: {playlist, kind, cause, since, until}; the default playlist when nothing asks. */
export function resolve(schedule, at) {
  const [best] = active(schedule, at);
  if (!best) return { playlist: schedule.default, kind: "default", cause: null, since: 0, until: null, ladder: 0 };
  return {
    playlist: best.cause.playlist,
    kind: best.kind,
    cause: best.cause.id,
    since: best.starts_at,
    until: best.ends_at,
    ladder: LADDERS[best.cause.ladder],
  };
}

/** The position of a playlist that began at `since`: {index, loop, starts_at, ends_at}, or null if it is empty. */
export function playhead(durations, since, at) {
  const total = durations.reduce((sum, each) => sum + Math.max(0, each), 0);
  if (total <= 0) return null;
  const loop = Math.floor((at - since) / total);
  const offset = at - since - loop * total;
  let edge = 0;
  for (let index = 0; index < durations.length; index += 1) {
    const duration = durations[index];
    if (duration <= 0) continue;
    if (offset < edge + duration) {
      const starts_at = since + loop * total + edge;
      return { index, loop, starts_at, ends_at: starts_at + duration };
    }
    edge += duration;
  }
  return null;
}

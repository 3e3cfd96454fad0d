"""The player's JavaScript runs the same vectors, and agrees with the server on random schedules."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from signage.domain.schedule import resolve
from tests.unit.signage.vectors import VECTORS, VECTORS_PATH, rule

MODULE = Path(__file__).parents[3] / "signage" / "static" / "signage" / "js" / "schedule.js"
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(
    NODE is None, reason="node is not installed; the browser test runs the vectors too"
)

RUNNER = """
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
const { resolve, playhead } = await import("data:text/javascript;base64," + readFileSync(process.argv[1]).toString("base64"));
const { schedules, playheads } = JSON.parse(readFileSync(process.argv[2]));
const iso = (at) => (at === null ? null : new Date(at).toISOString());
const chosen = schedules.map((schedule) => schedule.cases.map((one) => {
  const choice = resolve(schedule, Date.parse(one.at));
  return { ...choice, since: iso(choice.since), until: iso(choice.until) };
}));
const heads = playheads.map((one) => playhead(one.durations_ms, Date.parse(one.since), Date.parse(one.at)));
process.stdout.write(JSON.stringify({ chosen, heads }));
"""


def run_node(vectors_path: Path) -> dict:
    """Run the player's algorithm over a vector file."""
    assert NODE is not None
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", RUNNER, "--", str(MODULE), str(vectors_path)],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return json.loads(done.stdout)


def test_player_agrees_with_every_vector():
    result = run_node(VECTORS_PATH)
    for schedule, choices in zip(VECTORS["schedules"], result["chosen"], strict=True):
        for case, choice in zip(schedule["cases"], choices, strict=True):
            seen = (choice["playlist"], choice["kind"], choice["cause"])
            assert seen == (case["playlist"], case["kind"], case.get("cause")), (schedule["name"], case["at"])
            for edge in ("since", "until"):
                if edge in case:
                    assert datetime.fromisoformat(choice[edge]) == datetime.fromisoformat(case[edge])
    for case, head in zip(VECTORS["playheads"], result["heads"], strict=True):
        if case["index"] is None:
            assert head is None
        else:
            assert (head["index"], head["loop"]) == (case["index"], case["loop"])
            assert head["starts_at"] == datetime.fromisoformat(case["starts_at"]).timestamp() * 1000
            assert head["ends_at"] == datetime.fromisoformat(case["ends_at"]).timestamp() * 1000


def random_rule(rng: random.Random, number: int) -> dict:
    """A rule in wire form."""
    clock = [f"{rng.randrange(24):02}:{rng.choice([0, 15, 30, 45]):02}" for _ in range(4)]
    return {
        "id": number,
        "playlist": rng.randrange(2, 9),
        "ladder": rng.choice(["NORMAL", "NORMAL", "OVERRIDE", "EMERGENCY"]),
        "priority": rng.randrange(3),
        "order": rng.randrange(2),
        "weekdays": sorted(rng.sample(range(1, 8), rng.randint(0, 7))),
        "first_on": rng.choice([None, "2026-03-28", "2026-10-25"]),
        "last_on": rng.choice([None, "2026-10-25", "2026-12-01"]),
        "windows": [clock[:2], clock[2:]][: rng.randint(1, 2)],
    }


def test_player_agrees_with_the_server_on_random_schedules(tmp_path):
    rng = random.Random(20261123)
    zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu"]
    starts = [
        datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 27), (10, 23), (9, 4), (10, 2), (6, 1))
    ]
    schedules = []
    for _ in range(60):
        base = rng.choice(starts)
        cases = [
            {"at": (base + timedelta(minutes=5 * rng.randrange(4 * 288))).isoformat()} for _ in range(10)
        ]
        rules = [random_rule(rng, number) for number in range(1, 7)]
        schedules.append({"zone": rng.choice(zones), "default": 1, "rules": rules, "cases": cases})
    path = tmp_path / "random.json"
    path.write_text(json.dumps({"schedules": schedules, "playheads": []}))
    for schedule, choices in zip(schedules, run_node(path)["chosen"], strict=True):
        rules = [rule(each) for each in schedule["rules"]]
        for case, choice in zip(schedule["cases"], choices, strict=True):
            mine = resolve(rules, datetime.fromisoformat(case["at"]), ZoneInfo(schedule["zone"]), default=1)
            assert (choice["playlist"], choice["kind"], choice["cause"]) == (
                mine.playlist,
                mine.kind,
                mine.cause_id,
            )
            assert datetime.fromisoformat(choice["since"]) == mine.since

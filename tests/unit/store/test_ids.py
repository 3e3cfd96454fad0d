"""Identifiers sort by time and say that they are version 7."""

import time

from store import ids, secrets


def test_uuid7_has_version_variant_and_order():
    before = time.time_ns() // 1_000_000
    made = [ids.uuid7() for _ in range(200)]
    after = time.time_ns() // 1_000_000
    assert {value.version for value in made} == {7}
    assert {value.variant for value in made} == {"specified in RFC 4122"}
    assert len(set(made)) == 200
    stamps = [value.int >> 80 for value in made]
    assert stamps == sorted(stamps)
    assert before <= stamps[0]
    assert stamps[-1] <= after


def test_secret_is_made_once_and_private(tmp_path):
    first = secrets.read(tmp_path, "secret_key")
    assert first == secrets.read(tmp_path, "secret_key")
    assert first != secrets.read(tmp_path, "other")
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert secrets.secret_key(tmp_path, "given") == "given"

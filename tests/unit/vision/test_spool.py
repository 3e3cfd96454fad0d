import sqlite3

from vision.edge.spool import BLOCK, Spool


def test_messages_wait_in_order_until_they_are_confirmed(tmp_path):
    spool = Spool(tmp_path / "spool.sqlite")
    for number in range(5):
        spool.put("topic", str(number).encode())
    taken = spool.take(3)
    assert [waiting.payload for waiting in taken] == [b"0", b"1", b"2"]
    spool.done([taken[0].row, taken[2].row])
    assert [waiting.payload for waiting in spool.take(10)] == [b"1", b"3", b"4"]
    assert spool.depth() == 3


def test_what_waits_survives_a_restart(tmp_path):
    first = Spool(tmp_path / "spool.sqlite")
    first.put("topic", b"kept")
    first.remember("minutes/camera", "{}")
    del first
    second = Spool(tmp_path / "spool.sqlite")
    assert [waiting.payload for waiting in second.take(10)] == [b"kept"]
    assert second.remembered("minutes/camera") == "{}"


def test_a_newer_report_of_a_slot_replaces_the_waiting_one():
    spool = Spool(":memory:")
    spool.put("topic", b"early", "door/12:00")
    spool.put("topic", b"other", "door/12:01")
    spool.put("topic", b"late", "door/12:00")
    assert [waiting.payload for waiting in spool.take(10)] == [b"other", b"late"]


def test_confirming_an_old_report_keeps_the_newer_one():
    spool = Spool(":memory:")
    spool.put("topic", b"early", "door/12:00")
    (sent,) = spool.take(10)
    spool.put("topic", b"late", "door/12:00")
    spool.done([sent.row])
    assert [waiting.payload for waiting in spool.take(10)] == [b"late"]


def test_sequence_numbers_rise_over_restarts(tmp_path):
    first = Spool(tmp_path / "spool.sqlite")
    seen = [first.next_seq() for _ in range(BLOCK + 5)]
    assert seen == list(range(1, BLOCK + 6))
    second = Spool(tmp_path / "spool.sqlite")
    assert second.next_seq() > seen[-1]


def test_a_day_without_a_link_costs_one_row_per_minute_and_scope():
    spool = Spool(":memory:")
    for minute in range(1440):
        for report in range(6):
            spool.put("topic", str(report).encode(), f"door/{minute}")
    assert spool.depth() == 1440


def test_the_file_has_no_column_for_anything_but_messages_and_facts(tmp_path):
    Spool(tmp_path / "spool.sqlite").close()
    with sqlite3.connect(tmp_path / "spool.sqlite") as db:
        columns = {
            (table, column[1])
            for (table,) in db.execute(
                "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
            )
            for column in db.execute(f"pragma table_info({table})")
        }
    assert columns == {
        ("waiting", "row"), ("waiting", "slot"), ("waiting", "topic"), ("waiting", "payload"),
        ("meta", "name"), ("meta", "value"),
    }  # fmt: skip

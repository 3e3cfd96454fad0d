"""The journal's chain."""

from dataclasses import replace

from pos.domain.journal import GENESIS, BadRecord, Record, record_hash, verify


def chain(length: int) -> list[Record]:
    records: list[Record] = []
    previous = GENESIS
    for sequence in range(1, length + 1):
        record = Record(
            terminal="till-1",
            sequence=sequence,
            kind="SALE",
            at="2026-11-23T10:00:00+00:00",
            staff="anna",
            data={"total": sequence},
            previous_hash=previous,
        )
        record = replace(record, hash=record_hash(record))
        records.append(record)
        previous = record.hash
    return records


def test_verify_accepts_a_whole_chain() -> None:
    assert verify(chain(5), lambda record: True) is None
    assert verify([], lambda record: True) is None


def test_verify_names_the_first_bad_record() -> None:
    records = chain(5)
    changed = [*records[:2], replace(records[2], data={"total": 999}), *records[3:]]
    assert verify(changed, lambda record: True) == BadRecord(terminal="till-1", sequence=3, problem="hash")
    rehashed = replace(records[2], data={"total": 999})
    rehashed = replace(rehashed, hash=record_hash(rehashed))
    assert verify([*records[:2], rehashed, *records[3:]], lambda record: True) == BadRecord(
        terminal="till-1", sequence=4, problem="previous_hash"
    )
    assert verify([*records[:1], *records[2:]], lambda record: True) == BadRecord(
        terminal="till-1", sequence=3, problem="missing"
    )
    assert verify(records, lambda record: record.sequence != 4) == BadRecord(
        terminal="till-1", sequence=4, problem="signature"
    )

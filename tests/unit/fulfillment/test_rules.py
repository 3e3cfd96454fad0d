"""States, lines, scans, walk, code, urgency and versions as tables."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fulfillment.domain import handover, picking, sla, states, versions, walk
from fulfillment.domain.commands import CommandKind as K
from fulfillment.domain.lines import LineCounts
from fulfillment.domain.picking import Pick, PickTarget, ScannedItem
from fulfillment.domain.refusal import RefusedError
from fulfillment.domain.sla import Urgency
from fulfillment.domain.states import MOVES
from fulfillment.domain.states import OrderState as S
from fulfillment.domain.versions import Verdict
from fulfillment.domain.walk import Stop

D = Decimal
V = Verdict
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MAIN_ROAD = [
    S.RECEIVED,
    S.RESERVED,
    S.RELEASED,
    S.PICKING,
    S.PICKED,
    S.STAGED,
    S.READY,
    S.ARRIVED,
    S.HANDED_OVER,
    S.CLOSED,
]


def test_main_road_is_open():
    state = MAIN_ROAD[0]
    for wanted in MAIN_ROAD[1:]:
        state = states.move(state, wanted)
    assert state is S.CLOSED


@pytest.mark.parametrize("current", S)
@pytest.mark.parametrize("wanted", S)
def test_every_other_move_is_an_error_with_both_names(current, wanted):
    if wanted in MOVES[current]:
        assert states.move(current, wanted) is wanted
        return
    with pytest.raises(RefusedError) as refusal:
        states.move(current, wanted)
    assert refusal.value.code == "illegal_move"
    assert refusal.value.params == {"from": current.value, "to": wanted.value}


def test_every_state_has_its_moves_and_only_closed_is_the_end():
    assert set(MOVES) == set(S)
    assert [state for state, moves in MOVES.items() if not moves] == [S.CLOSED]


@pytest.mark.parametrize(
    ("current", "target"),
    [
        (S.RECEIVED, S.CANCELLED),
        (S.RESERVED, S.CANCELLED),
        (S.RELEASED, S.CANCELLED),
        (S.HELD, S.CANCELLED),
        (S.PICKING, S.CANCEL_PENDING),
        (S.PICKED, S.RESTOWING),
        (S.STAGED, S.RESTOWING),
        (S.READY, S.RESTOWING),
        (S.ARRIVED, S.RESTOWING),
        (S.HANDED_OVER, "already_collected"),
        (S.CLOSED, "already_collected"),
        (S.CANCELLED, "already_cancelled"),
        (S.CANCEL_PENDING, "already_cancelled"),
        (S.REJECTED, "already_cancelled"),
        (S.RESTOWING, "already_cancelled"),
    ],
)
def test_cancellation_leads_where_the_goods_are(current, target):
    if isinstance(target, S):
        assert states.cancel_target(current) is target
        assert target in MOVES[current]
        return
    with pytest.raises(RefusedError) as refusal:
        states.cancel_target(current)
    assert refusal.value.code == target


def counts(ordered="3", **parts):
    return LineCounts(
        ordered=D(ordered), open=D(parts.pop("open", ordered)), **{k: D(v) for k, v in parts.items()}
    )


def test_line_moves_pieces_and_never_loses_one():
    line = counts().pick(D(2)).mark_short(D(1))
    assert (line.open, line.picked, line.short, line.is_done) == (D(0), D(2), D(1), True)
    assert line.hand_over().handed == 2
    assert line.restow().restowed == 2
    assert line.restow().hand_over().handed == 0
    assert counts().pick(D(1)).cancel_open().cancelled == 2


@pytest.mark.parametrize(
    ("line", "quantity", "code"),
    [
        (counts(), "4", "over_pick"),
        (counts(), "0", "quantity_invalid"),
        (counts(), "-1", "quantity_invalid"),
        (counts(open="0", picked="3"), "1", "nothing_open"),
    ],
)
def test_line_refuses(line, quantity, code):
    for act in (line.pick, line.mark_short):
        with pytest.raises(RefusedError) as refusal:
            act(D(quantity))
        assert refusal.value.code == code


@pytest.mark.parametrize(
    "parts",
    [
        {"open": "2"},
        {"open": "4", "picked": "-1"},
        {"open": "3", "handed": "1"},
        {"open": "1", "picked": "2", "handed": "1", "restowed": "2"},
    ],
)
def test_line_that_does_not_add_up_cannot_exist(parts):
    with pytest.raises(ValueError, match="line"):
        counts(**parts)


@given(
    st.lists(st.sampled_from(["pick", "short", "cancel", "hand", "restow"]), max_size=12), st.integers(1, 9)
)
def test_line_adds_up_after_any_acts(acts, ordered):
    line = counts(str(ordered))
    for act in acts:
        try:
            match act:
                case "pick":
                    line = line.pick(D(1))
                case "short":
                    line = line.mark_short(D(1))
                case "cancel":
                    line = line.cancel_open()
                case "hand":
                    line = line.hand_over()
                case _:
                    line = line.restow()
        except RefusedError:
            continue
    assert line.ordered == line.open + line.picked + line.substituted + line.short + line.cancelled


def target(open_="3", *, weighed=False, hold="", codes=None):
    return PickTarget(codes=codes or {"A": 1, "SIX": 6}, open=D(open_), is_weighed=weighed, hold_reason=hold)


def item(code="A", kilograms=None):
    return ScannedItem(code=code, kilograms=None if kilograms is None else D(kilograms))


@pytest.mark.parametrize(
    ("place", "scanned", "quantity", "expected"),
    [
        (target(), item(), "1", Pick(quantity=D(1))),
        (target(), item(), "3", Pick(quantity=D(3))),
        (target("12"), item("SIX"), "2", Pick(quantity=D(12))),
        (target(), item("B"), "1", "wrong_item"),
        (target(), item(), "4", "over_pick"),
        (target("5"), item("SIX"), "1", "over_pick"),
        (target(), item(), "0", "quantity_invalid"),
        (target(), item(), "-1", "quantity_invalid"),
        (target(), item(), "1.5", "quantity_invalid"),
        (target("0"), item(), "1", "nothing_open"),
        (target(hold="Freezer 1 is in alarm"), item(), "1", "product_held"),
        (target(hold="Freezer 1 is in alarm"), item("B"), "1", "product_held"),
        (
            target("0.5", weighed=True),
            item(kilograms="0.5"),
            "1",
            Pick(quantity=D("0.5"), kilograms=D("0.5")),
        ),
        (
            target("0.5", weighed=True),
            item(kilograms="0.55"),
            "1",
            Pick(quantity=D("0.5"), kilograms=D("0.55")),
        ),
        (
            target("0.5", weighed=True),
            item(kilograms="0.45"),
            "1",
            Pick(quantity=D("0.5"), kilograms=D("0.45")),
        ),
        (target("0.5", weighed=True), item(kilograms="0.551"), "1", "weight_off"),
        (target("0.5", weighed=True), item(kilograms="0.625"), "1", "weight_off"),
        (target("0.5", weighed=True), item(kilograms="0.626"), "1", "weight_refused"),
        (target("0.5", weighed=True), item(kilograms="0.374"), "1", "weight_refused"),
        (target("0.5", weighed=True), item(), "1", "weight_missing"),
        (target("0.5", weighed=True), item(kilograms="0"), "1", "weight_missing"),
        (target("0.5", weighed=True), item(kilograms="100"), "1", "weight_missing"),
    ],
)
def test_scan_is_taken_or_refused(place, scanned, quantity, expected):
    if isinstance(expected, Pick):
        assert picking.judge_scan(place, scanned, quantity=D(quantity)) == expected
        return
    with pytest.raises(RefusedError) as refusal:
        picking.judge_scan(place, scanned, quantity=D(quantity))
    assert refusal.value.code == expected


def test_weight_outside_the_soft_tolerance_may_be_confirmed_but_not_beyond_the_hard_one():
    place = target("0.5", weighed=True)
    pick = picking.judge_scan(place, item(kilograms="0.6"), quantity=D(1), is_weight_confirmed=True)
    assert pick == Pick(quantity=D("0.5"), kilograms=D("0.6"))
    with pytest.raises(RefusedError, match="weight_refused"):
        picking.judge_scan(place, item(kilograms="0.7"), quantity=D(1), is_weight_confirmed=True)


def test_walk_goes_ambient_chilled_frozen_and_along_the_floor():
    stops = [
        Stop(line_id=1, zone="FROZEN", walk_order=5),
        Stop(line_id=2, zone="AMBIENT", walk_order=90),
        Stop(line_id=3, zone="CHILLED", walk_order=1),
        Stop(line_id=4, zone="AMBIENT", walk_order=None),
        Stop(line_id=5, zone="AMBIENT", walk_order=10, location_code="A01-2"),
        Stop(line_id=6, zone="AMBIENT", walk_order=10, location_code="A01-1"),
    ]
    assert [stop.line_id for stop in walk.walk(stops)] == [6, 5, 2, 4, 3, 1]
    assert walk.walk(reversed(stops)) == walk.walk(stops)


def check(entered, *, failures=0, supervisor=False):
    return handover.check_code(
        entered=entered, expected="012345", failures=failures, is_supervisor=supervisor
    )


@pytest.mark.parametrize("entered", ["012345", " 012 345 "])
def test_right_code_passes(entered):
    assert check(entered) is None
    assert check(entered, failures=4) is None
    assert check(entered, failures=5, supervisor=True) is None


@pytest.mark.parametrize(("failures", "left", "locked"), [(0, 4, False), (3, 1, False), (4, 0, True)])
def test_wrong_code_is_counted(failures, left, locked):
    result = check("999999", failures=failures)
    assert (result.failures, result.left, result.is_locked) == (failures + 1, left, locked)


@pytest.mark.parametrize("entered", ["", "12345", "1234567", "12a456", "１２３４５６"])
def test_what_is_no_code_is_said_so(entered):
    with pytest.raises(RefusedError, match="code_malformed"):
        check(entered)


def test_sixth_try_is_locked_even_with_the_right_code():
    with pytest.raises(RefusedError, match="code_locked"):
        check("012345", failures=5)


@given(st.binary(min_size=1), st.integers(1, 2**40), st.text(max_size=32))
def test_code_has_six_digits_and_is_the_same_again(key, order_id, nonce):
    code = handover.collection_code(key=key, order_id=order_id, nonce=nonce)
    assert len(code) == 6
    assert code.isdigit()
    assert code == handover.collection_code(key=key, order_id=order_id, nonce=nonce)


@pytest.mark.parametrize(
    ("minutes", "lines", "ready", "urgency"),
    [
        (60, 4, False, Urgency.CALM),
        (38, 4, False, Urgency.CALM),
        (37, 4, False, Urgency.SOON),
        (23, 4, False, Urgency.SOON),
        (22, 4, False, Urgency.LATE),
        (-10, 4, False, Urgency.LATE),
        (-10, 4, True, Urgency.CALM),
    ],
)
def test_urgency_follows_the_latest_start(minutes, lines, ready, urgency):
    found = sla.slack(due_at=NOW + timedelta(minutes=minutes), open_lines=lines, is_ready=ready, now=NOW)
    assert found.urgency is urgency
    assert sla.start_latest(NOW, 4) == NOW - timedelta(minutes=23)


@pytest.mark.parametrize(
    ("kind", "version", "known", "cancelled", "verdict"),
    [
        (K.CREATE, 1, None, None, V.APPLY),
        (K.UPDATE, 2, None, None, V.APPLY),
        (K.CREATE, 1, 2, None, V.STALE),
        (K.UPDATE, 3, 2, None, V.APPLY),
        (K.UPDATE, 2, 2, None, V.STALE),
        (K.CANCEL, 2, None, None, V.TOMBSTONE),
        (K.CREATE, 1, None, 2, V.STALE),
        (K.CREATE, 3, None, 2, V.APPLY),
        (K.CANCEL, 1, 2, None, V.STALE),
        (K.CANCEL, 3, 2, None, V.APPLY),
        (K.PAID, 1, None, None, V.TOMBSTONE),
        (K.PAID, 1, 5, None, V.APPLY),
        (K.ARRIVED, 1, 5, None, V.APPLY),
    ],
)
def test_version_guards(kind, version, known, cancelled, verdict):
    assert versions.judge(kind=kind, version=version, known=known, cancelled=cancelled) is verdict

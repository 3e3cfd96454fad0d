from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from vision.domain.counting import LineCounter, Observation, ZoneCounter
from vision.domain.geometry import Point, Segment, crossing

LINE = Segment(Point(0.0, 0.0), Point(1.0, 0.0))
ZONE = (Point(0, 0), Point(1, 0), Point(1, 1), Point(0, 1))


def walk(counter, ys, *, track=1, x=0.5, start=0.0, step=1.0, **flags):
    found = []
    for number, y in enumerate(ys):
        found += counter.observe(Observation(track, Point(x, y), start + number * step, **flags))
    return [crossed.direction for crossed in found]


def test_line_counts_one_person_in_and_out():
    counter = LineCounter(LINE, hysteresis=0.05)
    assert walk(counter, [0.5, 0.2, -0.2, -0.5]) == ["in"]
    assert walk(counter, [-0.2, 0.2, 0.5], start=10.0) == ["out"]


def test_line_waits_inside_the_band_and_counts_when_it_is_left():
    counter = LineCounter(LINE, hysteresis=0.05)
    assert walk(counter, [0.1, -0.01, -0.02, -0.03]) == []
    assert walk(counter, [-0.06], start=4.0) == ["in"]


def test_line_ignores_somebody_who_turns_back_in_the_band():
    counter = LineCounter(LINE, hysteresis=0.05)
    assert walk(counter, [0.1, -0.01, 0.1, 0.3]) == []
    assert counter.finish(1, 5.0) == []


def test_line_counts_what_is_pending_when_the_track_ends():
    counter = LineCounter(LINE, hysteresis=0.05)
    assert walk(counter, [0.1, -0.01]) == []
    assert [crossed.direction for crossed in counter.finish(1, 2.0)] == ["in"]
    assert counter.finish(1, 3.0) == []


def test_line_counts_no_unconfirmed_track():
    counter = LineCounter(LINE, hysteresis=0.05)
    assert walk(counter, [0.5, -0.5, -0.6], confirmed=False) == []
    assert counter.finish(1, 4.0) == []


def test_line_counts_a_crossing_made_before_the_track_was_confirmed():
    counter = LineCounter(LINE, hysteresis=0.05)
    assert walk(counter, [0.5, -0.5], confirmed=False) == []
    assert walk(counter, [-0.6], start=2.0) == ["in"]


def test_line_counts_a_crossing_hidden_by_a_shelf_at_the_re_match():
    counter = LineCounter(LINE, hysteresis=0.05)
    assert walk(counter, [0.5]) == []
    assert walk(counter, [-0.5, -0.5], start=1.0, coasted=True) == []
    assert walk(counter, [-0.5], start=3.0) == ["in"]


def test_line_debounce_joins_a_quick_return_to_nothing():
    counter = LineCounter(LINE, hysteresis=0.05, debounce=5.0)
    assert walk(counter, [0.5, -0.5]) == ["in"]
    assert walk(counter, [0.5, -0.5, -0.5], start=2.0) == []
    assert walk(counter, [-0.5], start=20.0) == []


YS = st.lists(st.floats(-1, 1, allow_subnormal=False), min_size=2, max_size=40)
XS = st.floats(-0.5, 1.5, allow_subnormal=False)


@given(
    st.lists(st.tuples(XS, st.floats(-1, 1)), min_size=1, max_size=40),
    st.floats(0, 0.3),
    st.floats(0, 5),
    st.data(),
)
def test_line_ins_minus_outs_is_the_signed_number_of_true_crossings(path, hysteresis, debounce, data):
    counter = LineCounter(LINE, hysteresis=hysteresis, debounce=debounce)
    hidden = data.draw(st.lists(st.booleans(), min_size=len(path), max_size=len(path)))
    counted = []
    seen = []
    for number, ((x, y), coasted) in enumerate(zip(path, hidden, strict=True)):
        counted += counter.observe(Observation(1, Point(x, y), float(number), coasted=coasted))
        if not coasted:
            seen.append(Point(x, y))
    counted += counter.finish(1, float(len(path)))
    expected = sum(crossing(LINE, p, q) for p, q in pairwise(seen))
    assert sum(1 if crossed.direction == "in" else -1 for crossed in counted) == expected


@given(st.lists(YS, min_size=1, max_size=5))
def test_line_counts_each_track_by_itself(paths):
    together = LineCounter(LINE)
    for number in range(max(len(path) for path in paths)):
        for track, path in enumerate(paths):
            if number < len(path):
                together.observe(Observation(track, Point(0.5, path[number]), float(number)))
    alone = LineCounter(LINE)
    for track, path in enumerate(paths):
        for number, y in enumerate(path):
            alone.observe(Observation(track, Point(0.5, y), float(number)))
    assert together._walks == alone._walks


def in_zone(counter, times, *, track=1, inside=True, **flags):
    found = []
    for at in times:
        found += counter.advance(at)
        found += counter.observe(Observation(track, Point(0.5 if inside else 5, 0.5), at, **flags))
    return [(event.kind, event.at, event.count, event.dwell) for event in found]


def test_zone_visit_begins_and_ends_with_its_dwell():
    counter = ZoneCounter(ZONE)
    assert in_zone(counter, [0, 1, 2, 3]) == [("entered", 0, 1, None)]
    assert in_zone(counter, [4, 5, 6], inside=False) == [("left", 3, 0, 3)]


def test_zone_forgives_a_gap_shorter_than_the_grace():
    counter = ZoneCounter(ZONE, grace=2.0)
    in_zone(counter, [0, 1])
    in_zone(counter, [2], inside=False)
    assert in_zone(counter, [2.9]) == []
    assert counter.count == 1


def test_zone_ends_the_visit_of_a_lost_track_after_the_grace():
    counter = ZoneCounter(ZONE, grace=2.0)
    in_zone(counter, [0, 1, 2])
    assert counter.advance(3.9) == []
    assert [(event.kind, event.at) for event in counter.advance(4.0)] == [("left", 2)]


def test_zone_gives_no_dwell_to_somebody_walking_through():
    counter = ZoneCounter(ZONE, minimum_dwell=2.0)
    in_zone(counter, [0, 1])
    assert [event.dwell for event in counter.advance(5)] == [None]


def test_zone_ignores_coasted_and_unconfirmed_tracks():
    counter = ZoneCounter(ZONE)
    assert in_zone(counter, [0, 1], coasted=True) == []
    assert in_zone(counter, [0, 1], confirmed=False) == []
    assert counter.count == 0


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=60))
def test_zone_entered_minus_left_is_the_count(steps):
    counter = ZoneCounter(ZONE)
    balance = 0
    for number, (track, inside) in enumerate(steps):
        events = counter.advance(float(number))
        events += counter.observe(Observation(track, Point(0.5 if inside else 9, 0.5), float(number)))
        for event in events:
            balance += 1 if event.kind == "entered" else -1
            assert event.count == balance
    assert counter.count == balance
    counter.advance(float(len(steps) + 2))
    assert counter.count == 0

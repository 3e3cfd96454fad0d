from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.domain.geometry import Box, Point, Segment, contains, crossing, distance, foot_point

LINE = Segment(Point(0, 0), Point(10, 0))
GRID = st.integers(-20, 20)
POINTS = st.builds(Point, GRID, GRID)


@pytest.mark.parametrize(
    ("start", "end", "counted"),
    [
        (Point(5, 1), Point(5, -1), 1),
        (Point(5, -1), Point(5, 1), -1),
        (Point(5, 1), Point(5, 2), 0),
        (Point(11, 1), Point(11, -1), 0),
        (Point(-1, 1), Point(-1, -1), 0),
        (Point(5, 1), Point(5, 0), 0),
        (Point(5, 0), Point(5, -1), 1),
        (Point(5, 1), Point(5, 1), 0),
    ],
)
def test_crossing_counts_true_intersections(start, end, counted):
    assert crossing(LINE, start, end) == counted


def _exact(line, start, end):
    """The same question answered with fractions: where do the two lines meet?"""

    def side(p):
        return (line.b.x - line.a.x) * (p.y - line.a.y) - (line.b.y - line.a.y) * (p.x - line.a.x)

    before, after = side(start), side(end)
    if (before >= 0) == (after >= 0):
        return 0
    part = Fraction(before, before - after)
    meet_x = start.x + part * (end.x - start.x)
    meet_y = start.y + part * (end.y - start.y)
    low_x, high_x = sorted((line.a.x, line.b.x))
    low_y, high_y = sorted((line.a.y, line.b.y))
    if (meet_x, meet_y) in {(line.a.x, line.a.y), (line.b.x, line.b.y)}:
        return None
    inside = low_x <= meet_x <= high_x and low_y <= meet_y <= high_y
    return (1 if before >= 0 else -1) if inside else 0


@given(POINTS, POINTS, POINTS, POINTS)
def test_crossing_agrees_with_exact_arithmetic(a, b, start, end):
    if a == b:
        return
    exact = _exact(Segment(a, b), start, end)
    if exact is not None:
        assert crossing(Segment(a, b), start, end) == exact


@given(POINTS, POINTS, st.lists(POINTS, min_size=2, max_size=12))
def test_crossing_is_undone_by_walking_back(a, b, path):
    if a == b:
        return
    line = Segment(a, b)
    there = sum(crossing(line, p, q) for p, q in pairwise(path))
    back = path[::-1]
    assert sum(crossing(line, p, q) for p, q in pairwise(back)) == -there


@given(POINTS, POINTS, POINTS, POINTS, POINTS)
def test_two_joined_lines_count_a_step_through_the_joint_once(a, b, c, start, end):
    """A polyline has no hole and no double count where its parts meet, if it goes straight on."""
    middle = Point(Fraction(a.x + c.x, 2), Fraction(a.y + c.y, 2))
    if a == c:
        return
    whole = crossing(Segment(a, c), start, end)
    parts = crossing(Segment(a, middle), start, end) + crossing(Segment(middle, c), start, end)
    assert parts == whole


@pytest.mark.parametrize(
    ("p", "expected"),
    [(Point(5, 3), 3.0), (Point(13, 4), 5.0), (Point(-3, -4), 5.0), (Point(7, 0), 0.0)],
)
def test_distance_is_to_the_segment_not_the_endless_line(p, expected):
    assert distance(LINE, p) == expected


def test_distance_of_a_line_without_length_is_that_of_its_point():
    assert distance(Segment(Point(1, 1), Point(1, 1)), Point(4, 5)) == 5.0


def test_foot_point_is_the_middle_of_the_lower_edge():
    assert foot_point(Box(0.2, 0.1, 0.4, 0.9)) == Point(pytest.approx(0.3), 0.9)


SQUARE = (Point(0, 0), Point(4, 0), Point(4, 4), Point(0, 4))


@given(st.floats(-2, 6), st.floats(-2, 6))
def test_contains_agrees_with_bounds_of_a_square(x, y):
    assert contains(SQUARE, Point(x, y)) == (0 <= x < 4 and 0 <= y < 4)


@given(st.floats(-1, 5), st.floats(-1, 5))
def test_neighbouring_zones_share_no_point(x, y):
    left = (Point(0, 0), Point(2, 0), Point(2, 4), Point(0, 4))
    right = (Point(2, 0), Point(4, 0), Point(4, 4), Point(2, 4))
    assert contains(left, Point(x, y)) + contains(right, Point(x, y)) == contains(SQUARE, Point(x, y))

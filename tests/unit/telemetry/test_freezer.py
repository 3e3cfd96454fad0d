"""The simulated case behaves like one."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from telemetry.edge.freezer import CHILLER, FAILED_ABOVE, FREEZER, Case, Make, kind_of


@pytest.mark.parametrize(("make", "highest"), [(FREEZER, -14.0), (CHILLER, 5.5)])
def test_case_stays_cold_for_a_day_with_doors_and_defrosts(make: Make, highest: float) -> None:
    case = Case.settled(make, random.Random(3))
    values = [case.step(10) for _ in range(8640)]
    assert max(values) < highest
    assert min(values) > make.set_point - make.differential - 1


def test_case_that_fails_warms_ten_kelvin_and_comes_back_without_an_impossible_jump() -> None:
    case = Case.settled(FREEZER, random.Random(3))
    case.broken = True
    warming = [case.step(2) for _ in range(200)]
    assert warming[-1] == pytest.approx(FREEZER.set_point + FAILED_ABOVE, abs=0.5)
    case.broken = False
    cooling = [case.step(2) for _ in range(200)]
    assert cooling[-1] < -18
    course = [*warming, *cooling]
    assert max(abs(b - a) for a, b in pairwise(course)) < 3


def test_kind_of_follows_the_code() -> None:
    assert (kind_of("sensor-freezer-2"), kind_of("sensor-chiller-1")) == (FREEZER, CHILLER)

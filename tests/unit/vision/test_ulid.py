import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.domain.ulid import encode, is_ulid, milliseconds

MS = st.integers(0, 2**48 - 1)
BITS = st.integers(0, 2**80 - 1)


@given(MS, BITS)
def test_a_ulid_has_its_shape_and_its_time(ms, bits):
    text = encode(ms, bits)
    assert is_ulid(text)
    assert milliseconds(text) == ms


@given(st.tuples(MS, BITS), st.tuples(MS, BITS))
def test_ulids_sort_by_time_then_randomness(one, two):
    assert (encode(*one) < encode(*two)) == (one < two)


def test_known_value():
    assert encode(1469918176385, 0)[:10] == "01ARYZ6S41"


@pytest.mark.parametrize("text", [None, 5, "", "8" + "0" * 25, "0" * 25, "0" * 25 + "U", "0" * 25 + "a"])
def test_other_things_are_no_ulid(text):
    assert not is_ulid(text)


def test_out_of_range_is_refused():
    with pytest.raises(ValueError, match="48"):
        encode(2**48, 0)
    with pytest.raises(ValueError, match="80"):
        encode(0, 2**80)
    with pytest.raises(ValueError, match="not a ULID"):
        milliseconds("x")

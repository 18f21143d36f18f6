"""Words of the leaf, as the attestor packs them and the circuit takes them apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from algebra.interface import P, R
from history.v2.leaf_words import leaf_header, point_words

coordinates = st.one_of(
    st.sampled_from([0, 1, (1 << 192) - 1, 1 << 192, R - 1, R, P - 1]), st.integers(0, P - 1)
)


@given(coordinates, coordinates)
def test_a_point_comes_back_from_its_words(x: int, y: int) -> None:
    low_x, high, low_y = point_words((x, y))
    assert all(0 <= word < R for word in (low_x, high, low_y))
    assert x == low_x + (high % (1 << 80) << 192)
    assert y == low_y + (high >> 80 << 192)


@given(st.integers(1, 28), st.integers(0, (1 << 200) - 1))
def test_a_header_comes_back_from_its_word(size_class: int, srs_id: int) -> None:
    header = leaf_header(size_class, srs_id)
    assert (header & 0xFFFF, header >> 16 & 0xFFFF, header >> 32) == (1, size_class, srs_id)
    assert header < R

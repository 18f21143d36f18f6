"""Words of the ABI, against the library."""

from __future__ import annotations

import eth_abi.abi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from algebra.errors import Malformed
from policies.abi import encode

words = st.one_of(st.integers(0, 2**256 - 1), st.binary(min_size=32, max_size=32))


@given(st.lists(words, max_size=9))
def test_static_values_stand_one_after_the_other(values: list[int | bytes]) -> None:
    kinds = ["bytes32" if isinstance(value, bytes) else "uint256" for value in values]
    assert encode(*values) == eth_abi.abi.encode(kinds, values)


@pytest.mark.parametrize("value", [-1, 1 << 256, b"", bytes(31), bytes(33)])
def test_what_is_no_word(value: int | bytes) -> None:
    with pytest.raises(Malformed) as caught:
        encode(0, value)
    assert caught.value.code == "malformed.word"

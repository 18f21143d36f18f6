"""Numbers as text of fixed length."""

from __future__ import annotations

import pytest

from algebra.errors import Malformed
from algebra.hexadecimal import hex20, hex32


def test_always_as_many_digits() -> None:
    assert hex32(0) == "0x" + 64 * "0" == hex32(bytes(32))
    assert hex32(0xAB) == "0x" + 62 * "0" + "ab" == hex32(bytes(31) + b"\xab")
    assert hex20(0xAB) == "0x" + 38 * "0" + "ab" == hex20(bytes(19) + b"\xab")
    assert hex32((1 << 256) - 1) == "0x" + 64 * "f"
    assert hex20((1 << 160) - 1) == "0x" + 40 * "f"


@pytest.mark.parametrize("value", [-1, 1 << 256, b"", bytes(31), bytes(33), b"\1"])
def test_what_does_not_fit(value: int | bytes) -> None:
    for write in (hex32, hex20):
        with pytest.raises(Malformed) as caught:
            write(value)
        assert caught.value.code == "malformed.word"

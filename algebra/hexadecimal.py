"""Words and addresses as text: 0x and lower-case digits, always as many."""

from __future__ import annotations

from algebra.errors import Malformed


def fixed_hex(value: int | bytes, length: int) -> str:
    """
    0x and two digits a byte; Malformed (`malformed.word`) for a number that `length` bytes do not
    hold, or other bytes than so many.
    """
    number = int.from_bytes(value) if isinstance(value, bytes) else value
    whole = not isinstance(value, bytes) or len(value) == length
    if not whole or not 0 <= number < 1 << 8 * length:
        raise Malformed("malformed.word", f"a number does not fit {length} bytes")
    return f"0x{number:0{2 * length}x}"


def hex32(value: int | bytes) -> str:
    """`fixed_hex` of 32 bytes: a word."""
    return fixed_hex(value, 32)


def hex20(value: int | bytes) -> str:
    """`fixed_hex` of 20 bytes: an address."""
    return fixed_hex(value, 20)

"""Words and addresses as text: 0x and lower-case digits, always as many."""

from __future__ import annotations

from algebra.errors import Malformed


def hex32(value: int | bytes) -> str:
    """
    0x and the 64 digits of a number, or of its 32 bytes; Malformed (`malformed.word`) for what does
    not fit.
    """
    return _digits(value, 32)


def hex20(value: int | bytes) -> str:
    """0x and the 40 digits of an address; Malformed (`malformed.word`) for what does not fit."""
    return _digits(value, 20)


def _digits(value: int | bytes, length: int) -> str:
    number = int.from_bytes(value) if isinstance(value, bytes) else value
    whole = not isinstance(value, bytes) or len(value) == length
    if not whole or not 0 <= number < 1 << 8 * length:
        raise Malformed("malformed.word", f"a number does not fit {length} bytes")
    return f"0x{number:0{2 * length}x}"

"""
The part of Solidity's ABI that digests need: values of 32 bytes, one after the other.

`keccak(encode(...))` is `keccak256(abi.encode(...))` of static values.
"""

from __future__ import annotations

from algebra.errors import Malformed

WORD_LIMIT = 1 << 256
"""A word of the chain is below it."""


def encode(*values: int | bytes) -> bytes:
    """
    The words of some values.

    Parameters
    ----------
    values : numbers of 0 .. 2^256 - 1 (an address is a number), or 32 bytes

    Raises
    ------
    Malformed
        `malformed.word`: a value that is no word.
    """
    return b"".join(map(_word, values))


def _word(value: int | bytes) -> bytes:
    if isinstance(value, bytes):
        if len(value) != 32:
            raise Malformed("malformed.word", f"a word has 32 bytes, not {len(value)}")
        return value
    if not 0 <= value < WORD_LIMIT:
        raise Malformed("malformed.word", "a number does not fit 32 bytes")
    return value.to_bytes(32)

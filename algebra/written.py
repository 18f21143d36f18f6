"""
Signatures and hexadecimal as people and wallets write them, brought to their one form; for
addresses see `policies.address`.

For files that people write (a job, bindings, statements) and for options. What a verifier checks
stays strict: nothing here is called on a proof or by a check of a signature.
"""

from __future__ import annotations

import re

from algebra.errors import Malformed

_HEX = re.compile(r"0x(?:[0-9a-fA-F]{2})*", re.ASCII)


def written_bytes(text: object) -> bytes | None:
    """The bytes of 0x and digits of either case; None for anything else."""
    if not isinstance(text, str) or _HEX.fullmatch(text) is None:
        return None
    return bytes.fromhex(text[2:])


def written_signature(text: object, what: str) -> bytes:
    """
    The one form of a signature, 65 bytes r, s, v with v 27 or 28.

    Parameters
    ----------
    text : 0x and digits of either case: r, s and v of 27, 28, 0 or 1 (hardware wallets), or the
        64 bytes of EIP-2098
    what : names the value in the error

    Raises
    ------
    Malformed
        `malformed.signature`: not hexadecimal, another length, another v. That r and s are in
        range, s in the lower half, is for who verifies.
    """
    data = written_bytes(text)
    if data is None:
        raise _no_signature(what, "not 0x and hexadecimal digits")
    if len(data) == 64:
        s = int.from_bytes(data[32:])
        data = data[:32] + (s & ~(1 << 255)).to_bytes(32) + bytes([27 + (s >> 255)])
    if len(data) != 65:
        raise _no_signature(what, f"{len(data)} bytes, 65 (r, s, v) or 64 (EIP-2098) wanted")
    v = data[64]
    if v not in (0, 1, 27, 28):
        raise _no_signature(what, f"its last byte, v, is {v}; 27, 28, 0 or 1 wanted")
    return data[:64] + bytes([27 + v % 27])


def _no_signature(what: str, reason: str) -> Malformed:
    return Malformed("malformed.signature", f"{what}: {reason}", part=what)

"""
Addresses of the chain, 20 bytes: one spelling in our files, every right one from people.

The checksum of the mixed-case spelling is EIP-55.
"""

from __future__ import annotations

import re

from algebra.errors import Malformed
from algebra.keccak import keccak

_LOWER = re.compile(r"0x[0-9a-f]{40}", re.ASCII)
_ANY_CASE = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)


def check_address(address: str, what: str) -> str:
    """A lower-case address that is not zero; Malformed (`malformed.address`)."""
    if _LOWER.fullmatch(address) is None or int(address, 16) == 0:
        raise Malformed(
            "malformed.address", f"{what}: not a lower-case address of 20 bytes, or zero", part=what
        )
    return address


def address(value: str, what: str) -> str:
    """
    The checksummed spelling of an address.

    Parameters
    ----------
    value : 0x and 40 digits: all lower or all upper case, or with the right checksum
    what : names it in the error

    Raises
    ------
    Malformed
        `malformed.address`: no address, or a checksum that does not match.
    """
    if not isinstance(value, str) or _ANY_CASE.fullmatch(value) is None:
        raise Malformed(
            "malformed.address",
            f"{what} is not an address of 20 bytes (0x and 40 hexadecimal digits)",
            part=what,
        )
    digits = value[2:]
    lower = digits.lower()
    marks = keccak(lower.encode()).hex()
    spelled = "".join(
        digit.upper() if mark > "7" else digit for digit, mark in zip(lower, marks, strict=False)
    )
    if digits not in (lower, digits.upper(), spelled):
        raise Malformed(
            "malformed.address", f"{what}: the checksum of the address does not match", part=what
        )
    return f"0x{spelled}"

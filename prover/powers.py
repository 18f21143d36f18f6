"""
What every reader of a ceremony's file gives, and the errors that all of them raise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from algebra.errors import Malformed, Refused
from algebra.interface import PointG2, PointVector

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Powers:
    """
    Points of a file as they are read: finite and on their curves, their relations not yet checked.

    Attributes
    ----------
    g1 : said to be [tau^i]_1, i < length
    g2 : said to be [tau^e]_2 by e; [tau]_2, and others that the file holds and that `g1` can check;
        empty where the file has none
    container : what the file is
    contributions : how many it records, None where such a file records none
    """

    g1: PointVector
    g2: dict[int, PointG2]
    container: str
    contributions: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many powers are read of a file: `length` of them for `purpose`, or all (None)."""

    length: int | None
    purpose: str

    def of(self, there: int, hint: str = "") -> int:
        """
        How many to read of those that are there; Refused (`refused.ptau.power`) if they are too
        few.
        """
        length = there if self.length is None else self.length
        if not 2 <= length <= there:
            raise Refused(
                "refused.ptau.power",
                f"ceremony file: it has {there:,} powers of tau{hint}, {self.purpose} needs "
                f"{max(length, 2):,}",
                expected=length,
                got=there,
            )
        return length


def malformed(what: str, message: str, **fields: object) -> Malformed:
    """The error `malformed.ptau.<what>`; the caller raises it."""
    return Malformed(f"malformed.ptau.{what}", f"ceremony file: {message}", **fields)

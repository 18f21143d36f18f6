"""What an adapter says of itself: its entry, which stands in its own module."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from attestor.statement import Statement


@dataclass(frozen=True, slots=True)
class Tally:
    """
    What became of the lines of one file: each is counted once.

    Attributes
    ----------
    read : all, the header apart
    used : of an attested owner's wallets, or of what the lines of all are read by
    prices : prices for everybody: marks, trades of others
    left_out : of wallets that are not attested here
    repeated : that an earlier page has too, word for word
    """

    file: str
    read: int
    used: int = 0
    prices: int = 0
    left_out: int = 0
    repeated: int = 0

    @property
    def refused(self) -> int:
        """Lines of which nothing is known to have become; 0, or the files were not taken."""
        return self.read - self.used - self.prices - self.left_out - self.repeated


class VenueFiles(Protocol):
    """The files of a folder, read and checked once."""

    def statement(self, wallets: Collection[str], first_day: int, last_day: int) -> Statement:
        """
        An owner's statement, for a window in days since 1970-01-01 UTC, both ends included. A
        wallet without a line is one in which nothing happened.
        """
        ...

    def require_asked(self, asked: Collection[str], left_out: Collection[str]) -> None:
        """
        Refuse lines of wallets that nobody asked for.

        Parameters
        ----------
        asked : wallets of all owners who are attested
        left_out : wallets that are not, and whose lines are known to be there

        Raises
        ------
        Malformed
            `malformed.statement` with file, line, and the asked wallet that is nearest
            (`attestor.venues.asked`).
        """
        ...

    def tally(self, asked: Collection[str]) -> list[Tally]:
        """What became of the lines of every file, if these wallets are attested."""
        ...

    def idle(self, wallets: Collection[str]) -> list[str]:
        """Those of `wallets` without a line of their own, in which nothing happened."""
        ...


@dataclass(frozen=True, slots=True)
class Adapter:
    """
    The entry of a venue adapter.

    Attributes
    ----------
    name : by which a job file asks for it
    what : whose files it reads, in a few words
    files : names of the files that it reads in a folder; all are needed
    read : reads the files of a folder once; raises Malformed (`malformed.statement`) with file,
        line and reason, Unavailable (`unavailable.file`)
    """

    name: str
    what: str
    files: tuple[str, ...]
    read: Callable[[Path], VenueFiles]

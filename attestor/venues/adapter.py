"""
What an adapter says of itself: its entry, which stands in its own module.

`tierproof venues` tells the entries; whoever writes one answers for each part of a statement what
the venue gives of it, and how, or that it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from algebra.errors import Refused
from attestor.binding import check_venue
from attestor.statement import Statement
from attestor.venues.profiles import Profile


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


class Input(NamedTuple):
    """
    A file of the folder, or an answer of one that was collected.

    Attributes
    ----------
    name : of the file; of an answer the request, as the venue spells it
    source : where it is from, or what is in it, in a few words
    optional : may be absent
    """

    name: str
    source: str
    optional: bool = False


class Fact(NamedTuple):
    """Whether a venue's files give a part of a statement, and how, or why not."""

    given: bool
    how: str


def given(how: str) -> Fact:
    """A part that the files give: how it is known."""
    return Fact(True, how)


def lacking(why: str) -> Fact:
    """A part that the files do not give: what stands in for it, or that nothing does."""
    return Fact(False, why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """
    What is known by a venue's files; every part is answered.

    Attributes
    ----------
    completeness : by what it shows that no line is missing, or that it does not show
    equity : cash and deposits, so that a balance can be told at any instant
    fees, funding : as the venue charged them
    marks, deltas : prices of the venue for everybody, and of options their deltas
    liquidations : which executions the venue forced
    openings : what an account holds at the window's first instant
    closing : what the venue states at its end, to be compared with the books
    """

    completeness: Fact
    equity: Fact
    fees: Fact
    funding: Fact
    marks: Fact
    deltas: Fact
    liquidations: Fact
    openings: Fact
    closing: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    What every adapter says.

    Attributes
    ----------
    name : by which a job asks for it; lower case
    venue : whose name goes into bindings and leaves; None: any, as the job says
    what : whose files it reads, in a few words
    inputs : what it reads in a folder
    facts : what is known by it
    collects : whether `tierproof collect NAME` gets the folder from the venue
    """

    name: str
    venue: str | None
    what: str
    inputs: tuple[Input, ...]
    facts: Facts
    collects: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter(Entry):
    """
    The entry of a venue adapter.

    Attributes
    ----------
    margin : name of the venue's margin document (`policies.margin.EXAMPLES`), which the adapter
        binds; None: `margin.json` of the folder, and without it a hundredth of each exposure
    read : reads the files of a folder once, for the venue that the job names; raises Malformed
        (`malformed.statement`) with file, line and reason, Unavailable (`unavailable.file`)
    """

    margin: str | None
    read: Callable[[Path, str], VenueFiles]

    def open(self, folder: Path, venue: str) -> VenueFiles:
        """
        The files of a folder of this venue; as `read`, and Refused (`refused.venue`) where the
        adapter is another venue's.
        """
        if self.venue is not None and venue != self.venue:
            raise Refused(
                "refused.venue",
                f"venue: the adapter {self.name} reads files of {self.venue}, not of "
                f"{venue[:40]!a}",
            )
        return self.read(folder, check_venue(venue))


class ProfileFiles(Protocol):
    """The files of a folder, read and checked once, that say how wallets trade and no more."""

    @property
    def by_wallet(self) -> Mapping[str, Profile]:
        """What each wallet did."""
        ...

    @property
    def lines(self) -> tuple[Tally, ...]:
        """What became of the lines of every file."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileReader(Entry):
    """
    The entry of a venue whose files do not tell what its accounts are worth. Its books make
    profiles and no statement, so nothing of it can be attested (`refused.profile`).

    Attributes
    ----------
    records : kinds of records (`history.v2.record.KIND_NAMES`) whose facts the files hold
    metrics : numbers of the metrics whose sums they hold
    read : as `Adapter.read`, without a venue
    """

    records: tuple[str, ...]
    metrics: tuple[int, ...]
    read: Callable[[Path], ProfileFiles]

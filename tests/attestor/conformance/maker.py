"""
What an adapter brings to the conformance suite: a maker of its files.

`makers/NAME.py`, of the adapter's name with `_` for `-`, holds `MAKER`. A maker writes one honest
folder, small enough that its figures can be told by hand, and answers for each of `CHANGES` what
its venue's files make of it. The suite asks every entry of the registry for its maker, and holds
what the entry says (`attestor.venues.adapter.Facts`) against what the honest folder and the changes
show: whoever says that completeness is known has a missing line refused.

The honest folder holds what the entry's facts give: a fee, funding, an option with marks and
deltas, a liquidation, an opening, a closing statement; and at least two wallets with lines, of
which `wallets` are the owner's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from attestor.statement import Statement
from attestor.venues.adapter import Adapter


class Fault(NamedTuple):
    """
    A change for which the files are refused, when they are read or when the log is built.

    Attributes
    ----------
    change : of an honest folder, in place
    code : of the error
    reason : a part of its message
    """

    change: Callable[[Path], None]
    code: str
    reason: str


class Same(NamedTuple):
    """A change that says nothing new: the log is the same, byte for byte."""

    change: Callable[[Path], None]


class Unseen(NamedTuple):
    """A change that the venue's files cannot show: it is taken, and makes another log."""

    change: Callable[[Path], None]
    why: str


class Absent(NamedTuple):
    """Nothing in the venue's files could be changed so."""

    why: str


Outcome = Fault | Same | Unseen | Absent

CHANGES: Mapping[str, str] = {
    "id-twice": "sameness: an execution twice, under one id",
    "id-differs": "sameness: one id on two executions that differ",
    "pages-overlap": "sameness: the end of a page again at the head of the next one",
    "transfer-twice": "sameness: a deposit twice, under one id",
    "stale-mark": "age: no mark of a held instrument for longer than a mark counts",
    "past-expiry": "age: an instrument's end passes and nothing closes the position",
    "out-of-order": "order: two lines in each other's place",
    "sign": "sign: an execution or a payment with the other sign",
    "exponent": "units: a number in its exponent form",
    "decimals": "units: a number with more decimals than are kept",
    "not-a-number": "units: NaN where a number stands",
    "line-missing": "completeness: an execution in the middle is taken out",
    "first-missing": "completeness: the first line is taken out",
    "last-missing": "completeness: the last execution is taken out",
    "page-missing": "completeness: a page in the middle is taken out",
    "opening-wrong": "opening: another balance than the lines start from",
    "closing-wrong": "closing: another balance than the lines end at",
    "unknown-kind": "a line of a kind that nobody has seen",
    "unknown-instrument": "a line in an instrument that nobody has told",
}
"""Every change that a maker answers for. A maker may have more, under names of its own."""


class Recording(NamedTuple):
    """
    Real answers or files of the venue, for `make venues`.

    Attributes
    ----------
    name : in a few words
    folder : as the adapter reads it
    wallets, first_day, last_day : of one owner
    code : of the error with which it is refused; None: it is attested
    """

    name: str
    folder: Path
    wallets: tuple[str, ...]
    first_day: int
    last_day: int
    code: str | None = None


def no_recordings(data: Path, scratch: Path) -> Sequence[Recording]:
    """Of a venue of whom no real files are there."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """
    Attributes
    ----------
    venue : whose name the job gives
    wallets : the owner's; the honest folder has lines of others besides
    first_day, last_day : window, days since 1970-01-01 UTC
    write : writes the honest folder into an empty one
    records, opening, closing : of its log, told by hand; money in cents
    others : wallets of the honest folder that the job leaves out
    outcomes : for each of `CHANGES`, and for more
    recordings : given the folder of real data and an empty one to write into
    """

    venue: str
    wallets: tuple[str, ...]
    first_day: int
    last_day: int
    write: Callable[[Path], None]
    records: int
    opening: int
    closing: int
    others: tuple[str, ...] = ()
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    recordings: Callable[[Path, Path], Sequence[Recording]] = no_recordings

    def statement(self, adapter: Adapter, folder: Path) -> Statement:
        """The owner's statement, as `attest` reads it; wallets of others are left out."""
        files = adapter.open(folder, self.venue)
        return files.statement(self.wallets, self.first_day, self.last_day)


def has_maker(adapter: Adapter) -> bool:
    """Whether there is one."""
    return find_spec(_module(adapter)) is not None


def maker_of(adapter: Adapter) -> Maker:
    """The maker of an adapter; ModuleNotFoundError where it has none."""
    maker: Maker = import_module(_module(adapter)).MAKER
    return maker


def _module(adapter: Adapter) -> str:
    return f"tests.attestor.conformance.makers.{adapter.name.replace('-', '_')}"

"""
The first line in which two statements of an owner differ: the same facts, wherever they stand in
the files of two attestors (docs/explanation/attestation.md 9.5).

Files and lines are told and never compared: pages may be cut elsewhere. Of one place in the order
of the walk what each side says is told; of two places the earlier, which the other has not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from attestor.cells import time_text
from attestor.log import ordered_events
from attestor.origins import instrument_of
from attestor.stated import plain
from attestor.statement import CENT, UNIT, Fill, Isolated, Opening, Quote, Source, Statement
from tierproof.signing.difference import NOTHING, Difference

_USD = 100 * CENT


@dataclass(frozen=True, slots=True)
class _Fact:
    """
    Attributes
    ----------
    place : in the order of its list, without any number of the file
    said : all that is compared, by name
    source, words : what is told
    """

    place: tuple[Any, ...]
    said: Mapping[str, Any]
    source: Source
    words: Callable[[], str]

    def text(self) -> str:
        return f"{self.words()}, {self.source.file}:{self.source.line}"


_Pair = tuple[_Fact | None, _Fact | None]


def line_differences(name: str, one: Statement, other: Statement) -> list[Difference]:
    """The first opening, line and price that differ, each told after `name`."""
    found = []
    for what, facts in (("opening", _openings), ("line", _events), ("price", _prices)):
        pair = _first(facts(one), facts(other))
        if pair is not None:
            said = (NOTHING if each is None else each.text() for each in pair)
            found.append(Difference(f"{name}: first {what}{_parts(*pair)}", *said))
    return found


def _parts(one: _Fact | None, other: _Fact | None) -> str:
    """The names of what differs, where both have the fact."""
    if one is None or other is None:
        return ""
    names = {**one.said, **other.said}
    return f", by {', '.join(each for each in names if one.said.get(each) != other.said.get(each))}"


def _first(one: Iterable[_Fact], other: Iterable[_Fact]) -> _Pair | None:
    for left, right in zip_longest(one, other):
        if left is None or right is None:
            return left, right
        if left.said != right.said:
            if left.place == right.place:
                return left, right
            return (left, None) if left.place < right.place else (None, right)
    return None


def _openings(statement: Statement) -> Iterator[_Fact]:
    for account, opening in sorted(statement.openings.items()):
        held = tuple(sorted(each[1:] for each in opening.positions))
        said = {"balance": opening.balance, "positions": held}
        yield _Fact((account,), said, opening.source, _worded(_opening_words, account, opening))


def _events(statement: Statement) -> Iterator[_Fact]:
    for (time, rank, _, wallet), _, event in ordered_events(statement):
        said = {"kind": type(event).__name__, **_without_place(event)}
        yield _Fact((time, rank, wallet), said, event.source, _worded(_event_words, event))


def _prices(statement: Statement) -> Iterator[_Fact]:
    for quote in sorted(statement.quotes, key=_quote_place):
        said = _without_place(quote)
        yield _Fact(_quote_place(quote), said, quote.source, _worded(_price_words, quote))


def _quote_place(quote: Quote) -> tuple[Any, ...]:
    return quote.time, not quote.mark, quote.instrument


def _without_place(event: Any) -> Mapping[str, Any]:
    """Its fields but source and sequence, which are of the file."""
    said: dict[str, Any] = event._asdict()
    del said["source"], said["sequence"]
    return said


def _worded(words: Callable[..., str], *of: Any) -> Callable[[], str]:
    return lambda: words(*of)


# -- words -----------------------------------------------------------------------------------------
def _opening_words(account: str, opening: Opening) -> str:
    held = (f"{plain(each.size, UNIT)} {each.instrument}" for each in opening.positions)
    return ", ".join((account, f"{plain(opening.balance, _USD)} USD", *held))


def _event_words(event: Any) -> str:
    said = [time_text(event.time), type(event).__name__.lower(), event.wallet]
    name = instrument_of(event)
    if name is not None:
        said.append(name)
    if isinstance(event, Fill):
        said.append(f"{plain(event.size, UNIT)} at {plain(event.price, UNIT)}")
    else:
        said += _amounts(event)
    return ", ".join(said)


def _amounts(event: Any) -> Sequence[str]:
    """Of a line what it moves, of what the venue states balance and value."""
    if isinstance(event, Isolated):
        return []  # of dollars or coins
    money = (getattr(event, each, None) for each in ("amount", "balance", "value"))
    return [f"{plain(each, _USD)} USD" for each in money if each is not None]


def _price_words(quote: Quote) -> str:
    kind = "mark" if quote.mark else "public fill"
    return f"{time_text(quote.time)}, {kind} of {quote.instrument}: {plain(quote.price, UNIT)}"

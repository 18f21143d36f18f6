"""
Lines of wallets that nobody asked for (docs/explanation/attestation.md 2).

A wallet that is mistyped in a statement takes its lines with it: its owner's history would lack
them, and nobody would know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from algebra.errors import Malformed
from attestor.complaints import Complaints
from attestor.statement import Source, bad_line

_NAMED = 10


def require_asked(
    places: Mapping[str, Sequence[Source]], asked: Collection[str], left_out: Collection[str]
) -> None:
    """
    Refuse lines of wallets that are neither asked for nor left out on purpose.

    Parameters
    ----------
    places : of each wallet, where its lines stand
    asked, left_out : lower-case addresses

    Raises
    ------
    Malformed
        `malformed.statement`: a complaint for each such wallet, with its first lines and the asked
        wallet that differs from it in the fewest digits; all its lines count as refused. Several as
        one (`attestor.complaints`).
    """
    wrong = Complaints()
    for error in _complaints(places, frozenset(asked), frozenset(left_out)):
        wrong.add(error)
    wrong.settle()


def _complaints(
    places: Mapping[str, Sequence[Source]], asked: frozenset[str], left_out: frozenset[str]
) -> Iterator[Malformed]:
    for wallet, lines in places.items():
        if wallet in asked or wallet in left_out or not lines:
            continue
        error = bad_line(
            lines[0],
            f"wallet: {wallet} is nobody's who is attested{_nearest(wallet, asked)}; "
            f"{_lines(lines)}; correct it, or name it in left_out of the job",
        )
        refused = Counter(place.file for place in lines)
        counted = [{"file": file, "read": 0, "refused": n} for file, n in refused.items()]
        yield Malformed(error.code, error.message, **error.fields, lines=counted)


def _nearest(wallet: str, asked: frozenset[str]) -> str:
    """The asked wallet that this one may stand for."""
    if not asked:
        return ""
    differs, nearest = min((_differing(wallet, each), each) for each in asked)
    return f"; the nearest who is, {nearest}, differs in {differs} of 40 digits"


def _differing(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))


def _lines(places: Sequence[Source]) -> str:
    """How many lines, and which: told of the first file in which there are any."""
    here = [str(place.line) for place in places if place.file == places[0].file]
    more = len(places) - len(here[:_NAMED])
    named = ", ".join(here[:_NAMED]) + (f" and {more} more" if more else "")
    return f"line {named}" if len(places) == 1 else f"lines {named}"

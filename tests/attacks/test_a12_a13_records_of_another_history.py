"""
A12, A13: metrics of data that nobody attested; a record dropped, repeated, reordered or altered.
Two ways to lie: keep the attested commitment, and R' is not the limbs; or commit to the other
records, and the link does not end in the leaf.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.credential import Case, case, thresholds, week, world
from support.forge import shown, with_records

from algebra.native_backend import native
from history.v2 import record as r
from history.v2.record import Record
from tierproof.testing import assert_rejected

Rows = list[Record]


def swap(rows: Rows, i: int, j: int) -> Rows:
    rows[i], rows[j] = rows[j], rows[i]
    return rows


def changed(rows: Rows, index: int, **fields: int) -> Rows:
    rows[index] = rows[index]._replace(**fields)
    return rows


BOOKS = {"open_next.count_closing"}
"""The closing balance of the leaf."""
LIES: dict[str, tuple[Callable[[Rows], Rows], set[str]]] = {
    "the worst trade dropped": (lambda rows: rows[:6] + rows[7:], BOOKS),
    "a trade of zero dropped": (
        lambda rows: [row for row in rows if row.kind != r.ACTIVE or row.day != 3],
        set(),
    ),
    "the best trade twice": (lambda rows: [rows[4], *rows], BOOKS),
    "two records swapped": (lambda rows: swap(rows, 0, 12), set()),
    "another day": (lambda rows: changed(rows, 6, day=4), set()),
    "another value": (lambda rows: changed(rows, 6, value=400), BOOKS),
    "values moved between two": (
        lambda rows: changed(changed(rows, 6, value=-40), 7, value=-59),
        set(),
    ),
    "more notional": (lambda rows: changed(rows, 0, notional=10**9), set()),
    "a taker made maker": (lambda rows: changed(rows, 7, kind=rows[7].kind | r.MAKER), set()),
    "a liquidation hidden": (
        lambda rows: changed(rows, 10, kind=rows[10].kind & ~r.LIQUIDATION),
        set(),
    ),
    "a better distance": (lambda rows: changed(rows, 10, distance=9000), set()),
    "less exposure": (lambda rows: changed(rows, 5, exposure=1), set()),
    "another minute": (lambda rows: changed(rows, 3, minute=601), set()),
    "a gain as deposit": (
        lambda rows: changed(rows, 0, kind=r.ACTIVE | r.TRANSFER, notional=0),
        set(),
    ),
    "a vote made reward": (
        lambda rows: [
            row._replace(kind=row.kind | r.REWARD) if row.kind == r.ACTIVE else row for row in rows
        ],
        set(),
    ),
}
PROVEN = {
    "the worst trade dropped",
    "the best trade twice",
    "two records swapped",
    "more notional",
    "a liquidation hidden",
}
PROVEN_HERE = {"the worst trade dropped", "two records swapped"}
"""One whose count and books do not fit, and one of which the record alone tells."""


def desk(rows: Rows) -> Case:
    return case(rows, 7, 100_000, thresholds(), others=2)


@pytest.mark.parametrize("name", LIES)
def test_other_records_under_the_attested_commitment(name: str) -> None:
    alter, books = LIES[name]
    found, other = desk(week()), desk(alter(week()))
    forged = with_records(found, other)
    forged.commitment = found.leaf.commitment
    # the count is on the bus; where it is the same and the books close, `record` is all there is
    count = {"sum.end"} if len(other.records) != len(found.records) else set()
    assert found.labels(forged, **found.shown()) == {"record", *books, *count}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in PROVEN_HERE else [pytest.mark.slow])
        for name in LIES
        if name in PROVEN
    ],
)
def test_no_proof_of_other_records(name: str) -> None:
    found, other = desk(week()), desk(LIES[name][0](week()))
    forged = with_records(found, other)
    forged.commitment = found.leaf.commitment
    assert_rejected(world().key, forged, found.statement, native())


@pytest.mark.parametrize("name", [name for name in LIES if name in PROVEN])
def test_other_records_under_their_own_commitment(name: str) -> None:
    alter, books = LIES[name]
    found, other = desk(week()), desk(alter(week()))
    forged = with_records(found, other)
    assert found.labels(forged, **shown(found, forged)) == {
        "sum.end",
        *books,
    }  # words of C on the bus

"""Records: A8 there and back, and nothing but canonical words back."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from algebra.errors import Malformed
from history.v2 import record as r
from history.v2.record import Record, Records

FILL_FLAGS = st.sampled_from([0, r.MAKER, r.LIQUIDATION, r.MAKER | r.LIQUIDATION])
FLOW_FLAGS = st.sampled_from([0, r.INFLOW, r.BASE, r.INFLOW | r.BASE])


def edge(least: int, greatest: int) -> st.SearchStrategy[int]:
    return st.one_of(
        st.sampled_from([least, least + 1, greatest - 1, greatest]), st.integers(least, greatest)
    )


@st.composite
def records(draw: st.DrawFn) -> Record:
    kind = draw(st.sampled_from([r.VOTE, *r.KINDS]))
    flags = 0
    if kind == r.FILL:
        flags = draw(FILL_FLAGS)
    elif kind == r.BOOKED:
        flags = draw(st.sampled_from([0, r.LIQUIDATION]))
    elif kind == r.MARK:
        flags = draw(st.sampled_from([0, r.MAKER]))
    elif kind in (r.TRANSFER, r.REWARD):
        flags = draw(FLOW_FLAGS)
    owner = kind == r.MARK and flags != 0
    stateless = owner or kind == r.TRIP
    return Record(
        kind=r.ACTIVE | kind | flags,
        day=draw(edge(0, 365)),
        minute=draw(edge(0, 1439)),
        exposure=0 if stateless else draw(edge(0, 4095)),
        distance=10_000 if stateless else draw(edge(-(2**23), 2**23 - 1)),
        notional=draw(edge(0, 2**48 - 1)) if kind in (r.FILL, r.BOOKED, r.MARK) else 0,
        value=draw(edge(0 if owner else 1 - 2**47, 2**47 - 1)) if kind != r.VOTE else 0,
    )


def plain_word(row: Record) -> int:
    """A8 written out once more, number by number."""
    return (
        row.kind
        + row.day * 2**12
        + row.minute * 2**24
        + row.exposure * 2**36
        + (row.distance + 2**23) * 2**48
        + row.notional * 2**72
        + (row.value + 2**47) * 2**120
    )


@given(st.lists(records(), max_size=8))
def test_words_limbs_and_back(rows: list[Record]) -> None:
    table = Records.from_rows(rows)
    words = table.encode()
    assert words == [plain_word(row) for row in rows]
    assert Records.decode(words) == table
    assert table.rows() == rows
    limbs = table.limbs()
    assert limbs.shape == (len(rows), 14) and limbs.dtype == np.uint16
    assert [sum(int(limb) << (12 * i) for i, limb in enumerate(row)) for row in limbs] == words


@given(st.integers(0, 2**168 - 1))
def test_a_word_has_one_record_or_none(word: int) -> None:
    try:
        table = Records.decode([word])
    except Malformed:
        return
    assert table.encode() == [word]


GOOD = Record(r.ACTIVE | r.FILL, 3, 4, 5, 6, 7, 8)
STATELESS, STATE = {"exposure": 0, "distance": 10_000}, "malformed.record.kind"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": r.FILL}, "malformed.record.kind"),
        ({"kind": r.ACTIVE | r.FILL | r.MARK}, "malformed.record.kind"),
        ({"kind": r.ACTIVE | r.FILL | r.BOOKED}, "malformed.record.kind"),
        ({"kind": r.ACTIVE | r.FILL | r.TRIP}, "malformed.record.kind"),
        ({"kind": r.ACTIVE | r.BOOKED | r.MAKER}, "malformed.record.kind"),
        ({"kind": r.ACTIVE | r.CARRY | r.MAKER, "notional": 0}, "malformed.record.kind"),
        ({"kind": r.ACTIVE | r.TRIP, "exposure": 0, "distance": 10_000}, "malformed.record.kind"),
        (
            {"kind": r.ACTIVE | r.TRIP | r.LIQUIDATION, "notional": 0, **STATELESS},
            "malformed.record.kind",
        ),
        ({"kind": r.ACTIVE | r.TRIP, "notional": 0, **STATELESS, "exposure": 1}, STATE),
        ({"kind": r.ACTIVE | r.TRIP, "notional": 0, **STATELESS, "distance": 9_999}, STATE),
        ({"kind": r.ACTIVE | r.MARK | r.MAKER, **STATELESS, "exposure": 1}, STATE),
        ({"kind": r.ACTIVE | r.MARK | r.MAKER, **STATELESS, "distance": 10_001}, STATE),
        ({"kind": r.ACTIVE | r.MARK | r.MAKER, **STATELESS, "value": -1}, STATE),
        ({"kind": r.ACTIVE | r.MARK | r.LIQUIDATION}, "malformed.record.kind"),
        ({"kind": r.ACTIVE | r.FILL | r.INFLOW}, "malformed.record.kind"),
        ({"kind": r.ACTIVE | r.FILL | r.BASE}, "malformed.record.kind"),
        ({"kind": r.ACTIVE | r.TRANSFER}, "malformed.record.kind"),  # has notional
        ({"kind": r.ACTIVE | r.CARRY}, "malformed.record.kind"),
        ({"kind": r.ACTIVE, "notional": 0}, "malformed.record.kind"),  # a vote with value
        ({"day": 366}, "malformed.record.range"),
        ({"minute": 1440}, "malformed.record.range"),
        ({"value": -(2**47)}, "malformed.record.range"),
    ],
)
def test_decode_refuses(change: dict[str, int], code: str) -> None:
    bad = GOOD._replace(**change)
    with pytest.raises(Malformed, match="record 1") as caught:
        Records.decode([plain_word(GOOD), plain_word(bad)])
    assert caught.value.code == code
    assert caught.value.fields["index"] == 1


@pytest.mark.parametrize("word", [-1, 2**168, 2**254, plain_word(GOOD) + 2**168])
def test_decode_refuses_unused_bits(word: int) -> None:
    with pytest.raises(Malformed) as caught:
        Records.decode([word])
    assert caught.value.code == "malformed.record.word"


@pytest.mark.parametrize(("name", "least", "greatest"), r.RANGES)
def test_encode_refuses_what_does_not_fit(name: str, least: int, greatest: int) -> None:
    for number in (least - 1, greatest + 1):
        table = Records.from_rows([GOOD, GOOD._replace(**{name: number})])
        for job in (table.encode, table.limbs):
            with pytest.raises(Malformed, match=f"record 1: {name}"):
                job()
    Records.from_rows([GOOD._replace(**{name: greatest})]).encode()


def test_columns_must_agree() -> None:
    one, two = np.zeros(1, np.int64), np.zeros(2, np.int64)
    with pytest.raises(Malformed, match="value has 2 rows"):
        Records(one, one, one, one, one, one, two)
    with pytest.raises(Malformed, match="not a one-dimensional column of integers"):
        Records(one, one, one, one, one, one, np.zeros(1, np.float64))  # type: ignore[arg-type]
    with pytest.raises(Malformed, match="64 bits"):
        Records(one, one, one, one, one, np.array([2**63], np.uint64), one)  # type: ignore[arg-type]
    with pytest.raises(Malformed, match="64-bit"):
        Records.from_rows([GOOD._replace(value=2**63)])


def test_take_and_equality() -> None:
    table = Records.from_rows([GOOD._replace(day=day) for day in range(4)])
    assert [row.day for row in table.take([3, 0]).rows()] == [3, 0]
    assert len(table.take([])) == 0
    assert table.take(slice(1, 3)) == table.take(np.array([False, True, True, False]))
    assert table != table.take([0, 1, 2])
    assert table != 5
    assert table.row(2) == GOOD._replace(day=2)
    assert pickle.loads(pickle.dumps(table)) == table == copy.deepcopy(table)

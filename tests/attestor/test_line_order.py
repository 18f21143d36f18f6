"""Each line of a statement once: lines read twice, pages that overlap, contradictions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_statement_csv import COLUMNS, NAMES, A, B

from algebra.errors import Malformed
from attestor.log import build_log
from attestor.statement import Source
from attestor.venues.adapter import Tally
from attestor.venues.pages import Once
from attestor.venues.statement_csv import INSTRUMENTS, STATEMENT, StatementFile
from history.dates import day_number
from history.v2.record import FILL

Row = dict[str, str]
FIRST = day_number("2026-01-01")
TRADE = {"side": "buy", "size": "1", "price": "100", "fee": "0", "liquidity": "taker"}
OPENING = {"kind": "opening", "wallet": A, "amount": "1000", "time": "2026-01-01T00:00:00Z"}
ROWS: list[Row] = [
    OPENING,
    {"kind": "fill", "wallet": A, "instrument": "BTC", "id": "t1", **TRADE},
    {"kind": "fill", "wallet": A, "instrument": "BTC", "id": "t2", **TRADE, "side": "sell"},
    {"kind": "transfer", "wallet": A, "amount": "50", "id": "0xabc"},
    {"kind": "carry", "wallet": A, "amount": "-1"},
    {"kind": "reward", "wallet": A, "amount": "2", "id": "programme"},
    {"kind": "vote", "wallet": A, "id": "proposal"},
    {"kind": "mark", "instrument": "BTC", "price": "101"},
    {"kind": "trade", "instrument": "BTC", "size": "3", "price": "101", "id": "p1"},
]


def page(folder: Path, rows: list[Row], name: str = STATEMENT, first: int = 1) -> None:
    """Lines a second apart; the number of a line is its own, from `first` on, unless it has one."""
    lines = [",".join(COLUMNS)]
    for number, row in enumerate(rows, start=first):
        filled = {"time": f"2026-01-01T01:00:{number:02d}Z", "sequence": str(number), **row}
        lines.append(",".join(filled.get(column, "") for column in COLUMNS))
    (folder / name).write_text("\n".join(lines) + "\n")
    (folder / INSTRUMENTS).write_text(NAMES)


def load(folder: Path) -> StatementFile:
    return StatementFile.load(folder, "v")


def refused(folder: Path) -> dict[str, Any]:
    with pytest.raises(Malformed) as caught:
        load(folder)
    assert caught.value.code == "malformed.statement" and "errors" not in caught.value.fields
    return caught.value.fields


# -- one file --------------------------------------------------------------------------------------
@pytest.mark.parametrize("row", range(1, len(ROWS)), ids=lambda row: ROWS[row]["kind"])
def test_a_line_read_twice_is_refused(tmp_path: Path, row: int) -> None:
    """The same instant and content under the next number, whatever the kind."""
    at = {"time": "2026-01-01T01:00:30Z"}
    rows = [OPENING, ROWS[row] | at, ROWS[row] | at]
    page(tmp_path, rows)
    fields = refused(tmp_path)
    assert (fields["file"], fields["line"]) == (STATEMENT, 4)
    assert "the same as line 3 in all but the sequence: read twice" in fields["reason"]


@pytest.mark.parametrize(
    ("row", "apart", "hint"),
    [
        (1, {"id": "t9"}, "if they are two, give each its trade id or start position"),
        (1, {"start_position": "1"}, "if they are two, give each its trade id or start position"),
        (3, {"id": "0xdef"}, "if they are two, give each its transaction id"),
        (4, {"id": "f1"}, "if they are two, give each an id"),
        (8, {"id": "p2"}, "if they are two, give each its trade id"),
    ],
)
def test_two_facts_that_look_alike_are_told_apart(
    tmp_path: Path, row: int, apart: Row, hint: str
) -> None:
    first = ROWS[row] | {"time": "2026-01-01T01:00:30Z", "id": ""}
    page(tmp_path, [OPENING, first, first])
    assert refused(tmp_path)["reason"].endswith(f"read twice; {hint}")
    page(tmp_path, [OPENING, first, first | apart])
    load(tmp_path)
    named = first | {"id": "same"}
    page(tmp_path, [OPENING, named, named])
    assert refused(tmp_path)["reason"].endswith("read twice")


@pytest.mark.parametrize("apart", [{"price": "102"}, {"price": "5", "delta": "0.6"}])
def test_an_instant_has_one_mark_of_an_instrument(tmp_path: Path, apart: Row) -> None:
    """Else the order of the lines would say which of the two is the price."""
    first = ROWS[7] | {"time": "2026-01-01T01:00:30Z"}
    if "delta" in apart:
        first |= {"instrument": "CALL", "price": "5", "delta": "0.5"}
    page(tmp_path, [OPENING, first, ROWS[4] | {"time": first["time"]}, first | apart])
    fields = refused(tmp_path)
    assert fields["line"] == 5
    assert fields["reason"] == "mark: line 3 has another of this instrument and instant"
    page(tmp_path, [OPENING, first, first | apart | {"time": "2026-01-01T01:00:31Z"}])
    load(tmp_path)


def test_numbers_written_otherwise_are_the_same_numbers(tmp_path: Path) -> None:
    at = {"time": "2026-01-01T01:00:30Z"}
    page(tmp_path, [OPENING, ROWS[4] | at, ROWS[4] | at | {"amount": "-1.00"}])
    assert "the same as line 3" in refused(tmp_path)["reason"]


def test_the_same_trade_or_transaction_at_another_instant(tmp_path: Path) -> None:
    """One export has the time of execution, the other that of booking; the id is the same."""
    page(tmp_path, [*ROWS, ROWS[1]])
    assert refused(tmp_path)["reason"] == "id: trade t1 stands at line 3 with another instant"
    page(tmp_path, [*ROWS, ROWS[3]])
    assert "transaction 0xabc into this wallet stands at line 5" in refused(tmp_path)["reason"]
    carry = ROWS[4] | {"id": "f1"}
    page(tmp_path, [OPENING, carry, carry])
    assert "payment f1 out of this wallet stands at line 3" in refused(tmp_path)["reason"]


def test_an_id_is_looked_for_in_the_whole_file(tmp_path: Path) -> None:
    """The two sides of a trade may be two owners'; a third line is neither's."""
    other = ROWS[1] | {"wallet": B, "side": "sell", "time": "2026-01-01T01:00:02Z"}
    rows = [OPENING, ROWS[1], other]
    page(tmp_path, rows)
    load(tmp_path)
    page(tmp_path, [*rows, other | {"wallet": "0x" + "c" * 40}])
    assert "trade t1 stands at line 4 with the same side" in refused(tmp_path)["reason"]


def test_a_trade_told_to_all_agrees_with_its_sides(tmp_path: Path) -> None:
    at = {"time": "2026-01-01T01:00:02Z"}
    told: Row = {"kind": "trade", "instrument": "BTC", "size": "1", "price": "100", "id": "t1"} | at
    page(tmp_path, [OPENING, ROWS[1], told])
    load(tmp_path)
    page(tmp_path, [OPENING, ROWS[1], told | {"price": "99"}])
    assert "trade t1 stands at line 3 with another price" in refused(tmp_path)["reason"]


# -- pages -----------------------------------------------------------------------------------------
SECOND, THIRD = "statement-2.csv", "statement-3.csv"


def test_pages_that_overlap_are_one_statement(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    page(tmp_path / "one", ROWS)
    whole = load(tmp_path / "one")
    page(tmp_path, ROWS[:5])
    page(tmp_path, ROWS[3:7], SECOND, 4)
    page(tmp_path, ROWS[6:], THIRD, 7)
    paged = load(tmp_path)
    assert paged.read == {INSTRUMENTS: 2, STATEMENT: 5, SECOND: 4, THIRD: 3}
    assert paged.repeated == {SECOND: 2, THIRD: 1}
    logs = [build_log(each.statement([A], FIRST, FIRST + 1)) for each in (whole, paged)]
    assert logs[0] == logs[1] and int(logs[0].records.has(FILL).sum()) == 2
    assert [each.refused for each in paged.tally({A})] == [0, 0, 0, 0]
    assert paged.tally({A})[1:] == [
        Tally(STATEMENT, 5, used=5),
        Tally(SECOND, 4, used=2, repeated=2),
        Tally(THIRD, 3, prices=2, repeated=1),
    ]
    assert paged.tally(set())[1] == Tally(STATEMENT, 5, left_out=5)
    places = [(place.file, place.line) for place in paged.places[A]]
    assert places == [*((STATEMENT, n) for n in range(2, 7)), (SECOND, 4), (SECOND, 5)]


@pytest.mark.parametrize(
    ("column", "value"),
    [("size", "2"), ("price", "100.00"), ("time", "2026-01-01T01:00:03.5Z"), ("id", "t3")],
)
def test_a_number_with_another_content_is_a_contradiction(
    tmp_path: Path, column: str, value: str
) -> None:
    page(tmp_path, ROWS[:4])
    page(tmp_path, [ROWS[2] | {column: value}, *ROWS[3:6]], SECOND, 3)
    fields = refused(tmp_path)
    assert (fields["file"], fields["line"]) == (SECOND, 2)
    there = {"time": "2026-01-01T01:00:03Z", **ROWS[2]}[column]
    assert fields["reason"] == (
        f"{column}: '{value}', but '{there}' at {STATEMENT}:4 under the same sequence, 3"
    )


def test_a_content_under_another_number_is_refused(tmp_path: Path) -> None:
    """Pages whose lines are numbered each for itself overlap without being known by number."""
    at = {"time": "2026-01-01T01:00:04Z"}
    page(tmp_path, ROWS[:4])
    page(tmp_path, [ROWS[3] | at, *ROWS[4:6]], SECOND, 5)
    assert "the same as statement.csv:5 in all but the sequence" in refused(tmp_path)["reason"]
    page(tmp_path, ROWS[1:3], SECOND, 6)
    with pytest.raises(Malformed) as caught:
        load(tmp_path)
    listed: list[dict[str, Any]] = caught.value.fields["errors"]  # type: ignore[assignment]
    assert [(part["file"], part["line"]) for part in listed] == [(SECOND, 2), (SECOND, 3)]
    assert "trade t1 stands at statement.csv:3 with another instant" in listed[0]["reason"]


def test_a_line_between_those_of_an_earlier_page_is_refused(tmp_path: Path) -> None:
    page(tmp_path, [ROWS[0], ROWS[1], ROWS[2] | {"sequence": "7"}])
    page(tmp_path, [ROWS[3] | {"sequence": "5"}], SECOND)
    assert refused(tmp_path)["reason"] == "sequence: 5 is repeated or goes back"


@pytest.mark.parametrize("second", ["2026-01-01T01:00:02Z", "2025-12-31T00:00:00Z"])
def test_time_does_not_go_back_from_page_to_page(tmp_path: Path, second: str) -> None:
    page(tmp_path, ROWS[:3])
    page(tmp_path, [ROWS[4] | {"time": second}], SECOND, 4)
    assert "time: goes back" in refused(tmp_path)["reason"]


@pytest.mark.parametrize("name", [THIRD, "statement-02.csv", "statement-1.csv", "statement-b.csv"])
def test_a_page_without_the_one_before_it_is_refused(tmp_path: Path, name: str) -> None:
    """A page left out, or one under a name that is never read, is not passed over in silence."""
    page(tmp_path, ROWS[:3])
    page(tmp_path, ROWS[3:], name, 4)
    fields = refused(tmp_path)
    assert (fields["file"], fields["line"]) == (name, 1)
    assert f"{SECOND} is the next wanted" in fields["reason"]


# -- pages of any venue ----------------------------------------------------------------------------
def test_rows_of_any_venue_are_known_by_their_id() -> None:
    """A row is taken once; what an overlap does not explain is refused."""
    once = Once(("time", "px"), "tid")
    assert once.is_new("7", ["1", "100"], Source("p1", 2))
    assert once.is_new("8", ["1", "100"], Source("p1", 3))  # alike, but another id
    assert not once.is_new("8", ["1", "100"], Source("p2", 2))
    assert not once.is_new("8", ["1", "100"], Source("p3", 2))
    assert once.is_new("9", ["2", "100"], Source("p2", 3))
    assert once.repeated == {"p2": 1, "p3": 1}
    for row, source, said in (
        (
            ("9", ["2", "101"]),
            Source("p3", 3),
            "px: '101', but '100' at p2:3 under the same tid, 9",
        ),
        (("9", ["2", "100"]), Source("p2", 4), "tid: 9 stands at line 3 already"),
    ):
        with pytest.raises(Malformed) as caught:
            once.is_new(*row, source)
        assert caught.value.fields["reason"] == said

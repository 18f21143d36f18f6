"""Margin documents and marks: every file by which a log is made stands in its root."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from attestor_world import FIRST_DAY, Attestors, Lines, key, lagrange_basis, signed_owner, statement
from test_attestation import SECRETS, N, run
from test_hyperliquid_2023 import LEDGER_LINES, LIQUIDATION_LINES, TRADE_LINES
from test_hyperliquid_2023 import write as write_history
from test_standing import document
from test_statement_csv import FIRST, GOOD, NAMES, A, write

from algebra.errors import Malformed, Refused
from algebra.interface import Algebra, PointVector
from algebra.keccak import keccak
from attestor.attest import OwnerStatement, _files
from attestor.log import build_log
from attestor.statement import Statement
from attestor.venues.adapter import Adapter
from attestor.venues.hyperliquid_2023 import TRADES, History
from attestor.venues.marks_csv import MARKS
from attestor.venues.registry import ADAPTERS
from attestor.venues.statement_csv import MARGIN, StatementFile
from policies.feed import FeedDocument
from policies.margin import EXAMPLES, MarginDocument, example
from policies.rule_files import NO_FILES, RuleFiles
from tests.attestor.conformance.maker import maker_of

SAMPLE = RuleFiles((("margin/sample", document().digest),))
FEED = FeedDocument.make("volatility", "a test", FIRST_DAY, FIRST_DAY + 2, [[5_000]] * 4)


@pytest.fixture(scope="module")
def basis(algebra: Algebra) -> PointVector:
    return lagrange_basis(N, algebra)


# -- what a root names -----------------------------------------------------------------------------
def test_the_root_names_the_document_of_the_statements(
    basis: PointVector, algebra: Algebra
) -> None:
    """Of itself, in the root that is signed and beside it, whatever the order of the owners."""
    attestors = Attestors()
    owners = [
        signed_owner(attestors, secret, [key(f"documents {secret}")]) for secret in SECRETS[:2]
    ]
    judged = [
        OwnerStatement(each.owner_tag, replace(each.statement, margin=document()))
        for each in owners
    ]
    for ordered in (judged, judged[::-1]):
        for made in run(attestors, ordered, basis, algebra):
            assert made.files == SAMPLE
            assert made.signed_root.rules == keccak(document().digest)
    (plain, _) = run(attestors, owners, basis, algebra)
    assert plain.files == NO_FILES and plain.signed_root.rules == keccak(b"")


def test_documents_and_marks_stand_beside_what_the_round_names() -> None:
    marks = RuleFiles.of({"marks/venue.csv": b"1"})
    judged = replace(statement(), margin=document(), marks=marks)
    assert judged.files == RuleFiles.together([SAMPLE, marks])
    found = _files([OwnerStatement(1, judged), OwnerStatement(2, judged)], FEED)
    assert ("feed/volatility", FEED.digest) in found.files
    assert [name for name, _ in found.files] == [
        "feed/volatility", "margin/sample", "marks/venue.csv",
    ]  # fmt: skip


def another(given: Statement) -> Statement:
    return replace(given, margin=replace(document(), digest=b"\1" * 32))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (another, "two of the name margin/sample"),
        (lambda given: replace(given, margin=None), "by a margin document and others by none"),
        (
            lambda given: replace(given, marks=RuleFiles((("marks/a", b"\2" * 32),))),
            "two of the name marks/a",
        ),
    ],
)
def test_statements_that_contradict_each_other_share_no_root(
    change: Callable[[Statement], Statement], reason: str
) -> None:
    marks = RuleFiles((("marks/a", b"\1" * 32),))
    one = replace(statement(), margin=document(), marks=marks)
    with pytest.raises(Refused, match=reason) as caught:
        _files([OwnerStatement(1, one), OwnerStatement(2, change(one))], None)
    assert caught.value.code == "refused.rule_files"
    _files([OwnerStatement(1, one), OwnerStatement(2, one)], None)


@pytest.mark.parametrize("name", ["", "a b", "margin/a", "ma\u00dfe"])
def test_a_document_has_a_name_that_a_root_takes(name: str) -> None:
    content: Any = json.loads((Path("policies/examples/margin") / "sample.json").read_text())
    with pytest.raises(Malformed, match="name: ") as caught:
        MarginDocument.from_bytes(json.dumps(content | {"name": name}).encode(), "rules.json")
    assert (caught.value.code, caught.value.fields["field"]) == ("malformed.margin", "name")
    for each in EXAMPLES:
        RuleFiles(((f"margin/{each}", example(each).digest),))


# -- what an adapter reads -------------------------------------------------------------------------
def test_the_venues_own_document_is_named_too(tmp_path: Path) -> None:
    folder = write_history(tmp_path, TRADE_LINES, LEDGER_LINES, LIQUIDATION_LINES)
    files = History.load(folder).statement([A], 19_417, 19_418).files
    assert dict(files.files) == {
        "margin/hyperliquid": example("hyperliquid").digest,
        f"marks/{TRADES}": keccak((folder / TRADES).read_bytes()),
    }


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda each: each.name)
def test_file_names_do_not_depend_on_the_folder(tmp_path: Path, adapter: Adapter) -> None:
    """Attestors keep their files where they like and get the same rules."""
    maker, found = maker_of(adapter), []
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        maker.write(tmp_path / name)
        found.append(maker.statement(adapter, tmp_path / name).files)
    assert found[0] == found[1]
    assert (f"margin/{adapter.margin}" in dict(found[0].files)) == (adapter.margin is not None)


def test_marks_and_margin_document_are_named_by_what_they_are(tmp_path: Path) -> None:
    sample = Path("policies/examples/margin/sample.json").read_bytes()
    found = []
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        (write_with_marks(tmp_path / name) / MARGIN).write_bytes(sample)
        found.append(
            StatementFile.load(tmp_path / name, "v").statement([A], FIRST, FIRST + 1).files
        )
    assert found[0] == found[1]
    assert [name for name, _ in found[0].files] == ["margin/sample", "marks/v.csv"]


MARK_LINES = [
    "time,instrument,price,delta,volatility",
    "2026-01-01T00:00:00Z,BTC,100,,",
    "2026-01-01T00:01:00Z,CALL,5,0.5,0.6",
    "2026-01-02T00:00:00Z,BTC,120,,",
    "2026-01-02T00:00:00Z,CALL,4,0.25,",
]
NO_MARKS = [row for row in GOOD if row["kind"] != "mark"]


def write_with_marks(folder: Path, lines: list[str] = MARK_LINES) -> Path:
    write(folder, NO_MARKS, NAMES)
    (folder / MARKS).write_text("\n".join(lines) + "\n")
    return folder


def test_marks_of_a_file_of_their_own_price_as_lines_do(tmp_path: Path) -> None:
    marks = [
        {"kind": "mark", "time": cells[0], "instrument": cells[1], "price": cells[2],
         "delta": cells[3]}
        for cells in (line.split(",") for line in MARK_LINES[1:])
    ]  # fmt: skip
    (tmp_path / "lines").mkdir()
    (tmp_path / "file").mkdir()
    rows = [{"time": f"2026-01-01T00:{i:02d}:00Z", **row} for i, row in enumerate(NO_MARKS, 2)]
    rows[0]["time"] = rows[1]["time"] = "2026-01-01T00:00:00Z"
    one = write(tmp_path / "lines", sorted([*marks, *rows], key=lambda row: row["time"]))
    other = write(tmp_path / "file", rows)
    (other / MARKS).write_text("\n".join(MARK_LINES) + "\n")
    loaded = [StatementFile.load(folder, "v") for folder in (one, other)]
    logs = [build_log(each.statement([A], FIRST, FIRST + 1)) for each in loaded]
    assert logs[0].records.rows() == logs[1].records.rows() and logs[0].opening == 101_000
    assert loaded[1].price_files == RuleFiles.of({"marks/v.csv": (other / MARKS).read_bytes()})
    assert loaded[0].price_files == NO_FILES
    (tally,) = [each for each in loaded[1].tally([A]) if each.file == MARKS]
    assert (tally.read, tally.prices, tally.refused) == (4, 4, 0)


@pytest.mark.parametrize(
    ("line", "to", "reason"),
    [
        (2, "2026-01-01T00:00:00Z,XRP,100,,", "instrument: unknown: 'XRP'"),
        (2, "2026-01-01T00:00:00Z,BTC,0,,", "price: must be above 0"),
        (2, "2026-01-01T00:00:00Z,BTC,100,0.5,", "delta: an option's mark"),
        (2, "2026-01-01T00:00:00Z,BTC,100,,0.5", "volatility: only an option's"),
        (3, "2026-01-01T00:01:00Z,CALL,5,,", "delta: an option's mark"),
        (3, "2026-01-01T00:01:00Z,CALL,5,0.5,0", "volatility: must be above 0"),
        (4, "2025-01-02T00:00:00Z,BTC,120,,", "time: goes back"),
        (5, "2026-01-02T00:00:00Z,BTC,121,,", "line 4 has a mark of this instrument"),
        (1, "time,instrument", "header: no price"),
    ],
)
def test_bad_marks(tmp_path: Path, line: int, to: str, reason: str) -> None:
    lines = [*MARK_LINES]
    lines[line - 1] = to
    with pytest.raises(Malformed, match=reason) as caught:
        StatementFile.load(write_with_marks(tmp_path, lines), "v")
    assert (caught.value.fields["file"], caught.value.fields["line"]) == (MARKS, line)


def test_marks_stand_in_one_place(tmp_path: Path) -> None:
    write_with_marks(tmp_path)
    write(tmp_path, GOOD)
    with pytest.raises(Malformed, match=r"statement\.csv:4: kind: the marks .* in marks\.csv"):
        StatementFile.load(tmp_path, "v")


def test_no_marks_are_no_file() -> None:
    assert statement([Lines().fill(0, A, 1, 1)]).files == NO_FILES


def test_a_margin_document_that_charges_nothing_is_refused(tmp_path: Path) -> None:
    write(tmp_path, GOOD, NAMES)
    content: Any = json.loads((Path("policies/examples/margin") / "sample.json").read_text())
    content["versions"][0]["linear"][0]["brackets"][0]["rate"] = [0, 1]
    (tmp_path / MARGIN).write_text(json.dumps(content))
    with pytest.raises(Malformed, match="a rate of 0") as caught:
        StatementFile.load(tmp_path, "v")
    assert caught.value.code == "malformed.margin"
    assert (caught.value.fields["file"], caught.value.fields["field"]) == (
        MARGIN, "versions[0].linear[0].brackets[0].rate",
    )  # fmt: skip

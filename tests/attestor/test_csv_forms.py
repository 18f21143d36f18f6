"""
The forms in which programs and people save a statement: taken where they have one meaning, refused
with what was found where they do not.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from test_statement_csv import GOOD, NAMES, A, write

from algebra.errors import Malformed
from attestor.complaints import LISTED
from attestor.venues.statement_csv import INSTRUMENTS, STATEMENT, StatementFile
from policies.address import address

Change = Callable[[bytes], bytes]


def load(folder: Path) -> StatementFile:
    return StatementFile.load(folder, "v")


def refused(folder: Path) -> Malformed:
    with pytest.raises(Malformed) as caught:
        load(folder)
    assert caught.value.code == "malformed.statement"
    return caught.value


def spaced(content: bytes) -> bytes:
    return content.replace(b",", b" ,\t")


def quoted(content: bytes) -> bytes:
    lines = content.splitlines()
    return b"\n".join(b",".join(b'"%s"' % c for c in line.split(b",")) for line in lines)


TAKEN: dict[str, Change] = {
    "byte order mark": lambda content: b"\xef\xbb\xbf" + content,
    "line ends of Windows": lambda content: content.replace(b"\n", b"\r\n"),
    "line ends of old Macs": lambda content: content.replace(b"\n", b"\r"),
    "no end of the last line": lambda content: content.rstrip(b"\n"),
    "empty lines at the end": lambda content: content + b"\n\r\n  \n",
    "empty cells at the end": lambda content: content + b"," * content[:200].count(b",") + b"\n",
    "blanks around cells": spaced,
    "quoted cells": quoted,
    "quoted cells after blanks": lambda content: quoted(content).replace(b",", b", "),
    "checksummed wallets": lambda content: content.replace(A.encode(), address(A, "test").encode()),
    "upper-case wallets": lambda content: content.replace(
        A.encode(), A.upper().replace("X", "x").encode()
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_has_one_meaning_is_taken(tmp_path: Path, name: str) -> None:
    (tmp_path / "plain").mkdir()
    plain = load(write(tmp_path / "plain", GOOD))
    write(tmp_path, GOOD)
    for file in (STATEMENT, INSTRUMENTS):
        path = tmp_path / file
        changed = TAKEN[name](path.read_bytes())
        assert changed != path.read_bytes() or file == INSTRUMENTS
        path.write_bytes(changed)
    assert load(tmp_path) == plain


REFUSED: list[tuple[str, Change, int, str]] = [
    ("semicolons", lambda c: c.replace(b",", b";"), 1, "separated by ';', commas are wanted"),
    ("tabs", lambda c: c.replace(b",", b"\t"), 1, "separated by tabs, commas are wanted"),
    ("UTF-16", lambda c: c.decode().encode("utf-16"), 1, "text in UTF-16"),
    ("UTF-16 without a mark", lambda c: c.decode().encode("utf-16-le"), 1, "UTF-16 without"),
    ("another order", lambda c: c.replace(b"time,sequence", b"sequence,time"), 1, "another order"),
    ("upper case", lambda c: c.replace(b"time,", b"Time,"), 1, "no time; unknown 'Time'; want "),
    ("a column more", lambda c: c.replace(b"time,", b"time,note,"), 1, "unknown 'note'; want "),
    ("a column twice", lambda c: c.replace(b"time,", b"time,time,"), 1, "stands twice; want "),
    ("no header", lambda c: c.split(b"\n", 1)[1], 1, "header: no time, sequence, "),
    ("files joined", lambda c: c + c, 12, "the header again: files were joined"),
    ("files joined with marks", lambda c: 2 * (b"\xef\xbb\xbf" + c), 12, "the header again"),
    ("a gap", lambda c: c.replace(b"\n", b"\n\n", 3), 2, "an empty line with others after it"),
    ("Latin 1", lambda c: c.replace(b"proposal", b"caf\xe9"), 11, "byte 0xe9 after "),
    ("a workbook", lambda c: b"PK\x03\x04" + c, 1, "a zip archive or a workbook"),
    ("gzip", lambda c: gzip.compress(c), 1, "compressed with gzip"),
    ("a web page", lambda c: b"\n <!DOCTYPE html><html>" + c, 1, "a web page"),
    ("nothing", lambda c: b"\n \n", 1, "the file is empty"),
]


@pytest.mark.parametrize(
    ("change", "line", "reason"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_what_has_not_is_refused_with_what_was_found(
    tmp_path: Path, change: Change, line: int, reason: str
) -> None:
    path = write(tmp_path, GOOD) / STATEMENT
    path.write_bytes(change(path.read_bytes()))
    error = refused(tmp_path)
    assert (error.fields["file"], error.fields["line"]) == (STATEMENT, line)
    assert reason in str(error.fields["reason"])


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    """A quoted cell over two lines, and a line separator of Unicode inside a cell."""
    path = write(tmp_path, GOOD) / STATEMENT
    text = path.read_text().replace("proposal", '"pro\nposal"').replace(",programme", ",pro\u2028g")
    path.write_text(text + "x\n")
    listed = refused(tmp_path).fields["errors"]
    assert [part["line"] for part in listed] == [10, 11, 13]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("币安人生USDT", "character 1 is U+5E01 (CJK UNIFIED IDEOGRAPH-5E01)"),
        ("B\u0422C", "character 2 is U+0422 (CYRILLIC CAPITAL LETTER TE)"),
        ("BTC\u00a0", "character 4 is U+00A0 (NO-BREAK SPACE)"),
        ("BTC\u200b", "character 4 is U+200B (ZERO WIDTH SPACE)"),
        ("BTC\u0661", "character 4 is U+0661 (ARABIC-INDIC DIGIT ONE)"),
        ("BTC USD", "character 4 is U+0020 (SPACE)"),
        ("B" * 65, "65 characters, 1 to 64 wanted"),
    ],
)
def test_names_outside_ascii_are_named(tmp_path: Path, name: str, found: str) -> None:
    """
    Two names that look alike are alike: a Cyrillic letter would make two books of one instrument.
    The error is ASCII itself, so that any terminal and log shows it.
    """
    rows = [dict(row, **({"instrument": name} if row.get("instrument") == "BTC" else {}))
            for row in GOOD if row.get("instrument") != "CALL"]  # fmt: skip
    error = refused(write(tmp_path, rows, f"name,underlying\n{name},\n"))
    assert (error.fields["file"], error.fields["line"]) == (INSTRUMENTS, 2)
    assert found in error.message and error.message.isascii()
    rows = [dict(GOOD[0]), dict(GOOD[8], id=name or "\u0430")]
    assert refused(write(tmp_path, rows)).fields["line"] == 3


def test_a_number_in_another_notation_is_told(tmp_path: Path) -> None:
    for change, said in (
        ({"amount": '"1,5"'}, "a point and no thousands marks wanted"),
        ({"time": "1767225600000"}, "looks like milliseconds since 1970, which is 2026-01-01"),
        ({"time": "1767225600"}, "looks like seconds since 1970, which is 2026-01-01"),
    ):
        assert said in refused(write(tmp_path, [dict(GOOD[0], **change)])).message


# -- all complaints of a run -----------------------------------------------------------------------
def test_all_bad_lines_of_both_files_come_at_once(tmp_path: Path) -> None:
    rows = [dict(row) for row in GOOD]
    rows[0]["amount"] = "1.5.5"  # the position that needs this opening is not refused for it
    rows[4]["side"] = "long"
    rows[6]["wallet"] = "0xAB"
    error = refused(write(tmp_path, rows, NAMES + "B C,,\n"))
    listed: list[dict[str, object]] = error.fields["errors"]  # type: ignore[assignment]
    places = [(part["file"], part["line"]) for part in listed]
    assert places == [(INSTRUMENTS, 4), (STATEMENT, 2), (STATEMENT, 6), (STATEMENT, 8)]
    assert all({"code", "message", "reason"} <= part.keys() for part in listed)
    assert (error.fields["more"], error.fields["line"]) == (0, 4)
    head, *told = error.message.split("\n")
    assert head == "4 errors:" and told[:4] == [f"  {part['message']}" for part in listed]
    assert told[4:] == [f"  {INSTRUMENTS}: lines read 3, refused 1",
                        f"  {STATEMENT}: lines read 10, refused 3"]  # fmt: skip
    assert error.fields["lines"] == [
        {"file": INSTRUMENTS, "read": 3, "refused": 1},
        {"file": STATEMENT, "read": 10, "refused": 3},
    ]


def test_lines_are_counted_also_where_one_is_refused_or_none_can_be_read(tmp_path: Path) -> None:
    rows = [dict(row) for row in GOOD]
    rows[4]["side"] = "long"
    error = refused(write(tmp_path, rows))
    assert error.message == f"{STATEMENT}:6: side: 'long' is none of buy, sell"
    assert error.fields["lines"][1] == {"file": STATEMENT, "read": 10, "refused": 1}  # type: ignore[index]
    path = tmp_path / STATEMENT
    path.write_bytes(path.read_bytes().replace(b"time,", b"Time,"))
    assert refused(tmp_path).fields["lines"][1]["read"] == 0  # type: ignore[index]
    write(tmp_path, GOOD)
    path.write_text(path.read_text().replace("proposal", '"proposal'))  # the last line
    assert refused(tmp_path).fields["lines"][1] == {"file": STATEMENT, "read": 10, "refused": 1}  # type: ignore[index]


@pytest.mark.parametrize("bad", [LISTED, LISTED + 1, 500])
def test_twenty_are_listed_and_the_others_counted(tmp_path: Path, bad: int) -> None:
    rows = [dict(GOOD[0])] + [{"kind": "carry", "wallet": A, "amount": "x"} for _ in range(bad)]
    for index, row in enumerate(rows):
        row["time"] = f"2026-01-01T{index // 60:02d}:{index % 60:02d}:00Z"
    error = refused(write(tmp_path, rows))
    assert len(error.fields["errors"]) == LISTED  # type: ignore[arg-type]
    assert error.fields["more"] == bad - LISTED
    lines = error.message.split("\n")
    assert lines[0] == f"{bad} errors:"
    assert lines.pop() == f"  {STATEMENT}: lines read {bad + 1}, refused {bad}"
    assert lines.pop() == f"  {INSTRUMENTS}: lines read 2, refused 0"
    assert (lines[-1] == f"  and {bad - LISTED} more") is (bad > LISTED)


def test_an_instrument_refused_once_is_not_refused_on_every_line(tmp_path: Path) -> None:
    error = refused(write(tmp_path, GOOD, NAMES.replace("CALL,BTC", "CALL,ETH")))
    assert (error.fields["file"], error.fields["line"]) == (INSTRUMENTS, 3)
    assert "errors" not in error.fields
    assert "header" in refused(write(tmp_path, GOOD, NAMES.replace(",", ";"))).message


def test_one_time_in_the_future_is_named_by_the_lines_after_it(tmp_path: Path) -> None:
    rows = [dict(row) for row in GOOD]
    rows[2]["time"] = "2062-01-01T00:00:00Z"
    error = refused(write(tmp_path, rows))
    assert "time: goes back, line 4 is later" in error.message

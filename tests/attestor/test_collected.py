"""The folder of a venue's answers: strict in, whole out, and what a cut-off run leaves."""

from __future__ import annotations

import json
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from algebra.errors import Malformed, Refused, Unavailable
from attestor.collect.folder import ANSWERS, COLLECTED, COLLECTING, Collected
from attestor.collect.item import Item, exact
from attestor.collect.writer import Collecting
from attestor.statement import UNIT, Source

WALLET, OTHER = "0x" + "a1" * 20, "0x" + "b2" * 20
HERE = Source("answers/000001.json", 2)
REQUESTS = ({"type": "fills", "user": WALLET}, {"type": "state", "user": WALLET})
BODIES = (b'[{"px": "1.5", "rate": 1e-7}]', b'{"value": 12.50}')


def begin(folder: Path, venue: str = "made-up") -> Collecting:
    return Collecting(folder, venue, 100, 101, [WALLET, OTHER])


def collect(folder: Path) -> Collected:
    writer = begin(folder)
    for request, body in zip(REQUESTS, BODIES, strict=True):
        writer.keep(request, body, 7_000)
    return writer.finish({WALLET: ("first", "second"), OTHER: ()})


def test_a_folder_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = collect(tmp_path / "out")
    read = Collected.load(tmp_path / "out", "made-up")
    assert read == written
    assert (read.first_day, read.last_day) == (100, 101)
    assert read.accounts == {WALLET: ("first", "second"), OTHER: ()}
    assert read.names() == {
        WALLET: WALLET, OTHER: OTHER, "first": f"{WALLET}/1", "second": f"{WALLET}/2",
    }  # fmt: skip
    fills, state = read.answers
    assert (fills.request, fills.taken, fills.file) == (
        REQUESTS[0],
        7_000,
        f"{ANSWERS}/000001.json",
    )
    (item,) = fills.items()
    assert (item.number("px"), item.number("rate")) == (15 * UNIT // 10, UNIT // 10**7)
    assert item.source == (fills.file, 2)
    assert state.item().money("value") == 125 * 10**35
    assert read.asked(type="state", user=WALLET) == [state]
    assert read.asked(type="state", user=OTHER) == []
    for answer, body in zip(read.answers, BODIES, strict=True):
        assert (tmp_path / "out" / answer.file).read_bytes() == body
    assert not (tmp_path / "out" / COLLECTING).exists()


def test_a_run_that_was_cut_off_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    begin(folder).keep(REQUESTS[0], BODIES[0], 7_000)
    with pytest.raises(Refused) as caught:
        Collected.load(folder, "made-up")
    assert caught.value.code == "refused.collecting"
    (folder / ANSWERS / "000002.json").write_bytes(b"half of an ans")  # written, not yet listed
    again = begin(folder)
    known = again.answered(dict(reversed(REQUESTS[0].items())))
    assert known is not None
    assert known.value == [{"px": "1.5", "rate": Decimal("1e-7")}]
    assert again.answered(REQUESTS[1]) is None
    again.keep(REQUESTS[1], BODIES[1], 7_000)
    assert again.finish({WALLET: ("first", "second"), OTHER: ()}) == collect(tmp_path / "whole")


def test_a_folder_is_filled_once_and_by_one(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    begin(folder).keep(REQUESTS[0], BODIES[0], 0)
    with pytest.raises(Refused, match="another venue, window or wallets") as caught:
        begin(folder, "another")
    assert caught.value.code == "refused.used_folder"
    (folder / ANSWERS / "000001.json").write_bytes(BODIES[1])
    with pytest.raises(Malformed, match=r"000001\.json: not the answer that was kept"):
        begin(folder)
    for used in (collect(tmp_path / "done"), None):
        there = tmp_path / ("done" if used else "strange")
        there.mkdir(exist_ok=True)
        (there / "note.txt").write_text("mine")
        with pytest.raises(Refused, match="not empty"):
            begin(there)


def test_a_collection_goes_on_after_an_earlier_one(tmp_path: Path) -> None:
    """What was answered then is no answer now: states change."""
    earlier = collect(tmp_path / "earlier")
    folder = tmp_path / "out"
    writer = Collecting(folder, "made-up", 102, 103, [WALLET], tmp_path / "earlier")
    assert (writer.earlier, writer.answered(REQUESTS[1])) == (earlier.answers, None)
    writer.keep(REQUESTS[1], b'{"value": 13}', 9_000)
    again = Collecting(folder, "made-up", 102, 103, [WALLET])  # cut off and run again
    assert again.earlier == earlier.answers
    known = again.answered(REQUESTS[1])
    assert known is not None and known.taken == 9_000
    done = again.finish({WALLET: ()})
    assert done.answers[:2] == earlier.answers
    assert [answer.taken for answer in done.asked(**REQUESTS[1])] == [7_000, 9_000]
    with pytest.raises(Malformed, match="collected from made-up, another wanted"):
        Collecting(tmp_path / "other", "another", 102, 103, [WALLET], tmp_path / "earlier")


def edited(folder: Path, edit: Any) -> None:
    path = folder / COLLECTED
    document = json.loads(path.read_text())
    edit(document)
    path.write_text(json.dumps(document))


def drop(name: str) -> Any:
    return lambda document: document.pop(name)


def put(value: Any, *path: Any) -> Any:
    def edit(document: Any) -> None:
        for name in path[:-1]:
            document = document[name]
        document[path[-1]] = value

    return edit


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (put("tierproof/root", "format"), "this is a root file, a collected file"),
        (put(2, "version"), "want 1"),
        (put("another", "venue"), "collected from another, made-up wanted"),
        (drop("venue"), "venue: missing"),
        (put(1, "more"), "more: unknown name"),
        (put("1970-4-11", "first_day"), "not of the form"),
        (put("1970-04-01", "last_day"), "last_day: before first_day"),
        (put("46000-01-01", "last_day"), "not of the form"),
        (put(WALLET.upper(), "accounts", 0, "wallet"), "not an address in lower case"),
        (put(OTHER, "accounts", 0, "wallet"), "an account stands twice"),
        (put(["x", "x"], "accounts", 0, "sub_accounts"), "an account stands twice"),
        (put([OTHER], "accounts", 0, "sub_accounts"), "an account stands twice"),
        (put([3], "accounts", 0, "sub_accounts"), "not names of at most 64"),
        (put("answers/000002.json", "answers", 0, "file"), "want 'answers/000001.json'"),
        (put("../000001.json", "answers", 0, "file"), "want 'answers/000001.json'"),
        (put("fills", "answers", 0, "request"), "request: not an object"),
        (put(-1, "answers", 0, "taken"), "taken: not a whole number"),
        (put("A" * 64, "answers", 0, "sha256"), "not 64 lower-case"),
        (put("0" * 64, "answers", 0, "sha256"), r"000001\.json: not the answer that was kept"),
        (lambda document: document["answers"].pop(), r"'000002\.json' is on no list"),
    ],
)
def test_a_list_that_was_changed_is_refused(tmp_path: Path, edit: Any, reason: str) -> None:
    collect(tmp_path)
    edited(tmp_path, edit)
    with pytest.raises(Malformed, match=reason) as caught:
        Collected.load(tmp_path, "made-up")
    assert caught.value.code == "malformed.collected"


@pytest.mark.parametrize(
    "body",
    [
        BODIES[1][:-1],
        b"",
        b"<html>busy</html>",
        b'{"a": NaN}',
        b'{"a":1,"a":2}',
        b"\xff",
        b"[1e99999999999999999999]",
    ],
)
def test_an_answer_that_is_no_json_is_refused(tmp_path: Path, body: bytes) -> None:
    collect(tmp_path)
    (tmp_path / ANSWERS / "000002.json").write_bytes(body)
    with pytest.raises(Malformed, match=r"000002\.json: not the answer that was kept"):
        Collected.load(tmp_path, "made-up")
    edited(tmp_path, put(sha256(body).hexdigest(), "answers", 1, "sha256"))
    with pytest.raises(Malformed, match=r"000002\.json: not JSON"):
        Collected.load(tmp_path, "made-up")


def test_what_is_missing_and_what_nobody_asked_for(tmp_path: Path) -> None:
    collect(tmp_path)
    (tmp_path / ANSWERS / "000003.json").write_bytes(b"[]")
    with pytest.raises(Malformed, match=r"'000003\.json' is on no list"):
        Collected.load(tmp_path, "made-up")
    (tmp_path / ANSWERS / "000003.json").unlink()
    (tmp_path / ANSWERS / "000001.json").unlink()
    with pytest.raises(Unavailable, match=r"000001\.json"):
        Collected.load(tmp_path, "made-up")
    with pytest.raises(Unavailable, match=COLLECTED):
        Collected.load(tmp_path / ANSWERS, "made-up")


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("1.5", 15 * UNIT // 10), (2, 2 * UNIT), (Decimal("2.50"), 25 * UNIT // 10),
        (Decimal("1e-18"), 1), (Decimal("1.20e3"), 1_200 * UNIT), ("-0.0", 0), (Decimal("-0.0"), 0),
        (Decimal("0.10000000000000000"), UNIT // 10), (-3, -3 * UNIT), ("-0.5", -UNIT // 2),
        (Decimal("0E-50"), 0),
    ],
)  # fmt: skip
def test_numbers_are_exact(value: Any, number: int) -> None:
    assert exact(value, HERE, "size") == number


@pytest.mark.parametrize(
    "value",
    [
        "1e3", "", " 1", "+1", "--0", "0x1", True, None, [], 1.5, Decimal("1e-19"), Decimal("1e99"),
        Decimal("1e-999999"), 10**18, 10**99, "1.0000000000000000001", "-", "-0-",
        "5.", ".5", "-.5", "1.5.2", "1_0", "1-5", "\u0663", "1" * 19,
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(Malformed, match=r"answers/000001\.json:2: size: ") as caught:
        exact(value, HERE, "size")
    assert caught.value.code == "malformed.statement"


def test_an_item_is_read_strictly() -> None:
    item = Item({"a": 5, "b": None, "c": "x\ny", "d": {"e": True}, "f": WALLET.upper()}, HERE)
    item.only(("a", "b", "c", "d"), ("f", "g"))
    assert (item.time("a"), item.has("a"), item.has("b"), item.has("g")) == (
        5_000,
        True,
        False,
        False,
    )
    assert item.child("d").boolean("e") is True
    for complain, reason in (
        (lambda: item.only(("a", "b", "c", "d")), "'f': unknown name"),
        (lambda: item.only(("a", "h"), "bcdf"), "h: missing"),
        (lambda: item.text("a"), "a: not a text"),
        (lambda: item.text("c"), "c: not printable"),
        (lambda: item.boolean("a"), "a: neither true nor false"),
        (lambda: item.whole("b"), "b: not a whole number"),
        (lambda: item.child("d").number("e"), "d.e: not a number"),
        (lambda: item.child("a"), "a: not an object"),
        (lambda: item.list("d"), "d: not a list"),
        (lambda: item.positive("z"), "z: missing"),
        (lambda: item.wallet("c"), "c: not printable"),
    ):
        with pytest.raises(Malformed) as caught:
            complain()
        assert caught.value.message.startswith(f"answers/000001.json:2: {reason}")

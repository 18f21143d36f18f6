"""The command `feed`: candles in, a document out, the same to the byte whoever makes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.project import ROOT

from algebra.errors import Rejected
from history.v2.feed import NO_FEED
from policies.attestor_set import AttestorSet
from policies.feed import FeedDocument
from policies.rule_files import NO_FILES, RuleFiles
from policies.signed_root import Root, RootDomain
from tests.tierproof.conftest import run
from tierproof.documents import RootFile

Capture = pytest.CaptureFixture[str]
EXAMPLES = ROOT / "docs" / "reference" / "examples"
INDEX = EXAMPLES / "index.csv"


def make(folder: Path, *more: object, candles: Path = INDEX, index: str = "example-vol") -> int:
    window = ("--first-day", "2026-01-01", "--last-day", "2026-01-05")
    named = ("--index", index, "--source", "made up", "--out", folder / "feed.json")
    return run("feed", candles, *named, *(more or window), "--json")


def test_two_attestors_make_one_file(tmp_path: Path, capsys: Capture) -> None:
    assert make(tmp_path) == 0
    told = json.loads(capsys.readouterr().out)
    made = FeedDocument.load(tmp_path / "feed.json")
    assert made.data == (EXAMPLES / "feed.json").read_bytes()
    assert told["digest_of_values"] == f"0x{made.feed.digest():064x}"
    assert told["digest_of_file"] == "0x" + made.digest.hex()
    assert told["days_without_data"] == ["2026-01-03"] and "values" not in told
    assert sum(told["days_by_weight"].values()) == 5


@pytest.mark.parametrize(
    ("window", "code"),
    [
        (("2026-01-01", "2026-01-06"), "refused.feed.candles"),
        (("2025-12-31", "2026-01-05"), "refused.feed.candles"),
        (("2026-01-05", "2026-01-05"), "malformed.feed"),
        (("2026-01-05", "2026-01-04"), "malformed.feed"),
        (("2026-1-5", "2026-01-05"), "malformed.date"),
    ],
)
def test_a_window_that_cannot_be(
    tmp_path: Path, capsys: Capture, window: tuple[str, str], code: str
) -> None:
    assert make(tmp_path, "--first-day", window[0], "--last-day", window[1]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code
    assert not list(tmp_path.iterdir())


def test_a_name_that_is_none(tmp_path: Path, capsys: Capture) -> None:
    assert make(tmp_path, index="a b") == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "malformed.feed"


def test_a_broken_line_leaves_no_file(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "index.csv"
    path.write_text(INDEX.read_text().replace("\n", "\n1,1\n", 1))
    assert make(tmp_path, candles=path) == 2
    answer = json.loads(capsys.readouterr().out)["error"]
    assert answer["code"] == "malformed.statement" and "index.csv:2" in answer["message"]
    assert [each.name for each in tmp_path.iterdir()] == ["index.csv"]


# ---- the document against a root -----------------------------------------------------------------
def signed(of: FeedDocument, **changes: Any) -> RootFile:
    """A root of this feed, as it would be read; nobody signed it."""
    members = AttestorSet.of(["0x" + "11" * 20], 1)
    files = changes.pop("files", RuleFiles.of({of.name: of.data}))
    fields = {"feed": of.feed.digest(), "rules": files.rules} | changes
    root = Root(5, members.id, 1, of.first_day, of.last_day, 1 << 40, **fields)
    return RootFile(root, members, RootDomain(1, "0x" + "22" * 20), (), files)


def test_a_root_and_its_feed_document() -> None:
    feed = FeedDocument.load(EXAMPLES / "feed.json")
    signed(feed).check_feed(feed)
    first, last = feed.first_day, feed.last_day
    renamed = FeedDocument.make("other", feed.source, first, last, feed.closes)
    retold = FeedDocument.make(feed.index, "elsewhere", first, last, feed.closes)
    later = FeedDocument.make(feed.index, feed.source, first + 1, last + 1, feed.closes)
    assert {each.feed.digest() for each in (renamed, retold, later)} == {feed.feed.digest()}
    for root in (
        signed(renamed),
        signed(retold),
        signed(later),
        signed(feed, files=NO_FILES),
        signed(feed, feed=5),
        signed(feed, feed=NO_FEED),
    ):
        with pytest.raises(Rejected) as caught:
            root.check_feed(feed)
        assert caught.value.code == "rejected.feed"


def test_verify_compares_the_document_that_it_is_given(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example's root was signed without a feed."""
    monkeypatch.chdir(EXAMPLES)
    files = ("--key", "key-8192.json", "--root", "root.json")
    assert run("verify", "credential.json", *files, "--feed", "feed.json", "--json") == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "rejected.feed"

"""Records shown to an auditor: the whole chain from record to signatures, and each broken link."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from algebra.errors import TierproofError
from algebra.native_backend import native
from attestor.attestation import load
from attestor.generations import rotated
from attestor.signatures import sign
from attestor.venues import sample
from history.dates import day_text
from policies.attestor_set import AttestorSet, Generation
from policies.signed_root import RootDomain
from tests.tierproof.conftest import Desk, attestors, run
from tierproof.disclosure import DisclosureFile
from tierproof.documents import attestors_document, load_key
from tierproof.keys_folder import KeysFolder

Capture = pytest.CaptureFixture[str]
ROWS = [0, 17, 40]


@pytest.fixture(scope="module")
def shown(desk: Desk) -> DisclosureFile:
    powers = KeysFolder(desk.keys, native()).setup.g1
    return DisclosureFile.of(load(desk.attestation), ROWS, powers, native())


def check(desk: Desk, made: DisclosureFile, of: AttestorSet | None = None, **more: Any) -> None:
    key = load_key(desk.key, native())
    made.check(key, of or attestors(), native(), **{"allow_setup": "development", **more})


def code(act: Callable[[], object]) -> str:
    with pytest.raises(TierproofError) as caught:
        act()
    return caught.value.code


def test_it_holds_and_says_what_the_log_says(desk: Desk, shown: DisclosureFile) -> None:
    check(desk, shown)
    check(desk, shown, domain=shown.root.domain)
    made = load(desk.attestation)
    assert shown.records.rows() == [made.records.row(row) for row in ROWS]


def test_a_file_and_back(desk: Desk, shown: DisclosureFile, tmp_path: Path) -> None:
    shown.write(tmp_path / "d.json")
    assert DisclosureFile.load(tmp_path / "d.json") == shown


BROKEN: dict[str, tuple[Callable[[DisclosureFile], DisclosureFile], str]] = {
    "another record": (
        lambda d: replace(d, words=(d.words[0] ^ 1, *d.words[1:])),
        "rejected.disclosure",
    ),
    "another row": (lambda d: replace(d, rows=(1, *d.rows[1:])), "rejected.disclosure"),
    "another class": (
        lambda d: replace(d, leaf=replace(d.leaf, size_class=14)),
        "rejected.disclosure",
    ),
    "another salt": (lambda d: replace(d, leaf=replace(d.leaf, salt=5)), "rejected.path"),
    "another count": (
        lambda d: replace(d, leaf=replace(d.leaf, count=d.leaf.count + 1)),
        "rejected.path",
    ),
    "another place": (lambda d: replace(d, index=d.index ^ 1), "rejected.path"),
    "another path": (lambda d: replace(d, path=(7, *d.path[1:])), "rejected.path"),
    "another root": (
        lambda d: replace(d, root=replace(d.root, root=replace(d.root.root, root=7))),
        "rejected.path",
    ),
    "another validity": (
        lambda d: replace(d, root=replace(d.root, root=replace(d.root.root, valid_until=7))),
        "rejected.quorum",
    ),
    "too few signatures": (
        lambda d: replace(d, root=replace(d.root, signatures=d.root.signatures[:1])),
        "rejected.quorum",
    ),
    "another window": (
        lambda d: replace(d, leaf=replace(d.leaf, last_day=d.leaf.last_day - 1)),
        "rejected.disclosure",
    ),
    "another setup": (lambda d: replace(d, leaf=replace(d.leaf, srs_id=7)), "rejected.disclosure"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_broken_link(desk: Desk, shown: DisclosureFile, name: str) -> None:
    change, wanted = BROKEN[name]
    assert code(lambda: check(desk, change(shown))) == wanted


def test_a_record_of_another_log(desk: Desk, shown: DisclosureFile) -> None:
    """Opened against its own commitment, under the path of this leaf."""
    own, powers = load(desk.attestation), KeysFolder(desk.keys, native()).setup.g1
    records = own.records.take(slice(1, None))
    other = DisclosureFile.of(replace(own, records=records), ROWS, powers, native())
    assert code(lambda: check(desk, other)) == "rejected.disclosure"


def test_whom_the_auditor_believes(desk: Desk, shown: DisclosureFile) -> None:
    """An earlier or later generation of the set, and nobody who follows another way."""
    running, signers = attestors(), sample.unsafe_attestors(3)
    following = Generation(running.members[:2], 2)
    message = running.message(following)
    by = {each.address.lower(): each for each in signers}
    later = rotated(running, following, [sign(by[m], message) for m in running.members[:2]])
    check(desk, shown, later)
    others = replace(running, name="others")
    assert code(lambda: check(desk, shown, others)) == "rejected.disclosure"
    away = RootDomain(1, "0x" + "77" * 20)
    assert code(lambda: check(desk, shown, domain=away)) == "rejected.disclosure"
    assert code(lambda: check(desk, shown, allow_setup=None)) == "rejected.setup"


FORMS: list[dict[str, Any]] = [
    {"version": 2},
    {"more": 1},
    {"records": []},
    {"records": [{"row": 0}]},
    {"proof": []},
    {"proof": [[], []]},
    {"proof": [["0x00", "0x00"]] * 2},
    {"path": ["0x" + "ff" * 32] * 20},
    {"leaf_index": 1 << 20},
    {"commitment": ["0x" + "00" * 32] * 2},
    {"root": {}},
]


@pytest.mark.parametrize("change", FORMS, ids=str)
def test_forms(shown: DisclosureFile, tmp_path: Path, change: dict[str, Any]) -> None:
    (tmp_path / "d.json").write_text(json.dumps(shown.as_json() | change))
    assert code(lambda: DisclosureFile.load(tmp_path / "d.json")).startswith("malformed.")


@pytest.mark.parametrize(
    "rows", [[17, 0], [0, 0], [0, 1 << 24]], ids=["descending", "twice", "beyond the log"]
)
def test_rows_of_a_file(shown: DisclosureFile, tmp_path: Path, rows: list[int]) -> None:
    document = shown.as_json()
    document["records"] = [document["records"][0] | {"row": row} for row in rows]
    (tmp_path / "d.json").write_text(json.dumps(document))
    assert code(lambda: DisclosureFile.load(tmp_path / "d.json")) == "malformed.disclosure"


def test_by_day_and_kind_from_desk_to_auditor(desk: Desk, tmp_path: Path, capsys: Capture) -> None:
    out, members = tmp_path / "d.json", tmp_path / "attestors.json"
    members.write_text(json.dumps(attestors_document(attestors())))
    made = load(desk.attestation)
    day = day_text(made.leaf.first_day + 3)
    chosen = ("--day", day, "--kind", "mark", "--out", out, "--keys", desk.keys)
    assert run("disclose", desk.attestation, *chosen, "--json") == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    verify = ("verify-disclosure", out, "--key", desk.key, "--attestors", members)
    assert run(*verify, "--json") == 1
    capsys.readouterr()
    assert run(*verify, "--allow-setup", "development", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["outcome"] == "accepted" and [r["row"] for r in told["records"]] == rows
    assert {(r["day"], r["kind"]) for r in told["records"]} == {(day, "mark")}
    # one mark an account, and the owner's
    assert len(rows) == made.leaf.wallets + 1
    assert run("disclose", desk.attestation, "--keys", desk.keys) == 2
    nothing = ("--day", "2020-01-01", "--keys", desk.keys)
    assert run("disclose", desk.attestation, *nothing) == 2


def test_by_instrument_with_the_statement(desk: Desk, tmp_path: Path, capsys: Capture) -> None:
    """The log is made anew from the statement, which says of which line each record is."""
    out = tmp_path / "d.json"
    wallets = json.loads(desk.job.read_text())["owners"][0]["wallets"]
    named = [part for wallet in wallets for part in ("--wallet", wallet)]
    given = ["--statements", desk.folder / "statements", "--adapter", "csv", *named]
    asked = ["disclose", desk.attestation, "--keys", desk.keys, "--instrument", "ETH-PERP"]
    asked += ["--kind", "fill", "--day", day_text(load(desk.attestation).leaf.first_day + 3)]
    assert run(*asked, *given, "--out", out, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    statement = (desk.folder / "statements" / "statement.csv").read_text().splitlines()
    for row, line in zip(told["rows"], told["lines"], strict=True):
        name, place = line.split(", ")
        told_there = statement[int(place.removeprefix("statement.csv:")) - 1]
        assert name == "ETH-PERP" and ",fill," in told_there and ",ETH-PERP," in told_there
        assert load(desk.attestation).records.row(row).kind & 2
    check(desk, DisclosureFile.load(out))
    for more, wanted in (
        ([], "usage.instrument"),
        (given[:4], "usage.instrument"),
        (given[:-2], "refused.other_statement"),
        ([*given[:3], "derive", *named], "refused.venue"),
    ):
        assert run(*asked, *more, "--json") == 2
        assert json.loads(capsys.readouterr().out)["error"]["code"] == wanted
    asked[asked.index("ETH-PERP")] = "NONE"
    assert run(*asked, *given, "--json") == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "refused.disclosure"

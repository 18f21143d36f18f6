"""
What the attestors' job keeps and verifies: the attested window, the time, and the basis that is
committed with.
"""

from __future__ import annotations

import json
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount

from algebra.errors import Malformed, Refused, TierproofError, Unavailable
from algebra.native_backend import native
from attestor.attestation import Attestation, load
from attestor.venues import registry, sample
from attestor.venues.adapter import Input
from attestor.venues.marks_csv import MARKS
from attestor.venues.statement_csv import COLUMNS, INSTRUMENTS, STATEMENT, StatementFile
from history.dates import day_text
from policies.address import address
from policies.feed import FeedDocument
from prover.keys import HEAD_BYTES, bases_name
from prover.point_file import map_file, write_sealed
from tests.tierproof.conftest import SIZE, WEEK, Desk, attestors, sample_policy
from tierproof.attested_folder import write_attestations
from tierproof.attesting import read_key, run_job
from tierproof.documents import RootFile
from tierproof.keys_folder import KeysFolder

LAST_DAY = sample.FIRST_DAY + WEEK - 1
OVER = (LAST_DAY + 3) * 86_400
"""From when nothing late counts in the sample's window."""
BINDINGS = "bindings.json"


@pytest.fixture
def job(week: Desk, tmp_path: Path) -> Path:
    """The week's job in a folder of its own."""
    shutil.copytree(week.folder / "statements", tmp_path / "statements")
    shutil.copy(week.folder / BINDINGS, tmp_path / BINDINGS)
    return Path(shutil.copy(week.job, tmp_path / "job.json"))


def signers(week: Desk) -> list[LocalAccount]:
    return [read_key(week.folder / f"attestor-{index}.key") for index in (0, 2)]


def test_bindings_are_only_read(week: Desk, job: Path) -> None:
    keys, out, bindings = KeysFolder(week.keys, native()), job.parent / "out", job.parent / BINDINGS
    before = bindings.read_bytes()
    with pytest.raises(Refused) as caught:
        run_job(job, signers(week), keys, out, now=OVER - 1)
    assert caught.value.code == "refused.window"
    done = run_job(job, signers(week), keys, out, now=OVER)
    assert done.root_file.exists() and len(done.files) == 3
    assert bindings.read_bytes() == before


def test_a_window_that_nobody_announced_is_not_attested(week: Desk, job: Path) -> None:
    """Neither one of another length, nor any while the book knows no calendar."""
    keys, out, bindings = KeysFolder(week.keys, native()), job.parent / "out", job.parent / BINDINGS
    shorter = {"last_day": day_text(LAST_DAY - 1)}
    job.write_text(json.dumps(json.loads(job.read_text()) | shorter))
    (job.parent / "statements" / "statement.csv").write_text(
        "".join(
            line
            for line in (job.parent / "statements" / "statement.csv").open()
            if not line.startswith(day_text(LAST_DAY))
        )
    )
    with pytest.raises(Refused, match="no calendar of this attestor set") as caught:
        run_job(job, signers(week), keys, out, now=OVER)
    assert caught.value.code == "refused.calendar"
    shutil.copy(week.job, job)
    bindings.write_text(json.dumps(json.loads(bindings.read_text()) | {"calendars": []}))
    with pytest.raises(Refused) as caught:
        run_job(job, signers(week), keys, out, now=OVER)
    assert caught.value.code == "refused.calendar"
    assert not out.exists()


def _cannot_save(*_: object) -> None:
    raise Unavailable("unavailable.file", "no space")


def test_nothing_is_signed_with_a_forged_basis(week: Desk, job: Path) -> None:
    algebra = native()
    folder = Path(shutil.copytree(week.keys, job.parent / "keys"))
    keys, out = KeysFolder(folder, algebra), job.parent / "out"
    path, points = (
        folder / bases_name(keys.setup, SIZE, 1),
        algebra.points_to_limbs(keys.log_basis(SIZE)).copy(),
    )
    points[17] = points[18]
    write_sealed(
        path,
        bytes(map_file(path)[:HEAD_BYTES]),
        [algebra.points_from_limbs(points, check=True)],
        algebra,
    )
    before = (job.parent / BINDINGS).read_bytes()
    with pytest.raises(Malformed, match=path.name) as caught:
        run_job(job, signers(week), keys, out, now=OVER)
    assert caught.value.code == "malformed.bases"
    assert not out.exists() and (job.parent / BINDINGS).read_bytes() == before


# -- whose files -----------------------------------------------------------------------------------
BOTH = "both.txt"


def read_both(folder: Path, venue: str) -> StatementFile:
    """A venue that gives the two files of the sample in one, a line of dashes between them."""
    parts = (folder / BOTH).read_text().split("---\n")
    for name, part in zip((STATEMENT, INSTRUMENTS), parts, strict=True):
        (folder / name).write_text(part)
    return StatementFile.load(folder, venue)


def test_an_adapter_is_its_entry(week: Desk, job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its line in the registry a job asks for it by name; nothing else has to know of it."""
    keys, folder = KeysFolder(week.keys, native()), job.parent / "statements"
    (folder / BOTH).write_text(
        "---\n".join((folder / name).read_text() for name in (STATEMENT, INSTRUMENTS))
    )
    for name in (STATEMENT, INSTRUMENTS):
        (folder / name).unlink()
    job.write_text(json.dumps(json.loads(job.read_text()) | {"adapter": "both"}))
    with pytest.raises(Refused) as caught:
        run_job(job, signers(week), keys, job.parent / "out", now=OVER)
    assert caught.value.code == "refused.adapter"
    assert "'both' is none; there are: csv, " in str(caught.value)

    both = replace(
        registry.adapter_of("csv"), name="both", inputs=(Input(BOTH, "both files"),), read=read_both
    )
    monkeypatch.setattr(registry, "ADAPTERS", (*registry.ADAPTERS, both))
    done = run_job(job, signers(week), keys, job.parent / "out", now=OVER)
    known = load(week.attestation)
    (made,) = (one for one in done.attestations if one.leaf.owner_tag == known.leaf.owner_tag)
    assert len(done.attestations) == 3 and len(made.records) > 300
    assert made.records == known.records


# -- what is written, and where --------------------------------------------------------------------
def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_a_published_root_is_never_replaced(week: Desk, job: Path) -> None:
    keys, out = KeysFolder(week.keys, native()), job.parent / "out"
    done = run_job(job, signers(week), keys, out, now=OVER)
    before, bindings = contents(out), (job.parent / BINDINGS).read_bytes()
    with pytest.raises(Refused, match="earlier run is there, and is never replaced") as caught:
        run_job(job, signers(week), keys, out, now=OVER)
    assert caught.value.code == "refused.used_folder"
    other = [replace(made, valid_until=made.valid_until + 1) for made in done.attestations]
    with pytest.raises(Refused):
        write_attestations(other, out)
    assert contents(out) == before and (job.parent / BINDINGS).read_bytes() == bindings
    assert not leftovers(job.parent)


def test_the_same_root_may_be_written_again(week: Desk, job: Path) -> None:
    """Byte for byte the same: what was lost beside it comes back."""
    out = job.parent / "out"
    done = run_job(job, signers(week), KeysFolder(week.keys, native()), out, now=OVER)
    before = contents(out)
    done.files[1].unlink()
    assert write_attestations(done.attestations, out).root == done.root
    assert contents(out) == before and not leftovers(job.parent)


def test_a_root_file_takes_signatures_as_wallets_give_them(week: Desk, tmp_path: Path) -> None:
    content = json.loads(week.root.read_text())
    for index, text in enumerate(content["signatures"]):
        data = bytes.fromhex(text[2:])
        content["signatures"][index] = "0x" + (data[:64] + bytes([data[64] - 27])).hex().upper()
    path = tmp_path / "root.json"
    path.write_text(json.dumps(content))
    assert RootFile.load(path) == RootFile.load(week.root)
    RootFile.load(path).write(path)
    assert path.read_bytes() == week.root.read_bytes()


def with_feed(job: Path, days: int = WEEK, name: str = "feed.json") -> FeedDocument:
    """The job, now with the feed document of a made-up index beside it."""
    closes = [[4_400 + 20 * day] for day in range(days + 1)]
    last = sample.FIRST_DAY + days - 1
    feed = FeedDocument.make("vol", "made up", sample.FIRST_DAY, last, closes)
    feed.write(job.parent / "feed.json")
    job.write_text(json.dumps(json.loads(job.read_text()) | {"feed": name}))
    return feed


def test_a_job_with_a_market_feed(week: Desk, job: Path) -> None:
    """The same tree; the root's feed and rules, and every owner's values, are the document's."""
    keys = KeysFolder(week.keys, native())
    plain = run_job(job, signers(week), keys, job.parent / "plain", now=OVER)
    feed = with_feed(job)
    done = run_job(job, signers(week), keys, job.parent / "out", now=OVER)
    root = RootFile.load(done.root_file)
    assert root.root.root == plain.root and root.root.feed == feed.feed.digest()
    assert root.files.feeds == ("vol",) and root.root.rules == root.files.rules
    assert {load(path).market for path in done.files} == {feed.feed}
    desired = replace(sample_policy(), index="vol")
    assert desired.accepts(root.files, root.root.feed)
    without = RootFile.load(plain.root_file)
    assert not desired.accepts(without.files, without.root.feed)


def test_a_feed_that_does_not_fit_is_told_with_all_else_that_is_wrong(
    week: Desk, job: Path
) -> None:
    keys, out = KeysFolder(week.keys, native()), job.parent / "out"
    with_feed(job, WEEK - 1)
    with pytest.raises(Refused) as caught:
        run_job(job, signers(week), keys, out, now=OVER)
    assert caught.value.code == "refused.feed.window"
    with_feed(job, name="absent.json")
    with pytest.raises(Unavailable, match=r"absent\.json"):
        run_job(job, signers(week), keys, out, now=OVER)
    feed = with_feed(job)
    broken = feed.data.replace(b'"weight": 1', b'"weight": 2', 1)
    (job.parent / "feed.json").write_bytes(broken)
    (job.parent / BINDINGS).write_text("{}")
    with pytest.raises(Malformed) as caught:
        run_job(job, signers(week), keys, out, now=OVER)
    codes = {part["code"] for part in caught.value.fields["errors"]}  # type: ignore[attr-defined]
    assert codes == {"malformed.feed", "malformed.bindings"}
    assert not out.exists()


def test_a_folder_with_other_files_is_refused_before_the_work(week: Desk, job: Path) -> None:
    keys, out = KeysFolder(week.keys, native()), job.parent / "out"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    with pytest.raises(Refused, match=r"out: it holds 'notes\.txt' already") as caught:
        run_job(job, signers(week), keys, out, now=OVER)
    assert caught.value.code == "refused.used_folder"
    assert contents(out) == {"notes.txt": b"mine"}
    (out / "notes.txt").unlink()
    assert run_job(job, signers(week), keys, out, now=OVER).root_file.exists()


def test_all_files_appear_or_none(week: Desk, job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = job.parent / "out"
    with monkeypatch.context() as patch:
        patch.setattr(RootFile, "write", _cannot_save)
        with pytest.raises(Unavailable):
            run_job(job, signers(week), KeysFolder(week.keys, native()), out, now=OVER)
    assert not out.exists() and not leftovers(job.parent)


def test_what_is_written_is_its_owners_alone(week: Desk, job: Path) -> None:
    out = job.parent / "out"
    done = run_job(job, signers(week), KeysFolder(week.keys, native()), out, now=OVER)
    assert out.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in done.files)


def test_two_at_once_do_not_mix(week: Desk, job: Path) -> None:
    """
    Both wait at the barrier with all their files made; one folder appears, of one of them.
    """
    out = job.parent / "out"
    done = run_job(job, signers(week), KeysFolder(week.keys, native()), out, now=OVER)
    shutil.rmtree(out)
    runs = [
        [replace(made, valid_until=made.valid_until + number) for made in done.attestations]
        for number in range(4)
    ]
    barrier, write = threading.Barrier(len(runs)), RootFile.write

    def together(root: RootFile, path: Path) -> None:
        write(root, path)
        barrier.wait()

    def attempt(made: list[Attestation]) -> str:
        try:
            write_attestations(made, out)
        except Refused as refusal:
            return refusal.code
        return "written"

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(len(runs)) as pool:
        patch.setattr(RootFile, "write", together)
        outcomes = list(pool.map(attempt, runs))
    assert sorted(outcomes) == ["refused.used_folder"] * 3 + ["written"]
    winner = runs[outcomes.index("written")]
    root = RootFile.load(out / "root.json").root
    assert root.valid_until == winner[0].valid_until
    for made in winner:
        loaded = load(out / f"attestation-{made.consent_key[2:]}.json")
        assert loaded.signed_root == root
    assert not leftovers(job.parent)


# -- the job ---------------------------------------------------------------------------------------
def changed(job: Path, **parts: Any) -> Path:
    job.write_text(json.dumps(json.loads(job.read_text()) | parts))
    return job


def refusal(week: Desk, job: Path) -> TierproofError:
    with pytest.raises(TierproofError) as caught:
        run_job(job, signers(week), KeysFolder(week.keys, native()), job.parent / "out", now=OVER)
    assert not (job.parent / "out").exists()
    assert not (job.parent / f"{BINDINGS}.lock").exists()
    return caught.value


def test_addresses_are_taken_with_their_checksum_and_not_with_a_wrong_one(
    week: Desk, job: Path
) -> None:
    content = json.loads(job.read_text())
    first = content["attestor_set"]["generations"][0]
    members = [address(member, "member") for member in first["members"]]
    registry = address(content["domain"]["registry"], "registry")
    owners = [
        {
            "owner_tag": owner["owner_tag"],
            "wallets": [address(w, "wallet") for w in owner["wallets"]],
        }
        for owner in content["owners"]
    ]
    wrong = [
        each.swapcase().replace("X", "x")
        for each in (registry, members[0], owners[0]["wallets"][0])
    ]
    for parts, place in (
        ({"domain": {"chain_id": 1, "registry": wrong[0]}}, "job.domain.registry"),
        (
            {"attestor_set": {"name": "a", "generations": [first | {"members": wrong[1:2]}]}},
            "job.attestor_set.generations[0].members[0]",
        ),
        (
            {"owners": [owners[0] | {"wallets": [wrong[2]]}]},
            "owners[0].wallets[0]",
        ),
    ):
        kept = job.read_text()
        error = refusal(week, changed(job, **parts))
        job.write_text(kept)
        assert error.code == "malformed.address"
        assert error.message.startswith(f"{place}: the checksum")
    attestor_set = {"name": "attestors", "generations": [first | {"members": members[::-1]}]}
    domain = {"chain_id": content["domain"]["chain_id"], "registry": registry}
    changed(job, owners=owners, attestor_set=attestor_set, domain=domain)
    done = run_job(
        job, signers(week), KeysFolder(week.keys, native()), job.parent / "out", now=OVER
    )
    assert RootFile.load(done.root_file).attestor_set == attestors()
    assert done.attestations[0].domain.registry == content["domain"]["registry"]


@pytest.mark.parametrize(
    ("parts", "code", "said"),
    [
        ({"valid_until": OVER * 1_000 + 1}, "refused.valid_until", "looks like milliseconds"),
        ({"valid_until": OVER}, "refused.valid_until", "not in the future"),
        ({"valid_until": 1 << 64}, "malformed.job", "not a number of seconds since 1970"),
        ({"valid_until": "2027-01-01"}, "malformed.job", "2027-01-01 begins at second 1798761600"),
        ({"valid_until": "1798761600"}, "malformed.job", "a number without quotes"),
        ({"valid_until": None}, "malformed.job", "not a number of seconds"),
        ({"first_day": 20_454}, "malformed.job", "20454 looks like day 20454, 2026-01-01"),
        ({"first_day": 20_260_101}, "malformed.job", "20260101 looks like 2026-01-01"),
        ({"first_day": 1_767_225_600}, "malformed.job", "looks like seconds since 1970, which is"),
        ({"first_day": "01/01/2026"}, "malformed.job", "not a date such as 2026-01-31: '01/01/20"),
        ({"first_day": "2026-1-1"}, "malformed.job", "not a date such as 2026-01-31: '2026-1-1'"),
        ({"last_day": "2026-02-30"}, "malformed.job", "job.last_day: not a date"),
        ({"last_day": "2025-12-31"}, "malformed.job", "2025-12-31 is before first_day, 2026-01-01"),
    ],
)
def test_times_in_another_unit_are_told(
    week: Desk, job: Path, parts: dict[str, Any], code: str, said: str
) -> None:
    error = refusal(week, changed(job, **parts))
    assert error.code == code and said in error.message
    assert "errors" not in error.fields


@pytest.mark.parametrize(
    ("bindings", "code"),
    [
        *((folder, "unavailable.not_a_file") for folder in ("", ".", "/", "statements")),
        *((absent, "unavailable.file") for absent in ("none/bindings.json", "none")),
    ],
)
def test_bindings_that_are_no_file(week: Desk, job: Path, bindings: str, code: str) -> None:
    error = refusal(week, changed(job, bindings=bindings))
    assert error.code == code
    assert not list(job.parent.rglob("*.lock"))


def test_all_that_is_wrong_with_a_job_is_said_at_once(week: Desk, job: Path) -> None:
    content = json.loads(job.read_text())
    owners = content["owners"]
    owners[0]["wallets"][0] = "0x12"
    owners[1]["owner_tag"] = 5
    error = refusal(
        week,
        changed(job, venue=7, size="8192", owners=owners, domain={"chain_id": 0, "registry": "x"}),
    )
    listed: list[dict[str, Any]] = error.fields["errors"]  # type: ignore[assignment]
    assert [part["message"].split(":")[0].split(" is ")[0] for part in listed] == [
        "job.venue",
        "job.size",
        "job.domain.chain_id",
        "owners[0].wallets[0]",
        "owners[1].owner_tag",
    ]
    for name in ("venue", "size"):
        del content[name]
    job.write_text(json.dumps(content | {"Venue": "sample"}))
    listed = refusal(week, job).fields["errors"]  # type: ignore[assignment]
    said = ["job.venue: missing", "job.size: missing", "job.Venue: unknown name"]
    assert [part["message"] for part in listed] == said


def test_statements_and_bindings_are_complained_of_together(week: Desk, job: Path) -> None:
    statement = job.parent / "statements" / "statement.csv"
    lines = statement.read_text().splitlines()
    for index in (7, 40):
        lines[index] = lines[index].replace("2026-", "2026/", 1)
    statement.write_text("\n".join(lines))
    content = json.loads((job.parent / BINDINGS).read_text())
    content["bindings"][0]["bound_day"] = "2026-01-01"
    (job.parent / BINDINGS).write_text(json.dumps(content))
    error = refusal(week, job)
    listed: list[dict[str, Any]] = error.fields["errors"]  # type: ignore[assignment]
    assert [part.get("line") for part in listed] == [8, 41, None]
    assert "2026-01-01 is day 20454" in listed[2]["message"]


# -- the lines of the statements -------------------------------------------------------------------
def mistype(job: Path, wallet: str) -> tuple[str, int]:
    """Another last digit wherever the wallet stands in a fill; the wallet made, and how many."""
    statement = job.parent / "statements" / STATEMENT
    other = wallet[:-1] + ("0" if wallet[-1] != "0" else "1")
    lines = statement.read_text().splitlines()
    wrong = [index for index, line in enumerate(lines) if f"fill,{wallet}," in line]
    for index in wrong:
        lines[index] = lines[index].replace(wallet, other)
    statement.write_text("\n".join(lines) + "\n")
    return other, len(wrong)


def test_lines_of_a_wallet_that_nobody_asked_for_are_refused(week: Desk, job: Path) -> None:
    """A mistyped wallet took its fills with it, and what was left was signed."""
    owners = json.loads(job.read_text())["owners"]
    wallet = owners[0]["wallets"][0]
    other, count = mistype(job, wallet)
    assert count > 10
    error = refusal(week, job)
    assert (error.code, error.fields["file"]) == ("malformed.statement", STATEMENT)
    reason = str(error.fields["reason"])
    assert f"wallet: {other} is nobody's who is attested; the nearest who is, {wallet}, " in reason
    assert f"differs in 1 of 40 digits; lines {error.fields['line']}, " in reason
    assert f" and {count - 10} more; correct it, or name it in left_out of the job" in reason
    rows = (job.parent / "statements" / STATEMENT).read_text().splitlines()[1:]
    counted: list[dict[str, Any]] = error.fields["lines"]  # type: ignore[assignment]
    assert {"file": STATEMENT, "read": len(rows), "refused": count} in counted


def test_wallets_are_left_out_only_by_name(week: Desk, job: Path) -> None:
    """Who is refused is left out by the caller, who knows then that his lines are there."""
    content = json.loads(job.read_text())
    gone = content["owners"].pop()
    error = refusal(week, changed(job, owners=content["owners"]))
    assert f"wallet: {gone['wallets'][0]} is nobody's who is attested" in error.message
    changed(job, left_out=gone["wallets"])
    keys = KeysFolder(week.keys, native())
    done = run_job(job, signers(week), keys, job.parent / "out", now=OVER)
    assert len(done.attestations) == len(content["owners"])
    tally = {each.file: each for each in done.lines}[STATEMENT]
    rows = (job.parent / "statements" / STATEMENT).read_text().splitlines()[1:]
    lines = [sum(wallet in row for row in rows) for wallet in gone["wallets"]]
    assert tally.left_out == sum(lines) > 0
    assert tally.prices == 0  # the marks are in a file of their own
    marks = {each.file: each for each in done.lines}[MARKS]
    assert marks.prices == marks.read > 0
    assert (tally.read, tally.repeated, tally.refused) == (len(rows), 0, 0)
    assert tally.used == len(rows) - tally.left_out - tally.prices


def test_wallets_without_a_line_are_named(week: Desk, job: Path) -> None:
    """An export that was forgotten looks like a wallet in which nothing happened."""
    owners = json.loads(job.read_text())["owners"]
    wallet = owners[0]["wallets"][1]
    statement = job.parent / "statements" / STATEMENT
    lines = statement.read_text().splitlines()
    kept = [line for line in lines if wallet not in line]
    statement.write_text("\n".join(kept) + "\n")
    keys = KeysFolder(week.keys, native())
    done = run_job(job, signers(week), keys, job.parent / "out", now=OVER)
    assert done.idle == ((wallet,), *(() for _ in owners[1:]))
    assert done.attestations[0].leaf.wallets == len(owners[0]["wallets"])
    assert len(kept) < len(lines) and sum(each.refused for each in done.lines) == 0


def test_what_the_books_refuse_has_the_count_too(week: Desk, job: Path) -> None:
    statement = job.parent / "statements" / STATEMENT
    lines = statement.read_text().splitlines()
    first = next(index for index, line in enumerate(lines) if ",fill," in line)
    cells = lines[first].split(",")
    cells[COLUMNS.index("start_position")] = "1"  # a start position that no line explains
    statement.write_text("\n".join([*lines[:first], ",".join(cells), *lines[first + 1 :]]) + "\n")
    error = refusal(week, job)
    assert error.message == (
        f"{STATEMENT}:{first + 1}: start position differs from the rebuilt one: a fill is missing "
        "before it"
    )
    counted: list[dict[str, Any]] = error.fields["lines"]  # type: ignore[assignment]
    assert {"file": STATEMENT, "read": len(lines) - 1, "refused": 1} in counted


def test_a_wallet_cannot_be_left_out_and_attested(week: Desk, job: Path) -> None:
    owners = json.loads(job.read_text())["owners"]
    error = refusal(week, changed(job, left_out=[owners[1]["wallets"][0]]))
    assert error.code == "malformed.job"
    assert error.message.startswith("job.left_out[0]: ") and "of owners too" in error.message
    error = refusal(week, changed(job, left_out=["0x12"]))
    assert error.code == "malformed.address"


def test_unasked_wallets_and_bindings_are_complained_of_together(week: Desk, job: Path) -> None:
    owners = json.loads(job.read_text())["owners"]
    mistype(job, owners[0]["wallets"][0])
    mistype(job, owners[1]["wallets"][0])
    content = json.loads((job.parent / BINDINGS).read_text())
    content["bindings"][0]["bound_day"] = "2026-01-01"
    (job.parent / BINDINGS).write_text(json.dumps(content))
    listed: list[dict[str, Any]] = refusal(week, job).fields["errors"]  # type: ignore[assignment]
    assert sum("nobody's who is attested" in part["message"] for part in listed) == 2
    assert sum("bound_day" in part["message"] for part in listed) == 1

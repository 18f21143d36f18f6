"""
A round of attestors who share nothing: the same draft on every machine, signatures of members with
inputs of their own, one root a window, and where two that differ do so.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from algebra.errors import TierproofError, Unavailable
from algebra.native_backend import native
from attestor.attestation import check, load
from attestor.venues import sample
from tests.tierproof.conftest import SIZE, WEEK, Desk, run
from tierproof.attested_folder import Attested, write_draft
from tierproof.attesting import Drafted, draft_job, read_key, run_job
from tierproof.keys_folder import KeysFolder
from tierproof.signing import agreeing
from tierproof.signing.combining import combine
from tierproof.signing.comparing import folder_differences
from tierproof.signing.cosignature import Cosignature
from tierproof.signing.cosigning import Member, cosign
from tierproof.signing.draft import NO_CONSENT, Draft
from tierproof.signing.journal import Journal
from tierproof.signing.revoking import revoke
from tierproof.signing.signers import KeySigner

OVER = (sample.FIRST_DAY + WEEK + 2) * 86_400
"""From when nothing late counts in the sample's window."""


@dataclass(frozen=True)
class Machine:
    """One member's folder: job, statements, bindings, key, journal."""

    folder: Path
    keys: KeysFolder
    key_file: Path

    @property
    def job(self) -> Path:
        return self.folder / "job.json"

    @property
    def journal(self) -> Path:
        return self.folder / "journal.jsonl"

    @property
    def member(self) -> Member:
        return Member(self.job, self.keys, KeySigner(read_key(self.key_file)), self.journal)

    def change(self, **parts: Any) -> None:
        self.job.write_text(json.dumps(json.loads(self.job.read_text()) | parts))

    def draft(self, *others: Draft) -> Drafted:
        return draft_job(
            self.job, self.keys, now=OVER, decide=lambda own: agreeing.disagreements(own, others)
        )

    def write(self, name: str, *others: Draft) -> Path:
        done = self.draft(*others)
        write_draft(done.draft, done.made, self.folder / name)
        return self.folder / name

    def cosign(self, draft: Draft) -> Cosignature:
        return cosign(draft, self.member, now=OVER)


@pytest.fixture
def machines(three_owners: list[Machine]) -> list[Machine]:
    """The same without the desk, whose lines are most of the sample's: less to do."""
    for each in three_owners:
        (desk, *others) = json.loads(each.job.read_text())["owners"]
        each.change(owners=others)
        path = each.folder / "statements" / "statement.csv"
        lines = path.read_text().splitlines(True)
        kept = (line for line in lines if not any(wallet in line for wallet in desk["wallets"]))
        path.write_text("".join(kept))
    return three_owners


@pytest.fixture
def three_owners(week: Desk, tmp_path: Path) -> list[Machine]:
    """Three members with the week's files, each in a folder of his own."""
    made = []
    for index in range(3):
        folder = tmp_path / f"machine-{index}"
        shutil.copytree(week.folder / "statements", folder / "statements")
        for name in ("bindings.json", "job.json"):
            shutil.copy(week.folder / name, folder / name)
        machine = Machine(
            folder, KeysFolder(week.keys, native()), week.folder / f"attestor-{index}.key"
        )
        Journal.create(machine.journal, read_key(machine.key_file).address.lower())
        made.append(machine)
    return made


def refusal(attempt: Callable[[], object]) -> TierproofError:
    with pytest.raises(TierproofError) as caught:
        attempt()
    return caught.value


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# -- the same bytes --------------------------------------------------------------------------------
def test_three_machines_write_the_same_bytes(machines: list[Machine]) -> None:
    """In another order of owners, at another time, from pages that overlap."""
    first, second, third = machines
    owners = json.loads(second.job.read_text())["owners"]
    second.change(owners=owners[::-1])
    header, *rows = (third.folder / "statements" / "statement.csv").read_text().splitlines(True)
    half = len(rows) // 2
    (third.folder / "statements" / "statement.csv").write_text("".join([header, *rows[:half]]))
    page = "".join([header, *rows[half - 7 :]])
    (third.folder / "statements" / "statement-2.csv").write_text(page)
    written = [contents(each.write("draft")) for each in machines]
    assert written[0] == written[1] == written[2]
    assert len(written[0]) == 3 and "draft.json" in written[0]
    later = draft_job(first.job, first.keys, now=OVER + 86_400 * 30).draft
    assert later.data == written[0]["draft.json"]


def test_a_quorum_signs_and_any_two_give_the_root(machines: list[Machine], tmp_path: Path) -> None:
    folder = machines[0].write("draft")
    draft = Draft.load(folder)
    given = [each.cosign(draft) for each in machines]
    roots = []
    for number, pair in enumerate(((0, 1), (2, 0), (1, 2), (2, 1, 0))):
        done: Attested = combine(folder, [given[i] for i in pair], tmp_path / f"out-{number}")
        roots.append(done.root)
        for path in done.files:
            made = load(path)
            check(made, machines[0].keys.log_basis(SIZE), native())
            assert len(made.signatures) == len(pair)
    assert len(set(roots)) == 1
    keys = [read_key(each.key_file) for each in machines[:2]]
    short = run_job(machines[0].job, keys, machines[0].keys, tmp_path / "short", now=OVER)
    assert contents(tmp_path / "short") == contents(tmp_path / "out-0")
    assert short.root == roots[0]


def test_keys_of_one_machine_attest_on_development_chains_alone(machines: list[Machine]) -> None:
    first = machines[0]
    domain = json.loads(first.job.read_text())["domain"]
    first.change(domain=domain | {"chain_id": 1})
    keys = [read_key(each.key_file) for each in machines[:2]]
    out = first.folder / "out"
    told: list[str] = []
    error = refusal(
        lambda: run_job(first.job, keys, first.keys, out, now=OVER, progress=told.append)
    )
    assert error.code == "refused.attest.chain" and not out.exists()
    assert told == []  # no statement was read
    assert first.draft().draft.root.domain.chain_id == 1


def test_nothing_is_drafted_while_late_fills_count(machines: list[Machine]) -> None:
    """By the clock, and by the instant at which a venue gave an answer that was collected."""
    first = machines[0]
    error = refusal(lambda: draft_job(first.job, first.keys, now=OVER - 1))
    assert error.code == "refused.window" and "late fills and corrections" in error.message

    def collected(*taken: int) -> None:
        answers = [
            {
                "file": f"answers/{i:06}.json",
                "request": {"page": i},
                "taken": at,
                "sha256": "00" * 32,
            }
            for i, at in enumerate(taken, 1)
        ]
        of = {"venue": "x", "first_day": "2026-01-01", "last_day": "2026-04-02", "accounts": []}
        head = {"format": "tierproof/collected", "version": 1, **of}
        listed = first.folder / "statements" / "collected.json"
        listed.write_text(json.dumps(head | {"answers": answers}))

    collected(OVER * 1_000_000, OVER * 1_000_000 - 1)
    error = refusal(first.draft)
    assert error.code == "refused.window", error
    assert "answers/000002.json: taken too early, collect again" in error.message
    collected(OVER * 1_000_000)
    assert first.draft().draft.owners


# -- cosign ----------------------------------------------------------------------------------------
def test_a_member_without_own_inputs_signs_nothing(machines: list[Machine]) -> None:
    draft = machines[0].draft().draft
    second = machines[1]
    shutil.rmtree(second.folder / "statements")
    assert refusal(lambda: second.cosign(draft)).code == "unavailable.file"
    shutil.copytree(machines[0].folder / "statements", second.folder / "statements")
    second.journal.unlink()
    assert refusal(lambda: second.cosign(draft)).code == "unavailable.journal"
    assert not second.journal.exists()


@pytest.mark.parametrize("part", ["valid_until", "domain", "owner", "fill", "window"])
def test_other_inputs_refuse_and_say_where(machines: list[Machine], part: str) -> None:
    first, second = machines[:2]
    draft = first.draft().draft
    job = json.loads(second.job.read_text())
    wanted = {
        "valid_until": "valid until: the draft: ",
        "domain": f"registry: the draft: {job['domain']['registry']} on chain 31337",
        "owner": "no leaf",
        "fill": ": leaf: the draft: 0x",
        "window": "is before first_day",
    }[part]
    if part == "valid_until":
        second.change(valid_until=job["valid_until"] + 1)
    elif part == "domain":
        second.change(domain=job["domain"] | {"registry": "0x" + "ac" * 20})
    elif part == "owner":
        *kept, gone = job["owners"]
        second.change(owners=kept, left_out=gone["wallets"])
    elif part == "fill":
        drop_a_fill(second)
    else:
        second.change(last_day="2025-01-01")
    error = refusal(lambda: second.cosign(draft))
    assert wanted in error.message
    code = "malformed.job" if part == "window" else "refused.draft.differs"
    assert error.code == code and not Journal.load(second.journal).entries


def drop_a_fill(machine: Machine) -> str:
    """This member's statement lacks the last fill; the line."""
    path = machine.folder / "statements" / "statement.csv"
    lines = path.read_text().splitlines(True)
    gone = next(line for line in reversed(lines) if ",fill," in line)
    path.write_text("".join(line for line in lines if line != gone))
    return gone


def test_a_draft_that_was_changed_is_refused(machines: list[Machine]) -> None:
    first, second = machines[:2]
    path = first.write("draft") / "draft.json"
    draft = Draft.load(path)
    value = json.loads(path.read_text())
    for change, code in (
        ({"size": 16384}, "refused.draft.changed"),  # of other bytes than its own: spaces
        ({"owners": []}, "malformed.draft"),
        ({"owners": value["owners"] * 2}, "malformed.draft"),
        ({"root": value["root"] | {"signatures": ["0x" + "11" * 64 + "1b"]}}, "malformed.draft"),
        ({"left_out": [value["owners"][0] | {"leaf": 0}]}, "malformed.draft"),
    ):
        path.write_text(json.dumps(value | change))
        assert refusal(lambda: Draft.load(path)).code == code
    signed = second.cosign(draft)
    before = second.journal.read_bytes()
    swapped = replace(
        draft, owners=(replace(draft.owners[0], consents=b"\1" * 32), *draft.owners[1:])
    )
    assert refusal(lambda: second.cosign(swapped)).code == "refused.draft.changed"
    assert second.journal.read_bytes() == before
    assert refusal(lambda: machines[2].cosign(swapped)).code == "refused.draft.differs"
    assert second.cosign(draft) == signed  # again, and the journal does not grow
    assert second.journal.read_bytes() == before


def test_one_root_for_a_window_unless_it_is_revoked(machines: list[Machine]) -> None:
    first, second = machines[:2]
    draft = first.draft().draft
    second.cosign(draft)
    for each in (first, second):
        drop_a_fill(each)
    other = first.draft().draft
    error = refusal(lambda: second.cosign(other))
    assert error.code == "refused.journal.root" and f"{draft.root.root.root:064x}" in error.message
    assert refusal(lambda: revoke(second.journal, other.root, "x")).code == (
        "refused.journal.unknown"
    )
    for evidence in ("", " ", "a\nb", "x" * 201):
        assert refusal(lambda e=evidence: revoke(second.journal, draft.root, e)).code == (
            "refused.evidence"
        )
    revoke(second.journal, draft.root, "the guardian's word")
    assert second.cosign(other).draft == other.digest
    assert refusal(lambda: second.cosign(draft)).code == "refused.journal.revoked"
    assert [entry.did for entry in Journal.load(second.journal)] == ["signed", "revoked", "signed"]


def test_the_same_root_for_another_registry_is_another_place(machines: list[Machine]) -> None:
    first = machines[0]
    first.cosign(first.draft().draft)
    domain = json.loads(first.job.read_text())["domain"]
    first.change(domain=domain | {"registry": "0x" + "ac" * 20})
    first.cosign(first.draft().draft)
    assert len(Journal.load(first.journal).entries) == 2


def test_whose_key_and_whose_journal(machines: list[Machine], tmp_path: Path) -> None:
    first, second = machines[:2]
    draft = first.draft().draft
    stranger = tmp_path / "stranger.key"
    stranger.write_text("5c" * 32)
    stranger.chmod(0o600)
    for machine in (replace(second, key_file=stranger), replace(second, key_file=first.key_file)):
        assert refusal(lambda m=machine: m.cosign(draft)).code == "refused.signer"
    lock = Path(f"{second.journal}.lock")
    lock.touch()
    assert refusal(lambda: second.cosign(draft)).code == "refused.busy"
    lock.unlink()
    assert second.cosign(draft) and not lock.exists()


def test_the_journal_is_written_before_the_key_is_used(
    machines: list[Machine], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = machines[0]
    draft = first.draft().draft

    def stopped(*_: object) -> bytes:
        assert len(Journal.load(first.journal).entries) == 1
        raise Unavailable("unavailable.signer", "stopped")

    monkeypatch.setattr(KeySigner, "sign", stopped)
    assert refusal(lambda: first.cosign(draft)).code == "unavailable.signer"
    monkeypatch.undo()
    assert first.cosign(draft).signer == first.member.signer.address
    assert len(Journal.load(first.journal).entries) == 1


# -- owners of whom members hold different consents ------------------------------------------------
def test_an_owner_of_different_consents_is_left_out_and_named(
    three_owners: list[Machine], tmp_path: Path
) -> None:
    """One member never took in one of his wallets, and another nobody of a third owner."""
    machines = three_owners
    first, second, third = machines
    owners = json.loads(first.job.read_text())["owners"]
    split, lost = owners[0], owners[1]
    unknown = split["wallets"][0]
    forget(second, unknown)
    second.change(
        owners=[split | {"wallets": split["wallets"][1:]}, *owners[1:]], left_out=[unknown]
    )
    third.change(owners=[owners[0], owners[2]], left_out=lost["wallets"])
    begun = [each.draft().draft for each in machines]
    assert len({draft.data for draft in begun}) == 3
    agreed = []
    for index, machine in enumerate(machines):
        others = [draft for place, draft in enumerate(begun) if place != index]
        agreed.append(Path(machine.write("agreed", *others)))
    assert contents(agreed[0]) == contents(agreed[1]) == contents(agreed[2])
    draft = Draft.load(agreed[0])
    assert len(draft.owners) == 1 and len(draft.left_out) == 2
    named = {f"0x{each.tag:064x}": each for each in draft.left_out}
    assert set(named) == {split["owner_tag"], lost["owner_tag"]}
    assert NO_CONSENT in named[lost["owner_tag"]].consents
    assert NO_CONSENT not in named[split["owner_tag"]].consents
    given = [each.cosign(draft) for each in machines[:2]]
    assert len(combine(agreed[2], given, tmp_path / "out").files) == 1


def test_nobody_is_left_out_for_nothing(machines: list[Machine]) -> None:
    """A draft that leaves out an owner whose consents this member knows as agreed upon."""
    first, second = machines[:2]
    full = first.draft()
    gone = full.draft.owners[0]
    lies = agreeing.LeftOut(gone.tag, gone.consent_key, (NO_CONSENT, b"\1" * 32))
    done = draft_job(first.job, first.keys, now=OVER, decide=lambda _: (lies,))
    error = refusal(lambda: second.cosign(done.draft))
    assert error.code == "refused.draft.left_out" and gone.consent_key in error.message


def forget(machine: Machine, wallet: str) -> None:
    path = machine.folder / "bindings.json"
    content = json.loads(path.read_text())
    content["bindings"] = [each for each in content["bindings"] if each["wallet"] != wallet]
    path.write_text(json.dumps(content))


# -- combine ---------------------------------------------------------------------------------------
def test_what_combine_refuses(machines: list[Machine], tmp_path: Path) -> None:
    first, second = machines[:2]
    folder, out = first.write("draft"), tmp_path / "out"
    draft = Draft.load(folder)
    one, two = first.cosign(draft), second.cosign(draft)
    stranger = replace(one, signature=two.signature)
    foreign = replace(two, draft=b"\1" * 32)
    for given, code in (
        ([], "refused.quorum"),
        ([one], "refused.quorum"),
        ([one, one], "refused.quorum"),
        ([one, two, two], "refused.quorum"),
        ([one, foreign], "refused.cosignature"),
        ([two, stranger], "refused.cosignature"),
        ([one, replace(two, signature=bytes(65))], "malformed.signature"),
    ):
        assert refusal(lambda g=given: combine(folder, g, out)).code == code
    attestation = next(folder.glob("attestation-*"))
    kept = attestation.read_bytes()
    content = json.loads(kept)
    for change in ({"valid_until": content["valid_until"] + 1}, {"leaf_index": 1 << 19}):
        attestation.write_text(json.dumps(content | change))
        assert refusal(lambda: combine(folder, [one, two], out)).code == "refused.draft.logs"
    path = [*content["path"][:-1], "0x" + "00" * 31 + "07"]
    attestation.write_text(json.dumps(content | {"path": path}))
    assert refusal(lambda: combine(folder, [one, two], out)).code == "rejected.path"
    attestation.unlink()
    assert refusal(lambda: combine(folder, [one, two], out)).code == "unavailable.file"
    assert not out.exists()
    attestation.write_bytes(kept)
    combine(folder, [two, one], out)
    written = contents(out)
    combine(folder, [one, two], out)  # the same again, byte for byte
    assert contents(out) == written
    (out / "root.json").write_text("{}")
    assert refusal(lambda: combine(folder, [two, one], out)).code == "refused.used_folder"


# -- diff ------------------------------------------------------------------------------------------
def test_diff_says_where_one_saw_less(
    machines: list[Machine], capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = machines[:2]
    gone = drop_a_fill(second)
    one, other = first.write("draft"), second.write("draft")
    found = folder_differences(one, other)
    places = [each.where.rsplit(": ", 1)[1] for each in found]
    assert places == ["leaf", "closing", "records", "first at record 36"]
    last = found[-1]
    assert "first at record" in last.where and last.one.startswith(gone[:10])
    assert run("attest", "diff", one, other, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert not told["same"] and len(told["differences"]) == len(found)
    assert run("attest", "diff", one, one / "draft.json", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"same": True, "differences": []}


def test_diff_of_signed_rounds(machines: list[Machine], tmp_path: Path) -> None:
    first, second = machines[:2]
    keys = [read_key(each.key_file) for each in machines[:2]]
    drop_a_fill(second)
    outs = [tmp_path / name for name in ("one", "other")]
    for machine, out in zip((first, second), outs, strict=True):
        run_job(machine.job, keys, machine.keys, out, now=OVER)
    found = folder_differences(*outs)
    assert found[0].where == "root" and "first at record" in found[-1].where
    next(outs[1].glob("attestation-*")).unlink()
    assert any(each.other == "nothing" for each in folder_differences(*outs))
    error = refusal(lambda: folder_differences(outs[0], first.write("draft")))
    assert error.code == "refused.compare"

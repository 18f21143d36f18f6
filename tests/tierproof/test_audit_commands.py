"""
The commands of the audit log: a key, checkpoints, exports, verification, anchors on a node; what
was changed is rejected, what nobody else has seen is said.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from support.project import ROOT

from algebra.extras import EXTRAS
from service.audit.checkpoint import Checkpoint
from service.audit.note import Note
from tests.contracts.anvil_node import start_anvil
from tests.service.audit import log_world as world
from tests.service.audit.test_notes import cosignature, witness
from tests.tierproof.conftest import run, write_private
from tierproof import audit_file

Capture = pytest.CaptureFixture[str]
KEY = ("--log-key", world.SIGNER.public)


class Folder:
    """A service's folder: database, key, and what the commands say there."""

    def __init__(self, path: Path, capsys: Capture) -> None:
        self.path, self._capsys = path, capsys
        self.engine = world.database(path / "service.sqlite")
        self.key = write_private(path / "audit.key", world.SIGNER.private_text())
        self.database = ("--database", f"sqlite:///{path / 'service.sqlite'}")

    def run(self, name: str, *arguments: object, status: int = 0) -> dict[str, Any]:
        self._capsys.readouterr()
        assert run("audit", name, *arguments, "--json") == status
        said = self._capsys.readouterr()
        self.err = said.err
        document: dict[str, Any] = json.loads(said.out)
        return document

    def checkpoint(self, *more: object, status: int = 0) -> dict[str, Any]:
        return self.run("checkpoint", *self.database, "--key-file", self.key, *more, status=status)

    def verify(self, *more: object, status: int = 0) -> dict[str, Any]:
        return self.run("verify", *self.database, *KEY, *more, status=status)

    def code(self, name: str, *arguments: object, status: int = 2) -> str:
        return str(self.run(name, *arguments, status=status)["error"]["code"])

    def change(self, statement: str) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement))


@pytest.fixture
def folder(tmp_path: Path, capsys: Capture) -> Iterator[Folder]:
    made = Folder(tmp_path, capsys)
    world.fill(made.engine, 3)
    yield made
    made.engine.dispose()


# ---- keys ----------------------------------------------------------------------------------------
def test_a_key_is_its_owners_alone(folder: Folder) -> None:
    out = folder.path / "new.key"
    told = folder.run("keygen", "--name", "audit.example/new", "--out", out)
    held = out.read_text().strip()
    assert out.stat().st_mode & 0o077 == 0 and held.startswith("PRIVATE+KEY+audit.example/new+")
    assert told["log_key"] == str(audit_file.read_key(out).public)
    assert held[-44:] not in json.dumps(told) + folder.err
    other = folder.run("keygen", "--name", "audit.example/new", "--out", folder.path / "b.key")
    assert other["log_key"] != told["log_key"]
    again = ("--name", "audit.example/new", "--out", out)
    assert folder.code("keygen", *again) == "refused.audit_file" and out.read_text() == held + "\n"
    for name in ("a b", "a+b", ""):
        assert folder.code("keygen", "--name", name, "--out", out) in (
            "malformed.note_key",
            "usage",
        )


def test_an_open_key_is_not_used(folder: Folder) -> None:
    folder.key.chmod(0o644)
    sign = ("checkpoint", *folder.database, "--key-file", folder.key)
    assert folder.code(*sign) == "refused.open_key_file"
    assert folder.run(*sign, "--allow-open-key-file")["entries"] == 3
    folder.key.write_text("not a key")
    folder.key.chmod(0o600)
    assert folder.code(*sign) == "malformed.note_key"


# ---- checkpoints ---------------------------------------------------------------------------------
def test_checkpoints_are_notes_that_others_read(folder: Folder) -> None:
    out = folder.path / "checkpoint"
    told = folder.checkpoint("--out", out)
    assert (told["log"], told["entries"], told["cosigned_by"]) == (world.SIGNER.name, 3, [])
    note = Note.parse(out.read_bytes())
    assert str(note) == told["note"] == audit_file.remembered(folder.key).read_text()
    assert Checkpoint.signed_by(note, world.SIGNER.public).root.hex() == told["root"][2:]
    assert folder.checkpoint() == told


def test_what_witnesses_answer_is_kept_and_counted(folder: Folder) -> None:
    told = folder.checkpoint()
    note = Note.parse(told["note"].encode())
    named = [part for n in (1, 2) for part in ("--witness", witness(n)[0])]
    answer = folder.path / "answer"
    for number, both in (
        (1, ["witness.example/1"]),
        (2, ["witness.example/1", "witness.example/2"]),
    ):
        answer.write_text(str(note.with_signatures([cosignature(number, note.text)])))
        assert folder.checkpoint("--cosigned", answer, *named)["cosigned_by"] == both
    threshold = ("--witness-threshold", 2)
    assert folder.verify(*named, *threshold)["witnessed"] == 3
    assert "nobody else" not in folder.err
    assert folder.verify(*named[2:])["witnessed"] == 3 and folder.verify()["witnessed"] == 0
    world.fill(folder.engine, 1, start=3)
    folder.checkpoint()
    told = folder.verify(*named, *threshold)
    assert (told["witnessed"], told["signed"], told["not_seen_by_others"]) == (3, 4, 1)
    assert "entries 3 to 3: nobody else has seen them" in folder.err
    answer.write_text(str(note))
    stale = folder.checkpoint("--cosigned", answer, *named, status=1)["error"]
    assert stale["code"] == "rejected.note"
    many = folder.verify(*named, "--witness-threshold", 3, status=2)["error"]
    assert many["code"] == "malformed.note_key"


def test_a_restored_backup_is_not_signed(folder: Folder) -> None:
    """The database forgot; the file beside the key did not."""
    world.fill(folder.engine, 2, start=3)
    before = folder.checkpoint()
    folder.change("DELETE FROM audit_checkpoints")
    folder.change("DELETE FROM audit_entries WHERE place >= 3")
    error = folder.checkpoint(status=2)["error"]
    assert (error["code"], error["signed"]) == ("refused.audit_fork", 5)
    assert audit_file.remembered(folder.key).read_text() == before["note"]


# ---- verification --------------------------------------------------------------------------------
def test_entries_that_nobody_signed_are_told(folder: Folder) -> None:
    folder.verify()
    assert "entries 0 to 2 are not signed" in folder.err
    folder.checkpoint()
    world.fill(folder.engine, 2, start=3)
    told = folder.verify()
    assert (told["entries"], told["signed"], told["not_seen_by_others"]) == (5, 3, 5)
    assert "entries 3 to 4 are not signed" in folder.err
    assert "entries 0 to 4: nobody else has seen them" in folder.err


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE audit_entries SET text = replace(text, 'policy', 'police')",
         "rejected.audit_entry"),
        ("DELETE FROM audit_entries WHERE place = 1", "rejected.audit_gap"),
        ("DELETE FROM audit_nodes", "rejected.audit_node"),
        ("UPDATE audit_checkpoints SET note = replace(note, 'A', 'B')", "rejected."),
        ("UPDATE audit_checkpoints SET note = ''", "rejected.audit_checkpoint"),
        ("INSERT INTO audit_anchors VALUES ('0', '', '', 0, '')", "rejected.audit_anchor"),
    ],
)  # fmt: skip
def test_a_changed_log_is_rejected(folder: Folder, statement: str, code: str) -> None:
    folder.checkpoint()
    folder.verify()
    folder.change(statement)
    assert folder.verify(status=1)["error"]["code"].startswith(code)
    out = ("--out", folder.path / "export.json")
    if code not in ("rejected.", "rejected.audit_checkpoint"):
        assert folder.code("export", *folder.database, *out, status=1) == code


def test_an_export_is_verified_by_itself(folder: Folder, tmp_path: Path) -> None:
    folder.checkpoint("--out", tmp_path / "kept")
    out = tmp_path / "export.json"
    told = folder.run("export", *folder.database, "--out", out)
    assert (told["entries"], told["checkpoints"], told["anchors"]) == (3, 1, 0)
    nowhere = ("--database", "sqlite:///nowhere.sqlite")
    held = folder.run("verify", out, *nowhere, *KEY, "--checkpoint", tmp_path / "kept")
    assert (held["entries"], held["kept_elsewhere"], held["not_seen_by_others"]) == (3, 3, 0)
    assert folder.code("export", *folder.database, "--out", out) == "refused.audit_file"
    value = json.loads(out.read_text())
    for change, code in (
        ({"entries": value["entries"][:2]}, "rejected.audit_cut"),
        ({"entries": value["entries"][::-1]}, "rejected.audit_fork"),
        ({"entries": [*value["entries"][:2], "{}"]}, "rejected.audit_entry"),
        ({"entries": ["\u00e9"]}, "rejected.audit_entry"),
    ):
        out.write_text(json.dumps(value | change))
        assert folder.code("verify", out, *KEY, status=1) == code
    for change in ({"entries": [1]}, {"entries": {}}, {"anchors": [{}]}, {"checkpoints": [None]}):
        out.write_text(json.dumps(value | change))
        assert folder.code("verify", out, *KEY) == "malformed.audit_log"
    out.write_text(json.dumps(value | {"checkpoints": ["no note"]}))
    assert folder.code("verify", out, *KEY) == "malformed.note"


WITHOUT = """
import sys
for library in sys.argv[1].split():
    sys.modules[library] = None
from tierproof.cli import main
sys.exit(main(sys.argv[2:]))
"""


def test_an_export_needs_no_library_of_an_extra(folder: Folder, tmp_path: Path) -> None:
    """Whoever installed a verifier alone can verify it; a database is the service's."""
    folder.checkpoint()
    out = tmp_path / "export.json"
    folder.run("export", *folder.database, "--out", out)

    def bare(*arguments: object) -> tuple[int, dict[str, Any]]:
        heavy = " ".join(library for names in EXTRAS.values() for library in names)
        command = [sys.executable, "-c", WITHOUT, heavy, "audit", *arguments, "--json"]
        done = subprocess.run([*map(str, command)], cwd=ROOT, capture_output=True, text=True)
        return done.returncode, json.loads(done.stdout)

    status, told = bare("verify", out, *KEY)
    assert status == 0 and told["outcome"] == "whole"
    sign = ("checkpoint", *folder.database, "--key-file", folder.key)
    for asks in (("verify", *folder.database, *KEY), ("export", *folder.database), sign):
        status, told = bare(*asks)
        assert status == 2 and told["error"]["code"] == "unavailable.extra"
        assert told["error"]["extra"] == "service"


def test_every_byte_of_an_export_counts(folder: Folder, tmp_path: Path) -> None:
    """Either it is found, or it says the same as before: spaces between the texts."""
    folder.checkpoint()
    out = tmp_path / "export.json"
    folder.run("export", *folder.database, "--out", out)
    data, log = out.read_bytes(), audit_file.load(out)
    for place in range(3, len(data), 37):
        out.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        capsys_status = run("audit", "verify", out, *KEY, "--json")
        assert capsys_status in (1, 2) or audit_file.load(out) == log, place


def test_a_database_is_there_or_nothing_is_made(folder: Folder, tmp_path: Path) -> None:
    absent = tmp_path / "absent.sqlite"
    for database, code in (
        (f"sqlite:///{absent}", "unavailable.file"),
        ("sqlite://", "refused.config"),
        ("no url", "refused.config"),
        ("nosuch://host/db", "refused.config"),
    ):
        assert folder.code("verify", "--database", database, *KEY) == code
    assert not absent.exists()
    absent.write_bytes(b"")
    assert folder.code("export", "--database", f"sqlite:///{absent}") == "refused.database_behind"
    absent.write_bytes(b"not a database" * 100)
    code = folder.code("verify", "--database", f"sqlite:///{absent}", *KEY)
    assert code == "refused.database_file"


def test_settings_come_from_the_file_of_the_folder(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = folder.checkpoint()
    note = Note.parse(told["note"].encode())
    (tmp_path / "answer").write_text(str(note.with_signatures([cosignature(1, note.text)])))
    folder.checkpoint("--cosigned", tmp_path / "answer", "--witness", witness(1)[0])
    (tmp_path / "tierproof.toml").write_text(
        'database = "sqlite:///service.sqlite"\n'
        f'audit_log = "{world.SIGNER.public}"\n'
        f'audit_witness = ["{witness(1)[0]}", "{witness(2)[0]}"]\naudit_witness_threshold = 1\n'
    )
    monkeypatch.chdir(tmp_path)
    assert folder.run("verify")["witnessed"] == 3
    assert folder.run("verify", "--witness-threshold", 2)["witnessed"] == 0


# ---- anchors -------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def node() -> Iterator[str]:
    process, url = start_anvil()
    yield url
    process.terminate()
    process.wait(timeout=10)


@pytest.mark.evm
def test_a_log_is_anchored_and_found_there(
    folder: Folder, node: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.path)
    anchoring = (*folder.database, *KEY, "--rpc", node)
    assert folder.code("anchor", *anchoring) == "refused.audit_empty"
    folder.checkpoint()
    told = folder.run("anchor", *anchoring)
    assert told["sent"] is True and told["entries"] == 3
    at = ("--anchor", told["anchor"], "--anchored-by", told["anchored_by"], "--rpc", node)
    again = folder.run("anchor", *anchoring, "--anchor", told["anchor"])
    assert again["sent"] is False and again["digest"] == told["digest"]
    assert folder.verify(*at)["anchored"] == 3 and "nobody else" not in folder.err
    world.fill(folder.engine, 2, start=3)
    folder.checkpoint()
    assert folder.verify(*at)["not_seen_by_others"] == 2
    later = folder.run("anchor", *anchoring, "--anchor", told["anchor"])
    assert later["sent"] is True and later["entries"] == 5
    out = folder.path / "export.json"
    folder.run("export", *folder.database, "--out", out)
    assert folder.run("verify", out, *KEY, *at)["anchored"] == 5

    # an older log, another log of this size, a salt that is lost
    value = json.loads(out.read_text())
    cut = {"entries": value["entries"][:3], "checkpoints": value["checkpoints"][:1]}
    out.write_text(json.dumps(value | cut))
    assert folder.code("verify", out, *KEY, *at, status=1) == "rejected.audit_cut"
    forgotten = {"anchors": value["anchors"][:1]}
    out.write_text(json.dumps(value | forgotten))
    assert folder.code("verify", out, *KEY, *at, status=1) == "rejected.audit_anchor"
    folder.change("UPDATE audit_anchors SET salt = lower(hex(zeroblob(32)))")
    assert folder.verify(*at, status=1)["error"]["code"] == "rejected.audit_anchor"
    lost = folder.code("anchor", *anchoring, "--anchor", told["anchor"], status=1)
    assert lost == "rejected.audit_anchor"
    assert folder.code("verify", *folder.database, *KEY, *at[:2]) == "usage.anchor"


@pytest.mark.evm
def test_a_database_that_forgot_is_not_anchored(
    folder: Folder, node: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.path)
    world.fill(folder.engine, 2, start=3)
    folder.checkpoint()
    anchoring = (*folder.database, *KEY, "--rpc", node)
    told = folder.run("anchor", *anchoring)
    old: Engine = world.database(folder.path / "old.sqlite")
    world.fill(old, 3)
    world.checkpoint(old)
    old.dispose()
    backup = ("--database", f"sqlite:///{folder.path / 'old.sqlite'}", *KEY, "--rpc", node)
    code = folder.code("anchor", *backup, "--anchor", told["anchor"], status=1)
    assert code == "rejected.audit_cut"

"""
Every hint that names a command is followed here, and the command that failed then succeeds. Hints
about a chain: tests/tierproof/test_hints_chain.py.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from support.project import PACKAGES, ROOT

from algebra.codes import CATALOGUE
from tests.tierproof.conftest import (
    ACCOUNT,
    CHAIN_ID,
    PASSPHRASE,
    SIZE,
    Desk,
    attestors,
    run,
    write_private,
)
from tests.tierproof.test_hints_chain import CHAIN_HINTS
from tierproof.cli import build_parser, named
from tierproof.documents import attestors_document

Capture = pytest.CaptureFixture[str]
Command = list[object]


@dataclass(frozen=True)
class Way:
    """
    Attributes
    ----------
    provoke : a command that fails with the code
    follow : commands that the hint asks for; the last is the first one, mended
    says : words that the message must have
    """

    provoke: Command
    follow: list[Command]
    says: str = ""


Build = Callable[[Desk, Path, pytest.MonkeyPatch], Way]


# ---- commands ------------------------------------------------------------------------------------
def verify(desk: Desk, *more: object, allow: bool = True, **change: Any) -> Command:
    files = {"credential": desk.credential, "key": desk.key, "policy": desk.policy,
             "root": desk.root} | change  # fmt: skip
    named = [part for name in ("key", "policy", "root") for part in (f"--{name}", files[name])]
    development = ["--allow-setup", "development"] if allow else []
    return ["verify", files["credential"], *named, *(more or desk.place()), *development]


def estimate(desk: Desk, attestation: Path | None = None, keys: Path | None = None) -> Command:
    return [
        "estimate", attestation or desk.attestation, "--policy", desk.policy,
        "--keys", keys or desk.keys,
    ]  # fmt: skip


def prove(
    desk: Desk, out: Path, *, tier: str = "prime", keys: Path | None = None, profile: str = "fast"
) -> Command:
    return [
        "prove", desk.attestation, "--vault", desk.vault, "--policy", desk.policy,
        "--keys", keys or desk.keys, "--tier", tier, "--account", ACCOUNT, "--profile", profile,
        "--out", out, *desk.place(),
    ]  # fmt: skip


def attest(desk: Desk, job: Path, out: Path, *, signers: int = 2, keys: Path | None = None
           ) -> Command:  # fmt: skip
    signed = [
        part
        for index in range(signers)
        for part in ("--key-file", desk.folder / f"attestor-{index}.key")
    ]
    return ["attest", job, *signed, "--keys", keys or desk.keys, "--out", out]


def setup(keys: Path, size: int = SIZE, profile: str = "fast") -> Command:
    return [
        "setup", "--unsafe-development", "--class", size, "--profile", profile, "--keys", keys,
    ]  # fmt: skip


def disclose(desk: Desk, row: int = 0, *more: object) -> Command:
    return ["disclose", desk.attestation, "--row", row, "--keys", desk.keys, *more]


def identity(vault: Path, *more: object) -> Command:
    return ["identity", "--vault", vault, "--venue", "tierproof-sample", *more]


# ---- files that were swapped ---------------------------------------------------------------------
def swapped_credential(desk: Desk, _: Path, __: pytest.MonkeyPatch) -> Way:
    return Way(
        verify(desk, credential=desk.root), [verify(desk)], "this is a root file, a credential file"
    )


def swapped_root(desk: Desk, _: Path, __: pytest.MonkeyPatch) -> Way:
    return Way(verify(desk, root=desk.credential), [verify(desk)], "this is a credential file")


def swapped_attestation(desk: Desk, _: Path, __: pytest.MonkeyPatch) -> Way:
    return Way(estimate(desk, desk.policy), [estimate(desk)], "this is a policy file")


def swapped_key(desk: Desk, _: Path, __: pytest.MonkeyPatch) -> Way:
    return Way(verify(desk, key=desk.policy), [verify(desk)], "this is a policy file")


def swapped_disclosure(desk: Desk, tmp: Path, __: pytest.MonkeyPatch) -> Way:
    made, members = tmp / "d.json", tmp / "attestors.json"
    members.write_text(json.dumps(attestors_document(attestors())))
    allowed = ["--allow-setup", "development"]
    check = ["verify-disclosure", "--key", desk.key, "--attestors", members, *allowed]
    return Way(
        [*check, desk.attestation],
        [disclose(desk, 0, "--out", made), [*check, made]],
        "this is an attestation file",
    )


def swapped_job(desk: Desk, tmp: Path, __: pytest.MonkeyPatch) -> Way:
    return Way(
        attest(desk, desk.root, tmp / "o"),
        [attest(desk, desk.job, tmp / "o")],
        "this is a root file, an attest job file",
    )


# ---- setup, keys, classes ------------------------------------------------------------------------
def damaged_setup(desk: Desk, tmp: Path, _: pytest.MonkeyPatch) -> Way:
    keys = shutil.copytree(desk.keys, tmp / "keys")
    data = bytearray((keys / "setup.bin").read_bytes())
    data[len(data) // 2] ^= 1
    (keys / "setup.bin").write_bytes(data)
    return Way(estimate(desk, keys=keys), [["rm", keys / "setup.bin"], setup(keys),
                                           estimate(desk, keys=keys)])  # fmt: skip


def no_setup(desk: Desk, tmp: Path, _: pytest.MonkeyPatch) -> Way:
    keys = tmp / "keys"
    return Way(estimate(desk, keys=keys), [setup(keys), estimate(desk, keys=keys)])


def short_setup(desk: Desk, tmp: Path, _: pytest.MonkeyPatch) -> Way:
    keys, out = tmp / "own", tmp / "c.json"
    return Way(
        prove(desk, out, profile="lean"),
        [setup(keys, profile="lean"), prove(desk, out, keys=keys, profile="lean")],
    )


def no_key(desk: Desk, tmp: Path, _: pytest.MonkeyPatch) -> Way:
    key = tmp / "keys" / f"key-{SIZE}.json"
    return Way(verify(desk, key=key), [setup(key.parent), verify(desk, key=key)])


def no_such_class(_: Desk, tmp: Path, __: pytest.MonkeyPatch) -> Way:
    return Way(setup(tmp / "keys", 4096), [setup(tmp / "keys", 8192)])


def more_records_than_the_class(desk: Desk, tmp: Path, patch: pytest.MonkeyPatch) -> Way:
    """With a class of 8,192 rows that holds a hundred; the next is as it is."""
    from circuits.versions import CURRENT
    from tierproof import attesting

    small = replace(CURRENT, capacity=lambda n: 100 if n == SIZE else CURRENT.capacity(n))
    patch.setattr(attesting, "CURRENT", small)
    keys, job = shutil.copytree(desk.keys, tmp / "keys"), tmp / "job.json"
    shutil.copytree(desk.folder / "statements", tmp / "statements")
    shutil.copy(desk.folder / "bindings.json", tmp / "bindings.json")
    job.write_text(json.dumps(json.loads(desk.job.read_text()) | {"size": 2 * SIZE}))
    return Way(
        attest(desk, desk.job, tmp / "out"),
        [setup(keys, 2 * SIZE), attest(desk, job, tmp / "out", keys=keys)],
    )


# ---- institution ---------------------------------------------------------------------------------
def tier_not_met(desk: Desk, tmp: Path, _: pytest.MonkeyPatch) -> Way:
    out = tmp / "c.json"
    return Way(
        prove(desk, out, tier="prime-plus"), [estimate(desk), prove(desk, out, tier="prime")]
    )


def no_vault(_: Desk, tmp: Path, __: pytest.MonkeyPatch) -> Way:
    vault = tmp / "v"
    return Way(identity(vault), [identity(vault, "--create"), identity(vault)])


def vault_exists(desk: Desk, tmp: Path, _: pytest.MonkeyPatch) -> Way:
    return Way(identity(desk.vault, "--create"), [identity(tmp / "another", "--create")])


def short_passphrase(_: Desk, tmp: Path, __: pytest.MonkeyPatch) -> Way:
    short, long = tmp / "short", tmp / "long"
    write_private(short, "eleven char")
    write_private(long, "five random words like these\n")
    make = identity(tmp / "v", "--create", "--passphrase-file")
    return Way([*make, short], [[*make, long]])


def no_terminal(desk: Desk, tmp: Path, patch: pytest.MonkeyPatch) -> Way:
    patch.delenv("TIERPROOF_PASSPHRASE")
    write_private(tmp / "p", PASSPHRASE + "\n")
    return Way(identity(desk.vault), [identity(desk.vault, "--passphrase-file", tmp / "p")])


def wrong_passphrase(desk: Desk, tmp: Path, _: pytest.MonkeyPatch) -> Way:
    write_private(tmp / "p", "another passphrase")
    return Way(identity(desk.vault, "--passphrase-file", tmp / "p"), [identity(desk.vault)])


def no_such_record(desk: Desk, _: Path, __: pytest.MonkeyPatch) -> Way:
    count = json.loads(desk.attestation.read_text())["count"]
    return Way(disclose(desk, count), [disclose(desk, count - 1)])


def picture_of_another_kind(desk: Desk, tmp: Path, _: pytest.MonkeyPatch) -> Way:
    picture = [*estimate(desk), "--picture"]
    return Way([*picture, tmp / "p.gif"], [[*picture, tmp / "p.png"]])


def no_row(desk: Desk, _: Path, __: pytest.MonkeyPatch) -> Way:
    return Way(["disclose", desk.attestation, "--keys", desk.keys], [disclose(desk, 3)])


def no_statement(desk: Desk, _: Path, __: pytest.MonkeyPatch) -> Way:
    owner = json.loads(desk.job.read_text())["owners"][0]
    asked = [
        "disclose",
        desk.attestation,
        "--keys",
        desk.keys,
        "--instrument",
        "ETH-PERP",
        "--row",
        "3",
    ]
    given = ["--statements", desk.folder / "statements", "--adapter", "csv"]
    wallets = [part for wallet in owner["wallets"] for part in ("--wallet", wallet)]
    return Way(asked, [[*asked, *given, *wallets]])


def another_statement(desk: Desk, _: Path, __: pytest.MonkeyPatch) -> Way:
    """One wallet of the owner is not named."""
    way = no_statement(desk, _, __)
    (full,) = way.follow
    return Way(full[:-2], [full])


def half_a_binding(desk: Desk, tmp: Path, __: pytest.MonkeyPatch) -> Way:
    bind = identity(desk.vault, "--bind", "0x" + "12" * 20)
    more = ["--attestor-set", "0x" + "34" * 32, "--bound-day", "2026-01-31"]
    more += ["--consent", tmp / "consent.json"]
    return Way(bind, [[*bind, *more]])


# ---- attestor and protocol -----------------------------------------------------------------------
def no_quorum(desk: Desk, tmp: Path, _: pytest.MonkeyPatch) -> Way:
    return Way(
        attest(desk, desk.job, tmp / "o", signers=1), [attest(desk, desk.job, tmp / "o", signers=2)]
    )


def another_chain(desk: Desk, _: Path, __: pytest.MonkeyPatch) -> Way:
    return Way(
        verify(desk, *desk.place(**{"chain-id": CHAIN_ID + 1})),
        [["inspect", desk.credential, "--key", desk.key], verify(desk)],
    )


def development_key(desk: Desk, _: Path, __: pytest.MonkeyPatch) -> Way:
    return Way(verify(desk, allow=False), [verify(desk)])


def setup_of_another_form(desk: Desk, _: Path, __: pytest.MonkeyPatch) -> Way:
    asked, digits = verify(desk, allow=False), json.loads(desk.key.read_text())["srs_id"]
    follow = [["show", desk.key], [*asked, "--allow-setup", f"0x{digits}"]]
    return Way([*asked, "--allow-setup", digits], follow)


def no_place(desk: Desk, _: Path, __: pytest.MonkeyPatch) -> Way:
    return Way(verify(desk, *desk.place()[:-2]), [verify(desk)])


WAYS: dict[str, list[Build]] = {
    "malformed.credential": [swapped_credential],
    "malformed.root": [swapped_root],
    "malformed.attestation": [swapped_attestation],
    "malformed.key": [swapped_key],
    "malformed.disclosure": [swapped_disclosure],
    "malformed.job": [swapped_job],
    "malformed.setup.digest": [damaged_setup],
    "unavailable.setup": [no_setup],
    "refused.setup": [short_setup],
    "unavailable.key": [no_key],
    "refused.class": [no_such_class],
    "refused.capacity": [more_records_than_the_class],
    "refused.tier": [tier_not_met],
    "unavailable.vault": [no_vault],
    "refused.vault_exists": [vault_exists],
    "refused.passphrase": [short_passphrase],
    "unavailable.terminal": [no_terminal],
    "refused.vault": [wrong_passphrase],
    "refused.disclosure": [no_such_record],
    "refused.picture": [picture_of_another_kind],
    "refused.other_statement": [another_statement],
    "usage.row": [no_row],
    "usage.instrument": [no_statement],
    "usage.bind": [half_a_binding],
    "refused.quorum": [no_quorum],
    "rejected.place": [another_chain],
    "rejected.setup": [development_key],
    "usage.allow_setup": [setup_of_another_form],
    "usage.place": [no_place],
}
"""Code to how it is provoked and its hint followed."""

OF_A_JOB = {"malformed.job", "refused.capacity", "refused.quorum"}
"""Provoked by the attestors of the week, whose job takes a tenth of the time."""

ELSEWHERE = {
    "refused.calendar": "test_the_readmes_lead_to_a_grant",
    "usage": "test_usage_names_the_help_of_its_command",
    "malformed.proving_key": "test_damaged_bases",
    "unavailable.native": "test_targets_that_hints_name",
    "unavailable.compiler": "test_targets_that_hints_name",
    "unavailable.verifier": "test_targets_that_hints_name",
    "unavailable.artifact": "test_a_verifier_of_a_larger_class",
    "unavailable.port": "test_a_port_that_is_taken",
    "unavailable.ceremony_key": "test_targets_that_hints_name",
    "refused.collecting": "test_a_run_that_was_cut_off_goes_on",
} | CHAIN_HINTS
"""Hints that a test of their own follows."""


def error_of(capsys: Capture, command: Command) -> dict[str, Any]:
    capsys.readouterr()
    assert run(*command, "--json") != 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)["error"]
    return document


@pytest.mark.parametrize("code", WAYS)
def test_a_hint_leads_to_success(
    desk: Desk,
    week: Desk,
    tmp_path: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
) -> None:
    for build in WAYS[code]:
        way = build(week if code in OF_A_JOB else desk, tmp_path, monkeypatch)
        error = error_of(capsys, way.provoke)
        assert error["code"] == code and error["hint"] == CATALOGUE[code].hint
        assert way.says in error["message"]
        for command in way.follow:
            if command[0] == "rm":
                Path(str(command[1])).unlink()
            else:
                assert run(*command) == 0, capsys.readouterr().err


def test_every_hint_that_names_a_command_is_followed() -> None:
    followed = {CATALOGUE[code].hint for code in (*WAYS, *ELSEWHERE)}
    named = {row.hint for row in CATALOGUE.values() if "`" in row.hint or "{help}" in row.hint}
    assert named <= followed


def test_commands_and_options_that_hints_name_exist() -> None:
    """Read from the parser, so that no hint outlives an option."""
    actions = build_parser()._actions
    commands = next(action.choices for action in actions if isinstance(action.choices, dict))
    everything = {option for each in commands.values() for option in each._option_string_actions}
    of_others = {"--class", "--prefix"}
    for row in CATALOGUE.values():
        for words in re.findall(r"`tierproof ([^`]*)`", row.hint):
            name, *rest = named(words.split())
            assert name in commands, row.code
            options = set(re.findall(r"--[a-z0-9-]+", " ".join(rest)))
            assert options <= set(commands[name]._option_string_actions), row.code
        assert set(re.findall(r"--[a-z0-9-]+", row.hint)) <= everything | of_others, row.code


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify"],
        ["prove", "a"],
        ["setup", "--class", "x"],
        ["nothing"],
        ["demo", "--profile", "x"],
    ],
)
def test_usage_names_the_help_of_its_command(arguments: list[str], capsys: Capture) -> None:
    """Regression: "see: tierproof COMMAND --help", in these very words."""
    hint = error_of(capsys, [*arguments])["hint"]
    words = hint.removeprefix("see: tierproof ").split()
    assert run(*words) == 0
    assert f"usage: tierproof {words[0] if len(words) > 1 else ''}" in capsys.readouterr().out


def test_damaged_bases(
    desk: Desk, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A basis whose digest is right and whose points are not: the proof is thrown away."""
    import hashlib

    keys, out = shutil.copytree(desk.keys, tmp_path / "keys"), tmp_path / "c.json"
    path = next(keys.glob(f"bases-*-{SIZE}-4.bin"))
    data = bytearray(path.read_bytes()[:-32])
    data[-128:-64] = data[-64:]
    path.write_bytes(bytes(data) + hashlib.sha256(data).digest())
    error = error_of(capsys, prove(desk, out, keys=keys))
    assert error["code"] == "malformed.proving_key"
    shutil.rmtree(keys)
    assert run(*setup(keys)) == 0 and run(*prove(desk, out, keys=keys)) == 0


def test_targets_that_hints_name() -> None:
    """What builds the project is not built again here; make can read each of the targets."""
    for target in ("setup", "contracts"):
        done = subprocess.run(
            ["make", "-n", "-B", target], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "npm ci" in done.stdout  # -B: whatever is built already
    assert (ROOT / "contracts" / "package-lock.json").is_file()


@pytest.mark.slow
@pytest.mark.evm
def test_a_verifier_of_a_larger_class(tmp_path: Path) -> None:
    """
    Regression: only class 8192 is committed, and the hint for others named half of the way. In a
    copy of the project, for the commands write into it.
    """
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package,
            ignore=shutil.ignore_patterns("node_modules", "target", "__pycache__"),
        )  # fmt: skip
    (tmp_path / "contracts" / "node_modules").symlink_to(ROOT / "contracts" / "node_modules")
    named = re.findall(r"python -m ([^`,]+)", CATALOGUE["unavailable.artifact"].hint)
    load = "-c from contracts.build.artifact import load_artifact as a; a('TierproofVerifier16384')"
    arguments = [load.split(" ", 1)]
    arguments += [["-m", *words.replace("N", "16384").split()] for words in named]
    arguments += [load.split(" ", 1)]
    statuses = []
    for words in arguments:
        done = subprocess.run(
            [sys.executable, *words], cwd=tmp_path, capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
        )  # fmt: skip
        statuses.append(done.returncode)
    assert len(named) == 2 and statuses == [1, 0, 0, 0], done.stderr


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """Regression: "listening" first, then status 3 and no document."""
    serve = [sys.executable, "-m", "tierproof.cli", "serve", "--json", "--database",
             f"sqlite:///{tmp_path}/s.sqlite", "--port"]  # fmt: skip
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run([*serve, str(port)], capture_output=True, text=True, check=False)
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["code"]) == (2, "unavailable.port")
    assert str(port) in error["message"] and "listening" not in done.stderr
    running = subprocess.Popen(
        [*serve, "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stderr is not None
    line = next(line for line in running.stderr if "listening" in line or "rror" in line)
    url = re.search(r"http://[^ ]+/v1", line)
    assert url is not None, line
    import httpx

    assert httpx.get(f"{url.group()}/health").json()["status"] == "ok"
    running.send_signal(signal.SIGINT)
    out, _ = running.communicate(timeout=60)
    assert running.returncode == 0 and json.loads(out) == {"stopped": True}

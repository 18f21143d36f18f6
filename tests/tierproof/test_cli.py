"""
The command: outcomes and exit status, errors with a hint, JSON everywhere, nothing secret and
nothing half-written.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from prover.vault import open_vault
from tests.tierproof.conftest import ACCOUNT, CHAIN_ID, PASSPHRASE, SIZE, Desk, run, write_private
from tierproof.commands import COMMANDS
from tierproof.commands.command import Audience

Capture = pytest.CaptureFixture[str]


def verify(desk: Desk, *more: object, credential: Path | None = None, **place: object) -> int:
    arguments = [
        "verify",
        credential or desk.credential,
        "--key",
        desk.key,
        "--policy",
        desk.policy,
        "--root",
        desk.root,
    ]
    return run(*arguments, *desk.place(**place), "--allow-setup", "development", *more)


def error_of(capsys: Capture) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(capsys.readouterr().out)["error"]
    assert document["message"] and document["hint"]
    return document


def edited(desk: Desk, tmp_path: Path, **change: object) -> Path:
    document = json.loads(desk.credential.read_text()) | change
    path = tmp_path / "edited.json"
    path.write_text(json.dumps(document))
    return path


# ---- the path ------------------------------------------------------------------------------------
def test_accepted(desk: Desk, capsys: Capture) -> None:
    assert verify(desk, "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert (
        answer["outcome"] == "accepted"
        and answer["tier"] == "prime"
        and answer["account"] == ACCOUNT
    )
    assert answer["verifier"] == "native" and answer["setup"] == "development"


def test_verify_takes_the_profile_of_the_key_that_it_is_given(
    desk: Desk, lean: Desk, capsys: Capture
) -> None:
    """
    Lean keys stand beside the fast ones, which stay as they were; a proof holds for its own key
    only.
    """
    assert (lean.keys / desk.key.name).read_bytes() == desk.key.read_bytes()
    assert len(lean.credential.read_bytes()) < len(desk.credential.read_bytes())
    assert (
        verify(lean, "--json") == 0 and json.loads(capsys.readouterr().out)["outcome"] == "accepted"
    )
    for key, credential in ((desk.key, lean), (lean.key, desk)):
        arguments = [
            "verify",
            credential.credential,
            "--key",
            key,
            "--policy",
            desk.policy,
            "--root",
            desk.root,
        ]
        assert run(*arguments, *desk.place(), "--allow-setup", "development", "--json") == 1
        assert error_of(capsys)["code"] == "rejected.key"
        claimed = json.loads(credential.credential.read_text()) | {
            "key_digest": "0x" + json.loads(key.read_text())["digest"]
        }
        (lean.keys.parent / "claimed.json").write_text(json.dumps(claimed))
        arguments[1] = lean.keys.parent / "claimed.json"
        assert run(*arguments, *desk.place(), "--allow-setup", "development", "--json") == 2
        assert error_of(capsys)["code"] == "malformed.length"


def test_a_setup_too_short_for_the_profile(desk: Desk, tmp_path: Path, capsys: Capture) -> None:
    assert prove(desk, tmp_path / "c.json", profile="lean") == 2
    assert error_of(capsys)["code"] == "refused.setup"
    assert os.listdir(tmp_path) == [] and not desk.key.with_name(f"key-{SIZE}-lean.json").exists()


def test_accepted_by_the_independent_verifier(desk: Desk, capsys: Capture) -> None:
    assert verify(desk, "--json", "--independent") == 0
    assert json.loads(capsys.readouterr().out)["verifier"] == "reference"


def test_plain_answer_is_lines_on_stdout_and_progress_on_stderr(
    desk: Desk, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "credential.json"
    arguments = [
        "prove",
        desk.attestation,
        "--vault",
        desk.vault,
        "--policy",
        desk.policy,
        "--keys",
        desk.keys,
    ]
    assert (
        run(*arguments, *desk.place(), "--tier", "member", "--account", ACCOUNT, "--out", out) == 0
    )
    captured = capsys.readouterr()
    assert "tier: member" in captured.out and "proof bytes: " in captured.out
    for step in ("1 witness", "2 lookups", "3 quotient", "4 values", "5 opening"):
        assert step in captured.err
    secret = open_vault(desk.vault, PASSPHRASE).reveal()
    everything = captured.out + captured.err + out.read_text()
    assert (
        str(secret) not in everything
        and f"{secret:x}" not in everything
        and PASSPHRASE not in everything
    )
    assert verify(desk, credential=out) == 0


def test_inspect_says_what_is_learnt_and_no_more(desk: Desk, capsys: Capture) -> None:
    assert (
        run("inspect", desk.credential, "--key", desk.key, "--policy", desk.policy, "--json") == 0
    )
    answer = json.loads(capsys.readouterr().out)
    learns = answer["verifier_learns"]
    assert (
        learns["class"] == SIZE and learns["tier_name"] == "prime" and learns["account"] == ACCOUNT
    )
    assert (
        answer["proof"]["bytes"] == len(json.loads(desk.credential.read_text())["proof"]) // 2 - 1
    )
    count = json.loads(desk.attestation.read_text())["count"]
    assert str(count) not in json.dumps(learns)


def test_inspect_of_a_key_alone_is_its_error_budget(desk: Desk, capsys: Capture) -> None:
    assert run("inspect", "--key", desk.key, "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["key"]["class"] == SIZE and answer["key"]["setup"] == "development"
    assert (
        {"kappa", "beta", "alpha", "xi", "v", "y"}
        <= set(answer["bits_of_challenges"])
        <= set(answer["counted"])
    )
    assert 99 < answer["bits_in_total"] <= min(answer["bits_of_assumptions"].values())
    assert run("inspect", "--key", desk.key) == 0
    assert "bits in total: " in capsys.readouterr().out


def test_an_estimate_for_people_is_short_and_has_the_cost(desk: Desk, capsys: Capture) -> None:
    arguments = ["estimate", desk.attestation, "--policy", desk.policy, "--keys", desk.keys]
    assert run(*arguments) == 0
    told = capsys.readouterr().out.splitlines()
    assert len(told) < 60 and max(map(len, told)) <= 80 and told[0] == "best tier: prime"
    assert any("M3 t value of executed trades: 0.66, at least 1.65 asked" in line for line in told)
    assert any(line.startswith("proof: about ") and " MiB (measured on " in line for line in told)
    assert not any("M10 volume: " in line for line in told[told.index("  prime-plus:") :])
    assert run(*arguments, "--all") == 0
    told = capsys.readouterr().out.splitlines()
    assert any("M10 volume: " in line for line in told[told.index("  prime-plus:") :])
    assert max(map(len, told)) <= 80


def test_estimate_names_the_tiers(desk: Desk, tmp_path: Path, capsys: Capture) -> None:
    picture = tmp_path / "desk.svg"
    arguments = ["estimate", desk.attestation, "--policy", desk.policy, "--keys", desk.keys]
    assert run(*arguments, "--picture", picture, "--profile", "lean", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["best_tier"] == "prime" and answer["wallets"] == 4 and answer["class"] == SIZE
    assert answer["profile"] == "lean"
    assert [tier["holds"] for tier in answer["tiers"]] == [True, True, False]
    failing = [metric for metric in answer["tiers"][2]["metrics"] if not metric["holds"]]
    assert [metric["metric"] for metric in failing] == ["M3"]
    assert "short by 0.99" in failing[0]["text"]
    assert picture.read_text().startswith("<?xml")


def test_identity_shows_the_tag_of_the_attestation(
    desk: Desk, tmp_path: Path, capsys: Capture
) -> None:
    assert run("identity", "--vault", desk.vault, "--venue", "tierproof-sample", "--json") == 0
    shown, attested = json.loads(capsys.readouterr().out), json.loads(desk.attestation.read_text())
    tag = shown["owner_tag"]
    assert (tag, shown["consent_key"]) == (attested["owner_tag"], attested["consent_key"])
    arguments = [
        "identity",
        "--vault",
        desk.vault,
        "--venue",
        "tierproof-sample",
        "--bind",
        "0x" + "12" * 20,
        "--consent",
        tmp_path / "consent.json",
    ]
    assert (
        run(*arguments, "--attestor-set", "0x" + "34" * 32, "--bound-day", "2026-01-01", "--json")
        == 0
    )
    typed = json.loads(capsys.readouterr().out)
    assert typed["primaryType"] == "Binding" and typed["message"]["ownerTag"] == str(int(tag, 16))


def test_signing_the_printed_document_binds(desk: Desk, tmp_path: Path, capsys: Capture) -> None:
    """What a wallet software signs is what the attestor checks."""
    from eth_account import Account
    from eth_account.messages import encode_typed_data

    from attestor.binding import Binding, SignedBinding
    from tierproof.consent_file import load_consent

    wallet = Account.create()
    arguments = [
        "identity",
        "--vault",
        desk.vault,
        "--venue",
        "tierproof-sample",
        "--bind",
        wallet.address,
        "--consent",
        tmp_path / "consent.json",
    ]
    assert (
        run(*arguments, "--attestor-set", "0x" + "34" * 32, "--bound-day", "2026-01-01", "--json")
        == 0
    )
    typed = json.loads(capsys.readouterr().out)
    signature = wallet.sign_message(encode_typed_data(full_message=typed)).signature
    message = typed["message"]
    binding = Binding(
        message["wallet"],
        int(message["ownerTag"]),
        int(message["venue"]),
        message["consentKey"],
        b"\x34" * 32,
        message["boundDay"],
    )
    SignedBinding(binding, bytes(signature), load_consent(tmp_path / "consent.json")).verify()


# ---- refused, with the exit status of the kind ---------------------------------------------------
@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"account": "0x" + "ce" * 20}, 1, "rejected."),
        ({"nullifier": "0x" + "00" * 31 + "07"}, 1, "rejected."),
        ({"tier": 0}, 1, "rejected."),
        ({"tier": 9}, 1, "rejected.policy"),
        ({"root": "0x" + "00" * 31 + "07"}, 1, "rejected.root"),
        ({"chain_id": 1}, 1, "rejected.place"),
        ({"policy_id": "0x" + "07" * 32}, 1, "rejected.policy"),
        ({"key_digest": "0x" + "07" * 32}, 1, "rejected.key"),
        ({"proof": "0x00"}, 2, "malformed.length"),
        ({"proof": "0x0"}, 2, "malformed.credential"),
        ({"nullifier": "0x" + "ff" * 32}, 2, "malformed.range"),
        ({"account": "0x" + "00" * 20}, 2, "malformed.range"),
        ({"format": "other"}, 2, "malformed.credential"),
        ({"extra": 1}, 2, "malformed.credential"),
    ],
)
def test_changed_credential(
    desk: Desk, tmp_path: Path, capsys: Capture, change: dict[str, object], status: int, code: str
) -> None:
    assert verify(desk, "--json", credential=edited(desk, tmp_path, **change)) == status
    assert error_of(capsys)["code"].startswith(code)


@pytest.mark.parametrize("place", [{"chain-id": CHAIN_ID + 1}, {"registry": "0x" + "ac" * 20}])
def test_verifier_of_another_place(desk: Desk, capsys: Capture, place: dict[str, object]) -> None:
    assert verify(desk, "--json", **place) == 1
    assert error_of(capsys)["code"] == "rejected.place"


def test_same_proof_claimed_for_another_place(desk: Desk, tmp_path: Path, capsys: Capture) -> None:
    """The scope is computed by the verifier, so naming another chain in the file does not help."""
    claimed, chain = edited(desk, tmp_path, chain_id=CHAIN_ID + 1), {"chain-id": CHAIN_ID + 1}
    assert verify(desk, "--json", credential=claimed, **chain) == 1
    assert error_of(capsys)["code"].startswith("rejected.")


def test_each_bit_region_of_the_proof(desk: Desk, tmp_path: Path, capsys: Capture) -> None:
    proof = bytes.fromhex(json.loads(desk.credential.read_text())["proof"][2:])
    for offset in range(31, len(proof), 96 * 5 + 32):
        changed = bytearray(proof)
        changed[offset] ^= 1
        assert verify(
            desk, "--json", credential=edited(desk, tmp_path, proof="0x" + changed.hex())
        ) in (1, 2)
        assert error_of(capsys)["code"].split(".")[0] in ("rejected", "malformed")
    for changed_bytes in (proof[:-1], proof + b"\0", proof[:-32], b"\0" * len(proof)):
        assert (
            verify(
                desk, "--json", credential=edited(desk, tmp_path, proof="0x" + changed_bytes.hex())
            )
            == 2
        )
        assert error_of(capsys)["code"].startswith("malformed.")


def test_root_without_its_quorum(desk: Desk, tmp_path: Path, capsys: Capture) -> None:
    document = json.loads(desk.root.read_text())
    for change, code in (
        ({"signatures": document["signatures"][:1]}, "rejected.quorum"),
        ({"signatures": []}, "rejected.quorum"),
        ({"signatures": document["signatures"][::-1]}, "rejected.quorum"),
        ({"valid_until": 4_000_000_001}, "rejected.quorum"),
        ({"valid_until": 5}, "rejected.root"),
        ({"attestor_set": document["attestor_set"] | {"name": "others"}}, "rejected.root"),
    ):
        path = tmp_path / "root.json"
        path.write_text(json.dumps(document | change))
        arguments = [
            "verify",
            desk.credential,
            "--key",
            desk.key,
            "--policy",
            desk.policy,
            "--root",
            path,
        ]
        assert run(*arguments, *desk.place(), "--allow-setup", "development", "--json") == 1
        assert error_of(capsys)["code"] == code


def test_development_key_is_refused_unless_asked_for(desk: Desk, capsys: Capture) -> None:
    arguments = [
        "verify",
        desk.credential,
        "--key",
        desk.key,
        "--policy",
        desk.policy,
        "--root",
        desk.root,
    ]
    assert run(*arguments, *desk.place(), "--json") == 1
    assert error_of(capsys)["code"] == "rejected.setup"


def prove(desk: Desk, out: Path, tier: str = "prime", **change: object) -> int:
    values = {
        "vault": desk.vault,
        "policy": desk.policy,
        "keys": desk.keys,
        "account": ACCOUNT,
    } | change
    attestation = values.pop("attestation", desk.attestation)
    named = [part for name, value in values.items() for part in (f"--{name}", value)]
    return run("prove", attestation, *named, *desk.place(), "--tier", tier, "--out", out, "--json")


def test_tier_that_does_not_hold(desk: Desk, tmp_path: Path, capsys: Capture) -> None:
    assert prove(desk, tmp_path / "c.json", "prime-plus") == 1
    error = error_of(capsys)
    assert (
        error["code"] == "refused.tier"
        and "M3 t value" in error["message"]
        and "short by 0.99" in error["message"]
    )
    assert os.listdir(tmp_path) == []


def test_prove_refuses(desk: Desk, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "c.json"
    for change, status, code in (
        ({"tier": "best"}, 2, "refused.policy.tier"),
        ({"vault": desk.other_vault}, 1, "rejected.attestation.owner"),
        ({"vault": tmp_path / "none"}, 2, "unavailable.vault"),
        ({"account": "0x12"}, 2, "malformed.address"),
        ({"keys": tmp_path / "none"}, 2, "unavailable.setup"),
        ({"attestation": desk.root}, 2, "malformed.attestation"),
        ({"policy": desk.root}, 2, "malformed.policy"),
    ):
        assert prove(desk, out, **change) == status, code
        assert error_of(capsys)["code"].startswith(code)
    assert prove(desk, tmp_path / "no" / "c.json") == 2
    assert error_of(capsys)["code"] == "unavailable.folder"
    assert os.listdir(tmp_path) == []


def test_attestation_of_another_setup(desk: Desk, tmp_path: Path, capsys: Capture) -> None:
    document = json.loads(desk.attestation.read_text())
    document["srs_id"] = "0x" + "12" * 25
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document))
    assert prove(desk, tmp_path / "c.json", attestation=path) == 1
    assert error_of(capsys)["code"] == "rejected.attestation.setup"


def test_wrong_passphrase(
    desk: Desk, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIERPROOF_PASSPHRASE", "another passphrase")
    assert prove(desk, tmp_path / "c.json") == 2
    assert error_of(capsys)["code"] == "refused.vault"


def test_vault_is_never_overwritten(desk: Desk, capsys: Capture) -> None:
    before = desk.vault.read_bytes()
    assert run("identity", "--create", "--vault", desk.vault, "--venue", "x", "--json") == 2
    assert error_of(capsys)["code"] == "refused.vault_exists"
    assert desk.vault.read_bytes() == before


def test_bad_statement_line_is_named_and_nothing_is_written(
    week: Desk, tmp_path: Path, capsys: Capture
) -> None:
    statements = tmp_path / "statements"
    statements.mkdir()
    lines = (week.folder / "statements" / "statement.csv").read_text().splitlines()
    lines[41] = lines[41].replace(lines[41].split(",")[0], "2026-13-01T00:00:00Z", 1)
    (statements / "statement.csv").write_text("\n".join(lines) + "\n")
    (statements / "instruments.csv").write_bytes(
        (week.folder / "statements" / "instruments.csv").read_bytes()
    )
    (tmp_path / "bindings.json").write_bytes((week.folder / "bindings.json").read_bytes())
    (tmp_path / "job.json").write_bytes(week.job.read_bytes())
    signed = [
        "--key-file",
        week.folder / "attestor-0.key",
        "--key-file",
        week.folder / "attestor-1.key",
    ]
    out = tmp_path / "out"
    assert (
        run("attest", tmp_path / "job.json", *signed, "--keys", week.keys, "--out", out, "--json")
        == 2
    )
    error = error_of(capsys)
    assert (
        error["code"] == "malformed.statement"
        and "statement.csv" in error["message"]
        and "42" in error["message"]
    )
    counted = {"file": "statement.csv", "read": len(lines) - 1, "refused": 1}
    assert error["lines"][1] == counted
    assert not out.exists()


def test_attest_tells_what_became_of_every_line(
    week: Desk, tmp_path: Path, capsys: Capture
) -> None:
    signed = [
        part for index in (0, 1) for part in ("--key-file", week.folder / f"attestor-{index}.key")
    ]
    assert run("attest", week.job, *signed, "--keys", week.keys, "--out", tmp_path / "out") == 0
    said = capsys.readouterr().out
    for name, became in (("statement.csv", "used"), ("marks.csv", "prices")):
        rows = (week.folder / "statements" / name).read_text().splitlines()[1:]
        told = {"read": len(rows), "used": 0, "prices": 0, "left out": 0, "repeated": 0}
        told |= {became: len(rows), "refused": 0}
        assert (
            f"  - file: {name}\n"
            + "".join(f"    {name}: {count}\n" for name, count in told.items())
            in said + "\n"
        )


def test_attest_tells_its_steps(week: Desk, tmp_path: Path, capsys: Capture) -> None:
    signed = [
        part for index in (0, 1) for part in ("--key-file", week.folder / f"attestor-{index}.key")
    ]
    assert run("attest", week.job, *signed, "--keys", week.keys, "--out", tmp_path / "out") == 0
    said = capsys.readouterr().err
    steps = ["attest", "statements and bindings", f"basis of class {SIZE}", "logs", "signatures"]
    assert [said.index(f"] {step}") for step in steps] == sorted(
        said.index(f"] {step}") for step in steps
    )
    owner = json.loads(week.job.read_text())["owners"][0]
    assert not any(part in said for part in (owner["owner_tag"], *owner["wallets"]))


def test_one_signer_is_no_quorum(week: Desk, tmp_path: Path, capsys: Capture) -> None:
    signed = ["--key-file", week.folder / "attestor-0.key"]
    out = tmp_path / "out"
    assert run("attest", week.job, *signed, "--keys", week.keys, "--out", out, "--json") == 2
    assert error_of(capsys)["code"] == "refused.quorum"
    assert not out.exists()


def test_key_file_is_never_quoted(week: Desk, tmp_path: Path, capsys: Capture) -> None:
    bad = tmp_path / "k"
    for text in ("5ecret5ecret", "0x" + "5e" * 31, "0x" + "00" * 32, "0x" + "ff" * 32):
        write_private(bad, text)
        assert (
            run("attest", week.job, "--key-file", bad, "--keys", week.keys, "--out", tmp_path / "o")
            == 2
        )
        captured = capsys.readouterr()
        assert (
            "[malformed.key_file]" in captured.err and text[2:] not in captured.err + captured.out
        )


@pytest.mark.parametrize("option", ["--admin-delay", "--notice"])
@pytest.mark.parametrize("seconds", [-1, 30 * 86_400 * 1_000])
def test_durations_in_milliseconds_are_refused_before_the_node_is_asked(
    tmp_path: Path, capsys: Capture, option: str, seconds: int
) -> None:
    place = ["--rpc", "http://127.0.0.1:9", "--verifier", "x", "--out", tmp_path / "d.json"]
    assert run("deploy", *place, f"{option}={seconds}", "--json") == 2
    error = error_of(capsys)
    assert error["code"] == "malformed.duration" and error["part"] == option


# ---- manners -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing"],
        ["verify"],
        ["prove", "a", "--tier"],
        ["setup"],
        ["setup", "--class", "x", "--unsafe-development"],
        ["demo", "--profile", "slow"],
        ["setup", "--ptau", "a", "--unsafe-development"],
        ["setup", "--unsafe-development", "--tau-g2", "a"],
        ["demo", "--tau-g2", "a"],
        ["terms", "0x"],
        ["verify", "--wrong"],
    ],
)
def test_usage(arguments: list[str], capsys: Capture) -> None:
    assert run(*arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    error, hint = captured.err.strip().splitlines()[-2:]
    assert error.startswith("error: ") and hint.startswith("hint: ")
    assert run(*arguments, "--json") == 2
    assert error_of(capsys)["code"] == "usage"


def test_help_and_version(capsys: Capture) -> None:
    assert run("--help") == 0
    text = capsys.readouterr().out
    for audience in Audience:
        assert f"for {audience}:\n" in text
    for name in COMMANDS:
        assert f"    {name} " in text
        assert run(name, "--help") == 0
        assert "--json" in capsys.readouterr().out
    assert run("--version") == 0
    assert run() == 2


@pytest.mark.parametrize("size", [4096, 8191, 1 << 21, 0, -1])
def test_class_that_does_not_exist(tmp_path: Path, capsys: Capture, size: int) -> None:
    assert (
        run("setup", "--unsafe-development", "--class", size, "--keys", tmp_path / "k", "--json")
        == 2
    )
    error = error_of(capsys)
    assert error["code"] == "refused.class" and "8192 (" in error["message"]
    assert not (tmp_path / "k").exists()


def test_missing_ptau(tmp_path: Path, capsys: Capture) -> None:
    assert run("setup", "--ptau", tmp_path / "none.ptau", "--keys", tmp_path / "k", "--json") == 2
    assert error_of(capsys)["code"] == "unavailable.ptau"
    assert not (tmp_path / "k").exists()


def test_no_chain_at_the_url(tmp_path: Path, capsys: Capture) -> None:
    arguments = [
        "deploy",
        "--rpc",
        "http://127.0.0.1:9",
        "--verifier",
        "TierproofVerifier8192",
        "--out",
        tmp_path / "d",
    ]
    assert run(*arguments, "--json") == 2
    assert error_of(capsys)["code"] == "unavailable.node"


def test_colour_only_on_a_terminal_and_never_against_no_color(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import io

    from algebra.errors import Refused
    from tierproof.console import Console

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for variable, coloured in (("", True), ("1", False)):
        monkeypatch.setenv("NO_COLOR", variable)
        err = Terminal()
        Console(False, err=err).error(Refused("refused.x", "why"))
        assert ("\033[" in err.getvalue()) is coloured and "error:" in err.getvalue()
    pipe = io.StringIO()
    monkeypatch.delenv("NO_COLOR")
    Console(False, err=pipe).error(Refused("refused.x", "why"))
    assert pipe.getvalue().startswith("error: why [refused.x]\nhint: ")


def test_import_gives_the_functions() -> None:
    import tierproof

    assert (
        tierproof.prove.__module__ == "tierproof.institution"
        and tierproof.verify.__module__ == "tierproof.verification"
    )
    assert {"prove", "verify", "estimate", "KeysFolder"} <= set(dir(tierproof))
    with pytest.raises(AttributeError):
        _ = tierproof.nothing


@pytest.mark.parametrize("role", ["credential", "key", "policy", "root", "deployment"])
def test_deep_nesting_does_not_kill_the_process(desk: Desk, tmp_path: Path, role: str) -> None:
    """
    In a process of its own: with py-evm's recursion limit a file of brackets was a segmentation
    fault.
    """
    bad = tmp_path / "bad.json"
    bad.write_text("[" * 150_000)
    files = {
        "credential": desk.credential,
        "key": desk.key,
        "policy": desk.policy,
        "root": desk.root,
    } | {role: bad}
    command = [
        sys.executable,
        "-m",
        "tierproof.cli",
        "verify",
        files["credential"],
        "--allow-setup",
        "development",
        "--json",
    ]
    for name in ("key", "policy", "root"):
        command += [f"--{name}", files[name]]
    command += ["--deployment", bad] if role == "deployment" else desk.place()
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert json.loads(done.stdout)["error"]["code"].startswith("malformed.")


@pytest.mark.parametrize(
    ("forged", "status", "nobody_reads"),
    [
        (True, 1, "stderr"),  # the one that ended with status 0
        (False, 0, "stdout"),
        pytest.param(True, 1, "stdout", marks=pytest.mark.slow),
        pytest.param(False, 0, "stderr", marks=pytest.mark.slow),
    ],
)
def test_a_closed_stream_is_no_verdict(
    desk: Desk, tmp_path: Path, nobody_reads: str, forged: bool, status: int
) -> None:
    """
    Regression: progress to a stderr that nobody read ended `verify --independent` early, with
    status 0.
    """
    shown = edited(desk, tmp_path, account="0x" + "66" * 20) if forged else desk.credential
    command = [
        "-m",
        "tierproof.cli",
        "verify",
        shown,
        "--key",
        desk.key,
        "--policy",
        desk.policy,
        "--root",
        desk.root,
    ]
    command += [*desk.place(), "--allow-setup", "development", "--independent"]
    reader, writer = os.pipe()
    os.close(reader)
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | {nobody_reads: writer}
    done = subprocess.run([sys.executable, *map(str, command)], check=False, **streams)
    os.close(writer)
    assert done.returncode == status


def test_a_fault_is_no_verdict_and_quotes_nothing(
    desk: Desk, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError(PASSPHRASE)

    monkeypatch.setitem(COMMANDS, "verify", replace(COMMANDS["verify"], run=broken))
    assert verify(desk, "--json") == 2
    said = capsys.readouterr()
    assert (
        json.loads(said.out)["error"]["code"] == "fault" and PASSPHRASE not in said.out + said.err
    )

"""`tierproof.toml`: what it gives, what wins over it, what it refuses."""

from __future__ import annotations

import json
import os
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.tierproof.conftest import run
from tierproof.commands import COMMANDS, SETTINGS
from tierproof.commands.command import Usage
from tierproof.commands.parser import build_parser
from tierproof.console import Console

Capture = pytest.CaptureFixture[str]


def filled(*arguments: str) -> Namespace:
    """The options that a command would run with."""
    seen: list[Namespace] = []

    def keep(options: Namespace, _: object) -> dict[str, Any]:
        seen.append(options)
        return {}

    given = build_parser().parse_args(arguments)
    replace(COMMANDS[given.command], run=keep)(given, Console(False))
    return seen[0]


def test_prove_needs_nothing_but_the_tier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tierproof.toml").write_text(
        'keys = "k"\nprofile = "lean"\nvault = "v"\nattestation = "a.json"\npolicy = "p.json"\n'
        'deployment = "d.json"\nchain_id = 3\naccount = "0xac"\n'
    )
    inner = tmp_path / "inner" / "most"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    options = filled("prove", "--tier", "prime")
    assert options.keys == str(tmp_path / "k") and options.policy == str(tmp_path / "p.json")
    assert options.attestation == str(tmp_path / "a.json") and options.profile == "lean"
    assert options.chain_id == 3 and options.account == "0xac" and options.tier == "prime"
    assert options.out == "credential.json" and options.stated == {"command", "tier"}

    won = filled("prove", "b.json", "--tier", "x", "--chain-id", "4", "--profile", "fast")
    assert (won.attestation, won.chain_id, won.profile) == ("b.json", 4, "fast")


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    options = filled("serve")
    assert options.policy == [] and options.port is None and options.deployment is None
    assert options.serve_table == {}
    with pytest.raises(Usage, match=r"ATTESTATION.*--account.*in tierproof.toml: attestation"):
        filled("prove", "--tier", "prime")


def test_one_and_several(tmp_path: Path) -> None:
    named = tmp_path / "other.toml"
    named.write_text('key = ["a.json", "b.json"]\nverifier = "TierproofVerifier8192"\nrpc = "u"\n')
    options = filled("serve", "--config", str(named))
    assert options.key == [str(tmp_path / "a.json"), str(tmp_path / "b.json")]
    deployed = filled("deploy", "--config", str(named), "--out", "d")
    assert deployed.verifier == ["TierproofVerifier8192"]
    named.write_text('verifier = "made/V.json"\nrpc = "u"\n')
    deployed = filled("deploy", "--config", str(named), "--out", "d")
    assert deployed.verifier == [str(tmp_path / "made" / "V.json")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("passphrase = 'x'", "unknown name 'passphrase'; there are: account, "),
        ('allow_setup = "development"', "unknown name 'allow_setup'"),
        ("policy = 1", "policy: a text wanted"),
        ("chain_id = '0'", "chain_id: a whole number wanted"),
        ("chain_id = true", "chain_id: a whole number wanted"),
        ("epoch = 0", "unknown name 'epoch'"),
        ("policy = []", "policy: a text wanted"),
        ("profile = 'slow'", "profile: one of fast, lean wanted"),
        ("key = ['a', 'b']", "key: one value wanted, not a list"),
        ("policy", "not TOML"),
        ("policy = '\udcff'", "not TOML"),
    ],
)
def test_refused(text: str, said: str, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "tierproof.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert run("inspect", "--config", path, "--json") == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "malformed.config" and said in error["message"]


def test_a_file_is_small(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "tierproof.toml"
    path.write_bytes(b"#" * 70_000)
    assert run("inspect", "--config", path, "--json") == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "malformed.file_size"


def test_a_file_that_is_named_must_be_there(tmp_path: Path, capsys: Capture) -> None:
    assert run("inspect", "--config", tmp_path / "none.toml", "--json") == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "unavailable.config"


def test_a_file_of_another_user_must_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """It could choose whose root, key and policy a verifier trusts."""
    path = tmp_path / "tierproof.toml"
    path.write_text("chain_id = 7\n")
    monkeypatch.chdir(tmp_path)
    owner = path.stat().st_uid
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    if owner == 0:  # the system's own is taken
        assert filled("serve").chain_id == 7
        os.chown(path, 12_345, -1)
    assert run("inspect", "--json") == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "refused.config_owner"
    assert filled("serve", "--config", str(path)).chain_id == 7


def test_no_setting_is_a_secret_or_a_danger() -> None:
    """Keys and passphrases are named by their files; dangerous switches are typed."""
    for name, option in SETTINGS.items():
        assert not option.switch
        if any(word in name for word in ("key", "passphrase", "vault")):
            assert option.kind in ("file", "folder"), name


@pytest.mark.parametrize("name", [name for name, each in COMMANDS.items() if not each.silent])
def test_the_first_word_comes_before_the_work(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)

    def work(_: Namespace, console: Console) -> dict[str, Any]:
        console.progress("work")
        return {}

    of = COMMANDS[name]
    options = tuple(replace(option, required=False) for option in of.options)
    replace(of, run=work, declared=options)(Namespace(json=False), Console(False))
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith(f"] {name}") and second.endswith("] work")

"""The command where modules of Unix are absent, as on Windows: it works, each in its process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.project import ROOT

from tests.tierproof.conftest import CHAIN_ID, PASSPHRASE, REGISTRY, Desk

MODULES = ("resource", "fcntl", "pwd", "grp", "termios", "tty", "syslog", "readline")
FUNCTIONS = ("getuid", "geteuid", "fork", "sched_getaffinity", "register_at_fork", "fchmod")
ELSEWHERE = f"""
import os, sys
supports, link, opened = os.supports_follow_symlinks, os.link, os.open
for module in {MODULES}:
    sys.modules[module] = None
for function in {FUNCTIONS}:
    if hasattr(os, function):
        delattr(os, function)
def link_as_there(source, target):
    link(source, target)
def open_as_there(path, flags, *rest, **more):
    if os.path.isdir(path) and "dir_fd" not in more:
        raise PermissionError(13, "Permission denied")
    return opened(path, flags, *rest, **more)
os.link, os.open = link_as_there, open_as_there
from tierproof.cli import main
sys.exit(main(sys.argv[1:]))
"""


def elsewhere(*arguments: object) -> tuple[int, str, str]:
    command = [sys.executable, "-c", ELSEWHERE, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def test_a_credential_is_verified_and_read(desk: Desk) -> None:
    status, out, err = elsewhere(
        *("verify", desk.credential, "--key", desk.key, "--policy", desk.policy),
        *("--root", desk.root, *desk.place(), "--allow-setup", "development", "--json"),
    )
    assert (status, json.loads(out)["outcome"]) == (0, "accepted"), err
    status, out, err = elsewhere("inspect", "--key", desk.key, "--json")
    assert status == 0 and json.loads(out), err


def test_a_vault_is_made_and_opened(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIERPROOF_PASSPHRASE", PASSPHRASE)
    vault = ("identity", "--vault", tmp_path / "v", "--venue", "sample", "--json")
    status, made, err = elsewhere(*vault, "--create")
    assert status == 0, err
    status, opened, err = elsewhere(*vault)
    assert status == 0 and json.loads(opened)["owner_tag"] == json.loads(made)["owner_tag"], err
    status, out, _ = elsewhere(*vault, "--create")
    assert status == 2 and json.loads(out)["error"]["code"] == "refused.vault_exists"


def test_a_credential_is_proven(desk: Desk, tmp_path: Path) -> None:
    status, _, err = elsewhere(
        *("prove", desk.attestation, "--policy", desk.policy, "--tier", "prime"),
        *("--vault", desk.vault, "--keys", desk.keys, "--account", "0x" + "cd" * 20),
        *("--chain-id", CHAIN_ID, "--registry", REGISTRY),
        *("--out", tmp_path / "credential.json"),
    )
    assert status == 0 and (tmp_path / "credential.json").is_file(), err


@pytest.mark.parametrize(
    "command",
    ["", "setup", "attest", "estimate", "deploy", "onboard", "terms", "disclose", "serve", "demo"],
)
def test_every_command_says_what_it_takes(command: str) -> None:
    status, out, err = elsewhere(*command.split(), "--help")
    assert status == 0 and out.startswith("usage: tierproof"), err

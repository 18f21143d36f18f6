"""
What an account does with its grant, by commands against a node: a move that is contested and one
that the holder signs, a lower tier, the end of the grant and of the nullifier.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from contracts.client.chain import Chain
from tests.tierproof.conftest import prove_prime, run, sample_policy, write_private
from tests.tierproof.test_chain_commands import OWNER, Deployed, deployed

__all__ = ["deployed"]

pytestmark = pytest.mark.evm
Capture = pytest.CaptureFixture[str]
NEW = Account.from_key(b"\xad" * 32)


def answer(capsys: Capture, status: int, *command: object) -> dict[str, Any]:
    capsys.readouterr()
    assert run(*command, "--json") == status
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document.get("error", document)


def test_the_life_of_a_grant(deployed: Deployed, tmp_path: Path, capsys: Capture) -> None:
    desk, chain = deployed.desk, Chain.connect(deployed.url)
    keys = {who: write_private(tmp_path / f"{who.address}.key", f"0x{bytes(who.key).hex()}\n")
            for who in (OWNER, NEW)}  # fmt: skip
    for who in keys:
        chain.web3.provider.make_request("anvil_setBalance", [who.address, hex(10**20)])  # type: ignore[arg-type]
    policy = ["--policy", desk.policy]
    nullifier = [*policy, "--nullifier", json.loads(desk.credential.read_text())["nullifier"]]

    def by(who: Any) -> list[object]:
        return [*deployed.chain(), "--key-file", keys[who]]

    sent = ["onboard", desk.credential, *policy, "--root", desk.root, *by(OWNER)]
    assert answer(capsys, 0, *sent)["act"] == "first"

    # Another account shows the same history: announced, and the holder stops it.
    chain.advance_time(8 * 86_400)
    moved = replace(desk, account=NEW.address.lower(), credential=tmp_path / "moved.json")
    assert prove_prime(moved, "--deployment", deployed.deployment) == 0
    move = ["onboard", moved.credential, *policy, *by(NEW)]
    announced = answer(capsys, 0, *move)
    assert announced["act"] == "announced"
    refused = answer(capsys, 1, "contest", *nullifier, *by(NEW))
    assert refused["code"] == "rejected.NotHolder"
    (step,) = answer(capsys, 0, "contest", *nullifier, *by(OWNER), "--dry-run")["steps"]
    assert not step["done"]
    held = answer(capsys, 0, "contest", *nullifier, *by(OWNER))
    assert held["sent"] == 1 and held["account"].lower() == desk.account and held["running"]
    assert answer(capsys, 0, "contest", *nullifier, *by(OWNER))["sent"] == 0
    chain.advance_time(4 * 86_400)
    assert answer(capsys, 1, *move)["code"] == "rejected.MoveIsContested"

    # With the holder's signature it counts at once.
    consents: list[object] = []
    for option, who in (("--consent", NEW), ("--holder-consent", OWNER)):
        out = tmp_path / f"{option[2:]}.json"
        signed = ["--key-file", keys[who], "--out", out, "--holder", desk.account]
        assert run("consent", moved.credential, *policy, *signed) == 0
        consents += [option, out]
    granted = answer(capsys, 0, *move, *consents)
    assert granted["act"] == "moved" and granted["terms"]["status"] == "running"
    before = answer(capsys, 0, "terms", desk.account, *deployed.chain())
    assert before["status"] == "ending"

    lower, prime = sample_policy().tiers[0], sample_policy().tiers[1]
    assert granted["terms"]["max_leverage"] == prime.terms.max_leverage
    tier = ["downgrade", "--tier", lower.name, *policy]
    assert answer(capsys, 1, *tier, *by(OWNER))["code"] == "rejected.NoRunningGrant"
    down = answer(capsys, 0, *tier, *by(NEW))
    assert down["sent"] == 1 and down["terms"]["max_leverage"] == lower.terms.max_leverage
    assert answer(capsys, 0, *tier, *by(NEW))["sent"] == 0

    ended = answer(capsys, 0, "relinquish", *by(NEW))
    assert ended["sent"] == 1 and ended["terms"]["status"] == "ending"
    assert answer(capsys, 0, "relinquish", *by(NEW))["sent"] == 0
    assert answer(capsys, 1, "retire", *nullifier, *by(OWNER))["code"] == "rejected.NotHolder"
    retired = answer(capsys, 0, "retire", *nullifier, *by(NEW))
    assert retired["sent"] == 1 and retired["retired"] and not retired["running"]
    assert answer(capsys, 0, "retire", *nullifier, *by(NEW))["sent"] == 0
    assert answer(capsys, 1, *move)["code"] == "rejected.NullifierRetired"

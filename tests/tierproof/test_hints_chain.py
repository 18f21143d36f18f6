"""Hints about a chain, followed against a node."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from contracts.client.chain import Chain
from tests.tierproof.conftest import run, write_private
from tests.tierproof.test_chain_commands import Deployed, deployed

__all__ = ["deployed"]

pytestmark = pytest.mark.evm
Capture = pytest.CaptureFixture[str]

CHAIN_HINTS = {
    "rejected.NoGrant": "test_from_no_grant_to_terms",
    "rejected.RootUnknown": "test_from_no_grant_to_terms",
    "refused.funds": "test_from_no_grant_to_terms",
    "malformed.deployment": "test_a_deployment_file_is_what_deploy_wrote",
    "unavailable.deployment": "test_a_deployment_file_is_what_deploy_wrote",
    "unavailable.node": "test_a_deployment_file_is_what_deploy_wrote",
}


def error_of(capsys: Capture, command: list[object]) -> dict[str, Any]:
    capsys.readouterr()
    assert run(*command, "--json") != 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)["error"]
    return document


def test_from_no_grant_to_terms(deployed: Deployed, tmp_path: Path, capsys: Capture) -> None:
    """Each error is followed to the next, until the account holds its terms."""
    desk, chain = deployed.desk, Chain.connect(deployed.url)
    terms = ["terms", desk.account, *deployed.chain()]
    error = error_of(capsys, terms)
    assert error["code"] == "rejected.NoGrant" and "`tierproof onboard" in error["hint"]

    onboard = ["onboard", desk.credential, "--policy", desk.policy, *deployed.chain()]
    error = error_of(capsys, onboard)
    assert error["code"] == "rejected.RootUnknown" and "--root FILE" in error["hint"]
    root = f"0x{int(json.loads(desk.root.read_text())['root'], 16):064x}"
    assert root in error["message"] and error["arguments"]["root"] == root

    poor, key = Account.create(), tmp_path / "poor.key"
    write_private(key, f"0x{bytes(poor.key).hex()}\n")
    onboard += ["--root", desk.root, "--key-file", key]
    error = error_of(capsys, onboard)
    assert error["code"] == "refused.funds" and "send money" in error["hint"]
    chain.web3.provider.make_request("anvil_setBalance", [poor.address, hex(10**18)])  # type: ignore[arg-type]

    assert run(*onboard) == 0, capsys.readouterr().err
    assert run(*terms) == 0


def test_a_deployment_file_is_what_deploy_wrote(
    deployed: Deployed, tmp_path: Path, capsys: Capture
) -> None:
    desk = deployed.desk
    files = ["--key", desk.key, "--policy", desk.policy, "--root", desk.root, "--epoch", 0]
    verify = ["verify", desk.credential, *files, "--allow-setup", "development", "--deployment"]
    error = error_of(capsys, [*verify, tmp_path / "none"])
    assert error["code"] == "unavailable.deployment"
    error = error_of(capsys, [*verify, desk.root])
    assert error["code"] == "malformed.deployment"
    assert "this is a root file, a deployment file" in error["message"]
    assert run(*verify, deployed.deployment) == 0

    deploy = ["deploy", "--verifier", f"TierproofVerifier{8192}", "--out", tmp_path / "d", "--rpc"]
    assert error_of(capsys, [*deploy, "http://127.0.0.1:9"])["code"] == "unavailable.node"
    assert run(*deploy, deployed.url) == 0

"""Hints about a chain, followed against a node."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from contracts.client import checked
from contracts.client.chain import Chain
from contracts.client.registry import RegistryClient
from tests.tierproof.conftest import run, write_private
from tests.tierproof.test_chain_commands import Deployed, deployed

__all__ = ["deployed"]

pytestmark = pytest.mark.evm
Capture = pytest.CaptureFixture[str]

CHAIN_HINTS = {
    "rejected.ConsentMissing": "test_from_no_grant_to_terms",
    "rejected.RootUnknown": "test_from_no_grant_to_terms",
    "refused.funds": "test_from_no_grant_to_terms",
    "refused.grant_consent": "test_from_no_grant_to_terms",
    "malformed.deployment": "test_a_deployment_file_is_what_deploy_wrote",
    "unavailable.deployment": "test_a_deployment_file_is_what_deploy_wrote",
    "unavailable.node": "test_a_deployment_file_is_what_deploy_wrote",
    "unavailable.unchecked": "test_a_registry_is_read_before_it_is_relied_on",
    "refused.unchecked": "test_a_registry_is_read_before_it_is_relied_on",
    "unavailable.step": "test_a_step_that_its_state_does_not_show",
    "unavailable.receipt": "test_a_transaction_that_is_not_there_in_time",
    "unavailable.replaced": "test_a_transaction_that_is_not_there_in_time",
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
    assert run(*terms, "--json") == 0
    assert json.loads(capsys.readouterr().out)["status"] == "none"

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

    error = error_of(capsys, onboard)
    assert error["code"] == "rejected.ConsentMissing" and "consent" in error["hint"]
    other = tmp_path / "other.json"
    stolen = json.loads(desk.credential.read_text()) | {"nullifier": "0x" + "07" * 32}
    other.write_text(json.dumps(stolen))
    consent, signs = tmp_path / "consent.json", ["--key-file", desk.folder / "owner.key"]
    signs += ["--policy", desk.policy, "--out", consent]
    assert run("consent", other, *signs) == 0, capsys.readouterr().err
    error = error_of(capsys, [*onboard, "--consent", consent])
    assert error["code"] == "refused.grant_consent" and "`tierproof consent" in error["hint"]
    signs[-1] = tmp_path / "right.json"
    assert run("consent", desk.credential, *signs) == 0, capsys.readouterr().err
    assert run(*onboard, "--consent", signs[-1]) == 0, capsys.readouterr().err
    assert run(*terms) == 0


def test_a_deployment_file_is_what_deploy_wrote(
    deployed: Deployed, tmp_path: Path, capsys: Capture
) -> None:
    desk = deployed.desk
    files = ["--key", desk.key, "--policy", desk.policy, "--root", desk.root]
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


def test_a_step_that_its_state_does_not_show(
    deployed: Deployed, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    pause = ["registry", "pause", *deployed.chain()]
    with monkeypatch.context() as patch:
        patch.setattr(RegistryClient, "switches", lambda _: {"paused_until": 0})
        error = error_of(capsys, pause)
    assert error["code"] == "unavailable.step" and "pausedUntil" in error["message"]
    assert run("deploy", "check", *deployed.chain()) == 0
    assert run("registry", "unpause", *deployed.chain()) == 0


def test_a_transaction_that_is_not_there_in_time(
    deployed: Deployed, tmp_path: Path, capsys: Capture
) -> None:
    """The same command goes on with it; one that another took the place of is asked for anew."""
    send: Any = Chain.connect(deployed.url).web3.provider.make_request
    key, path = Account.create(), tmp_path / "payer.key"
    write_private(path, f"0x{bytes(key.key).hex()}\n")
    send("anvil_setBalance", [key.address, hex(10**19)])
    chain = ["--rpc", deployed.url, "--key-file", path, "--out", tmp_path / "d.json"]
    deploy = ["deploy", "--verifier", "TierproofVerifier8192", *chain]
    send("evm_setAutomine", [False])
    try:
        error = error_of(capsys, [*deploy, "--wait", 1])
        assert error["code"] == "unavailable.receipt" and "same command again" in error["hint"]
        assert (tmp_path / "d.json.pending" / f"{error['transaction']}.json").exists()
        send("anvil_dropAllTransactions", [])
        eth = Chain.connect(deployed.url).web3.eth
        send("evm_setAutomine", [True])
        other = {"to": key.address, "value": 0, "gas": 21_000, "gasPrice": eth.gas_price * 3,
                 "nonce": error["nonce"], "chainId": 31_337}  # fmt: skip
        eth.send_raw_transaction(key.sign_transaction(other).raw_transaction)
        error = error_of(capsys, deploy)
        assert error["code"] == "unavailable.replaced" and "same command again" in error["hint"]
        assert run(*deploy) == 0
    finally:
        send("evm_setAutomine", [True])


def test_a_registry_is_read_before_it_is_relied_on(
    deployed: Deployed, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside development chains; but a guardian does not wait for it, and a failed check counts
    for nothing."""
    monkeypatch.setattr(checked, "DEVELOPMENT_CHAINS", ())
    terms = ["terms", deployed.desk.account, *deployed.chain()]
    check = ["deploy", "check", *deployed.chain()]
    note = deployed.deployment.with_name(f"{deployed.deployment.name}.checked")
    note.unlink(missing_ok=True)
    error = error_of(capsys, terms)
    assert error["code"] == "unavailable.unchecked" and "tierproof deploy check" in error["hint"]
    assert run("registry", "pause", *deployed.chain(), "--dry-run", "--json") == 0
    error_of(capsys, [*check, "--guardian", "0x" + "77" * 20])
    assert error_of(capsys, terms)["code"] == "unavailable.unchecked"
    assert run(*check, "--json") == 0 and run(*terms, "--json") == 0

    for other in ("[]", "{", note.read_text().replace('"registry": "0x', '"registry": "0X')):
        note.write_text(other)
        error = error_of(capsys, terms)
        assert error["code"] == "refused.unchecked" and "deploy check" in error["hint"]
    assert run(*check, "--json") == 0 and run(*terms, "--json") == 0
    serve = ["serve", "--deployment", deployed.deployment, "--port", 0]
    note.unlink()
    assert error_of(capsys, serve)["code"] == "unavailable.unchecked"

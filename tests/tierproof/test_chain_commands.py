"""The commands of protocol and relayer against a node: deploy, onboard, terms, and what the registry refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from contracts.artifact import load_artifact
from tests.contracts.anvil_node import start_anvil
from tests.tierproof.conftest import (
    ACCOUNT,
    PASSPHRASE,
    SIZE,
    Desk,
    attest_desk,
    attestors,
    prove_prime,
    run,
    sample_policy,
)
from tierproof.protocol import chain_policy, connect, register_policy

pytestmark = pytest.mark.evm
Capture = pytest.CaptureFixture[str]


@dataclass(frozen=True)
class Deployed:
    """A desk attested for a registry on a fresh anvil, and its credential."""

    desk: Desk
    url: str
    deployment: Path

    def chain(self) -> list[object]:
        return ["--rpc", self.url, "--deployment", self.deployment]


@pytest.fixture(scope="module")
def deployed(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    process, url = start_anvil()
    folder = tmp_path_factory.mktemp("chain")
    deployment, own = folder / "deployment.json", attestors()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TIERPROOF_PASSPHRASE", PASSPHRASE)
            sample_policy().save(folder / "policy.json")
            members = folder / "attestors.json"
            members.write_text(json.dumps({"members": list(own.members), "threshold": own.threshold}))
            arguments = ["deploy", "--rpc", url, "--verifier", f"TierproofVerifier{SIZE}", "--out", deployment]
            assert run(*arguments, "--policy", folder / "policy.json", "--attestors", members) == 0
            where = json.loads(deployment.read_text())
            attested = attest_desk(folder, desk.keys, where["chain_id"], where["registry"])
            assert prove_prime(attested, "--deployment", deployment) == 0
        yield Deployed(attested, url, deployment)
    finally:
        process.terminate()
        process.wait(20)


def test_onboard_grants_once(deployed: Deployed, tmp_path: Path, capsys: Capture) -> None:
    desk = deployed.desk
    arguments = ["onboard", desk.credential, "--policy", desk.policy, *deployed.chain(), "--json"]
    assert run("terms", ACCOUNT, *deployed.chain(), "--json") == 1
    assert error(capsys)["code"] == "rejected.NoGrant"
    assert run(*arguments) == 1
    assert error(capsys)["code"] == "rejected.RootUnknown"

    stolen = tmp_path / "stolen.json"
    stolen.write_text(json.dumps(json.loads(desk.credential.read_text()) | {"account": "0x" + "ce" * 20}))
    theft = ["onboard", stolen, "--policy", desk.policy, *deployed.chain(), "--json"]
    assert run(*theft, "--root", desk.root) == 1  # the root is submitted, the proof refused
    assert error(capsys)["code"].startswith("rejected.")

    assert run(*arguments, "--root", desk.root) == 0  # known already: no error
    granted = json.loads(capsys.readouterr().out)
    assert granted["outcome"] == "accepted" and granted["account"].lower() == ACCOUNT and granted["tier"] == "prime"
    prime = sample_policy().tiers[1].terms
    assert granted["terms"]["max_leverage"] == prime.max_leverage
    assert granted["terms"]["initial_margin_bp"] == prime.initial_margin_bp

    assert run("terms", ACCOUNT, *deployed.chain(), "--json") == 0
    assert json.loads(capsys.readouterr().out) == granted["terms"]
    assert run(*arguments) == 1
    assert error(capsys)["code"] == "rejected.NullifierUsed"


def test_offline_verifier_agrees_with_the_chain(deployed: Deployed, capsys: Capture) -> None:
    desk = deployed.desk
    arguments = ["verify", desk.credential, "--key", desk.key, "--policy", desk.policy, "--root", desk.root]
    assert run(*arguments, "--deployment", deployed.deployment, "--allow-development", "--json") == 0
    capsys.readouterr()


def test_lean_beside_fast_in_one_registry(deployed: Deployed, lean: Desk, tmp_path: Path, capsys: Capture) -> None:
    """A second policy trusts the lean verifier; the same attestation and root serve it, proven with the lean key."""
    client, _ = connect(deployed.url, deployed.deployment)
    governor = client.chain.accounts()[0]
    verifier, _ = client.chain.deploy(load_artifact(f"TierproofVerifier{SIZE}Lean"), sender=governor)
    policy = replace(sample_policy(), name="lean")
    policy.save(tmp_path / "policy.json")
    register_policy(client, policy, attestors(), verifier, governor=governor)
    desk = replace(deployed.desk, keys=lean.keys, policy=tmp_path / "policy.json", credential=tmp_path / "credential.json")
    onboard = ["onboard", desk.credential, "--policy", desk.policy, "--root", desk.root, *deployed.chain(), "--json"]

    assert prove_prime(desk, "--deployment", deployed.deployment) == 0  # with the fast key
    capsys.readouterr()
    assert run(*onboard) == 1
    assert error(capsys)["code"] == "rejected.BadLength"

    desk = replace(desk, profile="lean")
    assert prove_prime(desk, "--deployment", deployed.deployment) == 0
    capsys.readouterr()
    assert run(*onboard) == 0
    granted = json.loads(capsys.readouterr().out)
    assert granted["outcome"] == "accepted" and granted["account"].lower() == ACCOUNT and granted["tier"] == "prime"
    assert run(*onboard) == 1
    assert error(capsys)["code"] == "rejected.NullifierUsed"


def test_policy_of_another_attestor_set(deployed: Deployed, tmp_path: Path, capsys: Capture) -> None:
    members = tmp_path / "attestors.json"
    members.write_text(json.dumps({"members": list(attestors().members), "threshold": 1}))
    arguments = ["deploy", "--rpc", deployed.url, "--verifier", f"TierproofVerifier{SIZE}", "--out", tmp_path / "d.json"]
    assert run(*arguments, "--policy", deployed.desk.policy, "--attestors", members, "--json") == 1
    assert error(capsys)["code"] == "rejected.policy"


def test_deployment_file_of_another_chain(deployed: Deployed, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "d.json"
    document = json.loads(deployed.deployment.read_text())
    path.write_text(json.dumps(document | {"chain_id": 5}))
    assert run("terms", ACCOUNT, "--rpc", deployed.url, "--deployment", path, "--json") == 2
    assert error(capsys)["code"] == "refused.deployment"


def test_terms_reach_the_chain_in_its_units() -> None:
    policy = sample_policy()
    sent = chain_policy(policy, "0x" + "12" * 20, 60)
    assert sent.policy_id == policy.policy_id and len(sent.tiers) == len(policy.tiers)
    # docs/metrics.md E: prime pays 3.0 bp as taker; the registry counts hundredths of a basis point
    assert sent.tiers[1].terms.taker_fee_centi_bp == 300
    assert sent.tiers[2].terms.maker_fee_centi_bp == -50
    assert sent.tiers[1].thresholds == policy.tiers[1].thresholds.words()


def error(capsys: Capture) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(capsys.readouterr().out)["error"]
    return document

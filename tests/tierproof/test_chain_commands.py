"""
The commands of protocol and relayer against a node: deploy, onboard, terms, and what the registry
refuses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from algebra.errors import Refused
from attestor.cosigning import sign_root
from attestor.venues import sample
from contracts.build.artifact import ARTIFACTS, load_artifact
from contracts.client.chain import Chain
from contracts.client.model import PolicyRegistration
from contracts.client.rehearsal import verifier_facts
from policies.policy import Policy
from tests.contracts.anvil_node import start_anvil
from tests.contracts.node_proxy import SHAPES, STRIPPED, proxied, reverts_like
from tests.tierproof.conftest import (
    ACCOUNT,
    PASSPHRASE,
    REGISTRY,
    SIZE,
    Desk,
    attest_desk,
    attestors,
    prove_prime,
    run,
    sample_policy,
    write_private,
)
from tierproof.documents import RootFile, attestors_document
from tierproof.onchain import check_policy, connect, register_policy
from tierproof.signing.draft import Draft, DraftOwner
from tierproof.signing.journal import SIGNED, Entry, Journal

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
            members.write_text(json.dumps(attestors_document(own)))
            arguments = [
                "deploy",
                "--rpc",
                url,
                "--verifier",
                f"TierproofVerifier{SIZE}",
                "--out",
                deployment,
            ]
            assert run(*arguments, "--policy", folder / "policy.json", "--attestors", members) == 0
            where = json.loads(deployment.read_text())
            attested = attest_desk(folder, desk.keys, where["chain_id"], where["registry"])
            assert prove_prime(attested, "--deployment", deployment, "--epoch", 0) == 0
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
    stolen.write_text(
        json.dumps(json.loads(desk.credential.read_text()) | {"account": "0x" + "ce" * 20})
    )
    theft = ["onboard", stolen, "--policy", desk.policy, *deployed.chain(), "--json"]
    assert run(*theft, "--root", desk.root) == 1  # the root is submitted, the proof refused
    assert error(capsys)["code"].startswith("rejected.")

    assert run(*arguments, "--root", desk.root) == 0  # known already: no error
    granted = json.loads(capsys.readouterr().out)
    assert (
        granted["outcome"] == "accepted"
        and granted["account"].lower() == ACCOUNT
        and granted["tier"] == "prime"
    )
    prime = sample_policy().tiers[1].terms
    assert granted["terms"]["max_leverage"] == prime.max_leverage
    assert granted["terms"]["initial_margin_bp"] == prime.initial_margin_bp

    assert run("terms", ACCOUNT, *deployed.chain(), "--json") == 0
    held = json.loads(capsys.readouterr().out)
    assert held.pop("read_at") == {
        "block": granted["block"],
        "confirmations": 1,
        "finalized": False,
    }
    assert held == granted["terms"] and granted["confirmations"] == 1
    assert run(*arguments) == 1
    assert error(capsys)["code"] == "rejected.NullifierUsed"


def test_offline_verifier_agrees_with_the_chain(deployed: Deployed, capsys: Capture) -> None:
    desk = deployed.desk
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
    arguments += ["--deployment", deployed.deployment, "--allow-setup", "development", "--json"]
    assert run(*arguments, "--epoch", 0) == 0
    capsys.readouterr()
    assert run(*arguments) == 2  # an epoch that nobody names could be a past one
    assert error(capsys)["code"] == "usage.place"


def test_lean_beside_fast_in_one_registry(
    deployed: Deployed, lean: Desk, tmp_path: Path, capsys: Capture
) -> None:
    """
    A second policy trusts the lean verifier; the same attestation and root serve it, proven with
    the lean key.
    """
    client, where = connect(deployed.url, deployed.deployment)
    governor = client.chain.accounts()[0]
    artifact = load_artifact(f"TierproofVerifier{SIZE}Lean")
    verifier, _ = client.chain.deploy(artifact, sender=governor)
    policy = replace(sample_policy(), name="lean")
    policy.save(tmp_path / "policy.json")
    register_policy(client, policy, attestors(), verifier, governor=governor)
    other = tmp_path / "deployment.json"
    facts = verifier_facts(client.chain, artifact, verifier)
    replace(where, verifier=verifier, verifier_name=artifact.name, **asdict(facts)).write(other)
    desk = replace(
        deployed.desk,
        keys=lean.keys,
        policy=tmp_path / "policy.json",
        credential=tmp_path / "credential.json",
        account="0x" + "1e" * 20,
    )
    onboard = [
        "onboard",
        desk.credential,
        "--policy",
        desk.policy,
        "--root",
        desk.root,
        "--rpc",
        deployed.url,
        "--json",
    ]

    assert prove_prime(desk, "--deployment", other, "--epoch", 0) == 2  # with the fast key
    assert "refused.deployment" in capsys.readouterr().err
    assert prove_prime(desk, "--deployment", deployed.deployment, "--epoch", 0) == 0
    capsys.readouterr()
    assert run(*onboard, "--deployment", deployed.deployment) == 2
    assert "verifier" in error(capsys)["message"]
    assert run(*onboard, "--deployment", other) == 1
    assert error(capsys)["code"] == "rejected.BadLength"

    desk = replace(desk, profile="lean")
    assert prove_prime(desk, "--deployment", other, "--epoch", 0) == 0
    capsys.readouterr()
    onboard += ["--deployment", other]
    assert run(*onboard) == 0
    granted = json.loads(capsys.readouterr().out)
    assert (
        granted["outcome"] == "accepted"
        and granted["account"].lower() == desk.account
        and granted["tier"] == "prime"
    )
    assert run(*onboard) == 1
    assert error(capsys)["code"] == "rejected.NullifierUsed"


def other_terms(policy: Policy) -> Policy:
    first = policy.tiers[0]
    return replace(
        policy, tiers=(replace(first, terms=replace(first.terms, validity=60)), *policy.tiers[1:])
    )


def other_thresholds(policy: Policy) -> Policy:
    return replace(
        policy,
        tiers=(replace(policy.tiers[0], thresholds=policy.tiers[1].thresholds), *policy.tiers[1:]),
    )


@pytest.mark.parametrize(("change", "differing"), [
    (lambda policy: replace(policy, first_day=policy.first_day + 1), "first_day"),
    (lambda policy: replace(policy, last_day=policy.last_day + 1), "last_day"),
    (lambda policy: replace(policy, tiers=policy.tiers[:-1]), "tiers"),
    (other_terms, "tiers"),
    (other_thresholds, "tiers"),
])  # fmt: skip
def test_a_registry_with_other_values_than_the_document(
    deployed: Deployed,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Policy], Policy],
    differing: str,
) -> None:
    """
    A governor can register anything under the id of a document; whoever onboards sees it before
    anything is sent.
    """
    client, where = connect(deployed.url, deployed.deployment)
    policy = sample_policy()
    check_policy(client, policy, where.verifier)
    other = change(policy)
    monkeypatch.setattr(Policy, "policy_id", policy.policy_id)
    with pytest.raises(Refused) as caught:
        check_policy(client, other, where.verifier)
    assert caught.value.code == "refused.policy" and caught.value.message.endswith(f": {differing}")


def test_verify_goes_by_the_deployment(
    deployed: Deployed, lean: Desk, tmp_path: Path, capsys: Capture
) -> None:
    """Its chain, registry and key; an option that says something else is not passed over."""
    desk, where = deployed.desk, json.loads(deployed.deployment.read_text())
    files = [
        "--policy",
        desk.policy,
        "--root",
        desk.root,
        "--allow-setup",
        "development",
        "--json",
        "--epoch",
        0,
    ]
    verify = ["verify", desk.credential, *files, "--key", desk.key, "--deployment"]
    same = ["--chain-id", where["chain_id"], "--registry", where["registry"].lower()]
    assert run(*verify, deployed.deployment, *same) == 0
    capsys.readouterr()
    for option in (["--chain-id", where["chain_id"] + 1], ["--registry", REGISTRY]):
        assert run(*verify, deployed.deployment, *option) == 2
        found = error(capsys)
        assert found["code"] == "usage.place" and option[0] in found["message"]
    changed = tmp_path / "deployment.json"
    for name, value in (("key_digest", "0x" + "11" * 32), ("srs_id", "0x" + "11" * 32)):
        changed.write_text(json.dumps(where | {name: value}))
        assert run(*verify, changed) == 2
        assert error(capsys)["code"] == "refused.deployment"
    assert (
        run(
            "verify",
            lean.credential,
            *files,
            "--key",
            lean.key,
            "--deployment",
            deployed.deployment,
        )
        == 2
    )
    assert "key_digest" in error(capsys)["message"]


def test_roles_are_named_outside_development(capsys: Capture, tmp_path: Path) -> None:
    process, url = start_anvil("--chain-id", "10")
    try:
        deploy = [
            "deploy",
            "--rpc",
            url,
            "--verifier",
            f"TierproofVerifier{SIZE}",
            "--out",
            tmp_path / "d.json",
            "--json",
        ]
        given: list[object] = []
        for option, value in (
            ("--admin", ACCOUNT),
            ("--governor", ACCOUNT),
            ("--guardian", ACCOUNT),
            ("--admin-delay", 60),
        ):
            assert run(*deploy, *given) == 2
            found = error(capsys)
            assert found["code"] == "usage.roles" and option in found["message"]
            given += [option, value]
        assert run(*deploy, *given) == 2  # this verifier is not for such a chain
        assert error(capsys)["code"] == "refused.verifier_setup"
        assert int(Chain.connect(url).web3.eth.block_number) == 0
    finally:
        process.terminate()
        process.wait(20)


def test_a_policy_is_registered_by_the_governor(
    deployed: Deployed, tmp_path: Path, capsys: Capture
) -> None:
    """Known before anything is paid for."""
    out = tmp_path / "d.json"
    arguments = [
        "deploy",
        "--rpc",
        deployed.url,
        "--verifier",
        f"TierproofVerifier{SIZE}",
        "--out",
        out,
    ]
    assert run(*arguments, "--policy", deployed.desk.policy, "--governor", ACCOUNT, "--json") == 2
    assert error(capsys)["code"] == "usage.governor" and not out.exists()


def test_a_verifier_of_one_s_own(deployed: Deployed, tmp_path: Path, capsys: Capture) -> None:
    """
    As it is made from the keys of a ceremony: not among the committed ones, so its artifact is
    given.
    """
    document = json.loads((ARTIFACTS / f"TierproofVerifier{SIZE}.json").read_text())
    own, out = tmp_path / "own.json", tmp_path / "d.json"
    own.write_text(json.dumps(document | {"contractName": "Own"}))
    assert run("deploy", "--rpc", deployed.url, "--verifier", own, "--out", out) == 0
    capsys.readouterr()
    terms = ["terms", ACCOUNT, "--rpc", deployed.url, "--deployment", out, "--json"]
    assert run(*terms) == 2
    assert error(capsys)["code"] == "unavailable.artifact"
    assert run(*terms, "--verifier", own) == 1
    assert error(capsys)["code"] == "rejected.NoGrant"
    assert run(*terms, "--verifier", f"TierproofVerifier{SIZE}Lean") == 2
    assert error(capsys)["code"] == "refused.deployment"


def test_policy_of_another_attestor_set(
    deployed: Deployed, tmp_path: Path, capsys: Capture
) -> None:
    members = tmp_path / "attestors.json"
    members.write_text(json.dumps(attestors_document(replace(attestors(), name="others"))))
    arguments = [
        "deploy",
        "--rpc",
        deployed.url,
        "--verifier",
        f"TierproofVerifier{SIZE}",
        "--out",
        tmp_path / "d.json",
    ]
    assert run(*arguments, "--policy", deployed.desk.policy, "--attestors", members, "--json") == 1
    assert error(capsys)["code"] == "rejected.policy"


def test_deployment_file_of_another_chain(
    deployed: Deployed, tmp_path: Path, capsys: Capture
) -> None:
    path = tmp_path / "d.json"
    document = json.loads(deployed.deployment.read_text())
    path.write_text(json.dumps(document | {"chain_id": 5}))
    assert run("terms", ACCOUNT, "--rpc", deployed.url, "--deployment", path, "--json") == 2
    assert error(capsys)["code"] == "refused.deployment"


def test_terms_reach_the_chain_in_its_units() -> None:
    policy = replace(sample_policy(), attestor_set=attestors().id)
    identity, *_, tiers = PolicyRegistration(policy, "0x" + "12" * 20, 60).as_tuple()
    assert identity == policy.policy_id and len(tiers) == len(policy.tiers)
    # docs/explanation/metrics.md E: prime pays 3.0 bp as taker; the registry counts hundredths of a
    # basis point
    assert tiers[1][1][2] == 300
    assert tiers[2][1][3] == -50
    assert tuple(tiers[1][0]) == policy.tiers[1].thresholds.words()


def error(capsys: Capture) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(capsys.readouterr().out)["error"]
    return document


@pytest.mark.parametrize("make", [*SHAPES, *STRIPPED])
def test_what_is_there_is_there_whatever_the_node(
    deployed: Deployed, capsys: Capture, make: str
) -> None:
    """Regression: whether a root was there already was read off the form of an error."""
    desk = deployed.desk
    with proxied(deployed.url, reverts_like((SHAPES | STRIPPED)[make])) as url:
        there = ["--rpc", url, "--deployment", deployed.deployment, "--json"]
        assert run("terms", "0x" + "77" * 20, *there) == 1
        assert error(capsys)["code"] == "rejected.NoGrant"
        onboard = ["onboard", desk.credential, "--policy", desk.policy, "--root", desk.root]
        for _ in range(2):  # the first of these tests grants
            outcome = run(*onboard, *there)
            document = json.loads(capsys.readouterr().out)
        assert outcome == 1 and document["error"]["code"] == "rejected.NullifierUsed"
        assert run("root", "publish", desk.root, *there) == 0
        assert json.loads(capsys.readouterr().out)["sent"] is False


def test_a_reorganised_grant_was_never_called_final(
    deployed: Deployed, tmp_path: Path, capsys: Capture
) -> None:
    """What is read is read as deep as asked for, and how deep it stands is said."""
    rpc = Chain.connect(deployed.url).web3.provider.make_request
    terms = ["terms", ACCOUNT, *deployed.chain(), "--json"]
    rpc("anvil_mine", [hex(3)])  # type: ignore[arg-type]
    assert run(*terms, "--confirmations", 2) == 0
    read_at = json.loads(capsys.readouterr().out)["read_at"]
    assert read_at["confirmations"] == 2 and read_at["finalized"] is False
    assert run(*terms, "--finalized") == 2  # no registry was there 64 blocks ago
    assert error(capsys)["code"] == "unavailable.contract"
    for wrong in (["--confirmations", 0], ["--confirmations", 10_001], ["--wait", 0]):
        assert run(*terms, *wrong) == 2
        assert error(capsys)["code"] == "usage.finality"


# -- roots on chain --------------------------------------------------------------------------------
def test_a_root_is_published_by_anybody_and_revoked_by_the_guardian(
    deployed: Deployed, tmp_path: Path, capsys: Capture
) -> None:
    """And only then a member's journal lets it go."""
    known = RootFile.load(deployed.desk.root)
    of = replace(known.root, root=12_345)
    signers = sample.unsafe_attestors(3)[:2]
    signed = replace(
        known, root=of, signatures=sign_root(of, known.domain, signers, known.attestor_set)
    )
    path, journal = tmp_path / "root.json", tmp_path / "journal.jsonl"
    signed.write(path)
    owner = DraftOwner(1, ACCOUNT, b"\1" * 32, 2)
    draft = Draft(replace(signed, signatures=()), SIZE, 3, (owner,))
    draft.write(tmp_path / "draft.json")
    entry = Entry.of(SIGNED, 1, of, known.domain, "0x" + draft.digest.hex())
    Journal.create(journal, signers[0].address.lower()).append(entry)
    revoked = ("journal", "revoke", tmp_path / "draft.json", "--journal", journal, "--json")
    assert run("root", "publish", path, *deployed.chain(), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["sent"] and not told["revoked"] and told["serial"] > 0
    assert run("root", "publish", path, *deployed.chain(), "--json") == 0
    assert json.loads(capsys.readouterr().out)["sent"] is False
    assert run(*revoked, *deployed.chain()) == 2
    assert error(capsys)["code"] == "refused.not_revoked"
    assert run(*revoked) == 2 and error(capsys)["code"] == "usage.revocation"
    assert Journal.load(journal).standing(entry.place) == entry
    stranger = write_private(tmp_path / "stranger.key", "5c" * 32)
    asked = ("root", "revoke", path, *deployed.chain(), "--json")
    assert run(*asked, "--key-file", stranger) != 0
    capsys.readouterr()
    assert run(*asked) == 0 and json.loads(capsys.readouterr().out)["revoked"]
    assert run(*revoked, *deployed.chain()) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["entries"][1]["did"] == "revoked" and "at block" in told["entries"][1]["evidence"]
    assert Journal.load(journal).standing(entry.place) is None


def test_what_is_not_published(deployed: Deployed, tmp_path: Path, capsys: Capture) -> None:
    known, path = RootFile.load(deployed.desk.root), tmp_path / "root.json"
    elsewhere = replace(known.domain, registry="0x" + "ac" * 20)
    signers = sample.unsafe_attestors(3)[:2]
    foreign = sign_root(known.root, elsewhere, signers, known.attestor_set)
    for root, code in (
        (replace(known, signatures=known.signatures[:1]), "rejected.quorum"),
        (replace(known, domain=elsewhere, signatures=foreign), "refused.root.registry"),
    ):
        root.write(path)
        for verb in ("publish", "revoke"):
            if (verb, code) == ("revoke", "rejected.quorum"):
                continue  # the guardian needs no signature
            assert run("root", verb, path, *deployed.chain(), "--json") in (1, 2)
            assert error(capsys)["code"] == code


def test_the_guardian_ends_a_generation(
    deployed: Deployed, tmp_path: Path, capsys: Capture
) -> None:
    """Of a set of its own, once, and nobody else does."""
    of, path = replace(attestors(), name="ended"), tmp_path / "attestors.json"
    path.write_text(json.dumps(attestors_document(of)))
    asked = ("attestor", "end-generation", path, *deployed.chain(), "--json", "--generation")
    assert run(*asked, 1) == 1 and error(capsys)["code"] == "rejected.GenerationUnknown"
    client, _ = connect(deployed.url, deployed.deployment)
    client.register_attestor_set(of, sender=client.chain.accounts()[0])
    assert client.generation_of(of.id, 1) == {"threshold": 2, "members": 3, "ended": False}
    stranger = write_private(tmp_path / "stranger.key", "5c" * 32)
    assert run(*asked, 1, "--key-file", stranger) != 0
    capsys.readouterr()
    assert not client.generation_of(of.id, 1)["ended"]
    assert run(*asked, 1) == 0
    told = json.loads(capsys.readouterr().out)
    said = {"id": "0x" + of.id.hex(), "generation": 1, "ended": True, "running": 1}
    assert said.items() <= told.items() and told["confirmations"] == 1
    for number, code in ((1, "rejected.GenerationIsEnded"), (1 << 32, "malformed.word")):
        assert run(*asked, number) != 0 and error(capsys)["code"] == code

"""
The commands of protocol and relayer against a node: deploy, onboard, terms, and what the registry
refuses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from eth_account import Account

from algebra.errors import Refused
from attestor.cosigning import sign_root
from attestor.venues import sample
from contracts.build.artifact import ARTIFACTS
from contracts.client.chain import Chain
from contracts.client.model import Bounds, PolicyRegistration
from policies.market_rules import STRICT
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
    recent_window,
    run,
    sample_policy,
    write_private,
)
from tierproof.documents import CredentialFile, RootFile, attestors_document
from tierproof.onchain import check_policy, claim_of, connect
from tierproof.signing.draft import Draft, DraftOwner
from tierproof.signing.journal import SIGNED, Entry, Journal

pytestmark = pytest.mark.evm
Capture = pytest.CaptureFixture[str]


OWNER = Account.from_key(b"\xac" * 32)
"""Key of the account that gets the terms; it has no money."""


@dataclass(frozen=True)
class Deployed:
    """A desk attested for a registry on a fresh anvil, and its credential."""

    desk: Desk
    url: str
    deployment: Path

    def chain(self) -> list[object]:
        return ["--rpc", self.url, "--deployment", self.deployment]

    @property
    def consent(self) -> Path:
        return self.desk.folder / "grant-consent.json"

    def onboard(self, *more: object) -> list[object]:
        files = [self.desk.credential, "--policy", self.desk.policy]
        return ["onboard", *files, *self.chain(), "--json", *more]


@pytest.fixture(scope="module")
def deployed(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    process, url = start_anvil()
    folder = tmp_path_factory.mktemp("chain")
    deployment, own, first = folder / "deployment.json", attestors(), recent_window()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TIERPROOF_PASSPHRASE", PASSPHRASE)
            sample_policy(first).save(folder / "policy.json")
            members = folder / "attestors.json"
            members.write_text(json.dumps(attestors_document(own)))
            arguments = ["deploy", "--rpc", url, "--out", deployment]
            for name in (f"TierproofVerifier{SIZE}", f"TierproofVerifier{SIZE}Lean"):
                arguments += ["--verifier", name]
            assert run(*arguments, "--policy", folder / "policy.json", "--attestors", members) == 0
            where = json.loads(deployment.read_text())
            attested = attest_desk(
                folder, desk.keys, where["chain_id"], where["registry"], first_day=first
            )
            attested = replace(attested, account=OWNER.address.lower())
            assert prove_prime(attested, "--deployment", deployment) == 0
        made = Deployed(attested, url, deployment)
        key = write_private(folder / "owner.key", f"0x{bytes(OWNER.key).hex()}\n")
        signed = ["--key-file", key, "--out", made.consent]
        assert run("consent", attested.credential, "--policy", attested.policy, *signed) == 0
        yield made
    finally:
        process.terminate()
        process.wait(20)


def test_several_credentials_are_one_transaction(
    deployed: Deployed, tmp_path: Path, capsys: Capture
) -> None:
    """
    Of two programmes, each with its account's consent, in any order; one claim that does not count
    does not stop the other, and the exit status says that not all did.
    """
    desk, chain = deployed.desk, Chain.connect(deployed.url)
    whole = snapshot(chain)
    policy = Policy.load(desk.policy)
    replace(policy, name="other", series_name="other").save(tmp_path / "policy.json")
    policies = [desk.policy, tmp_path / "policy.json"]
    assert run("registry", "add-policy", policies[1], *deployed.chain()) == 0
    key = Account.create()
    second = replace(
        desk, policy=policies[1], credential=tmp_path / "second.json", account=key.address.lower()
    )
    assert prove_prime(second, "--deployment", deployed.deployment, "--tier", "member") == 0
    signed = ["--key-file", write_private(tmp_path / "key", f"0x{bytes(key.key).hex()}\n")]
    consent = tmp_path / "second-consent.json"
    asked = ["consent", second.credential, "--policy", second.policy, *signed, "--out", consent]
    assert run(*asked) == 0
    both = ["onboard", desk.credential, second.credential, *deployed.chain(), "--json"]
    both += ["--policy", policies[0], "--policy", policies[1], "--root", desk.root]
    both += ["--consent", consent]
    before = snapshot(chain)
    capsys.readouterr()

    assert run(*both) == 1  # the first one's consent is missing
    said = error(capsys)
    assert said["code"] == "rejected.claims" and "1 of 2 claims" in said["message"]
    first, last = said["claims"]
    assert (first["outcome"], first["code"]) == ("rejected", "rejected.ConsentMissing")
    assert last["outcome"] == "accepted" and last["account"].lower() == second.account
    revert(chain, before)

    assert run(*both, "--consent", deployed.consent) == 0
    done = json.loads(capsys.readouterr().out)
    assert [each["act"] for each in done["claims"]] == ["first", "first"]
    assert [each["tier"] for each in done["claims"]] == ["prime", "member"]
    assert {each["gas_used"] for each in done["claims"]} == {
        int(chain.web3.eth.get_transaction_receipt(done["transaction"])["gasUsed"])
    }
    for each in (desk, second):
        assert run("terms", each.account, *deployed.chain(), "--json") == 0
        assert json.loads(capsys.readouterr().out)["status"] == "running"
    assert run(*both, "--consent", deployed.consent, "--consent", consent) == 2
    assert error(capsys)["code"] == "refused.grant_consent"  # two of one account
    one = [*deployed.onboard("--consent", consent), "--consent", deployed.consent]
    assert run(*one) == 2 and error(capsys)["code"] == "refused.grant_consent"
    revert(chain, whole)


def test_onboard_grants_once(deployed: Deployed, tmp_path: Path, capsys: Capture) -> None:
    desk, consent = deployed.desk, ["--consent", deployed.consent]
    terms = ["terms", desk.account, *deployed.chain(), "--json"]
    assert run(*terms) == 0
    before = json.loads(capsys.readouterr().out)
    assert (before["status"], before["end"], before["max_leverage"]) == ("none", None, 2)
    assert run(*deployed.onboard(*consent)) == 1
    assert error(capsys)["code"] == "rejected.RootUnknown"

    stolen = tmp_path / "stolen.json"
    thief = Account.create().address.lower()
    stolen.write_text(json.dumps(json.loads(desk.credential.read_text()) | {"account": thief}))
    theft = ["onboard", stolen, "--policy", desk.policy, *deployed.chain(), "--json"]
    assert run(*theft, "--root", desk.root) == 1  # the root is submitted, the claim refused
    assert error(capsys)["code"] == "rejected.ConsentMissing"
    assert run(*theft, *consent) == 2
    assert error(capsys)["code"] == "refused.grant_consent"
    assert run(*deployed.onboard()) == 1
    assert error(capsys)["code"] == "rejected.ConsentMissing"

    assert run(*deployed.onboard(*consent, "--root", desk.root)) == 0  # known already: no error
    granted = json.loads(capsys.readouterr().out)
    assert granted["outcome"] == "accepted" and granted["act"] == "first"
    assert granted["account"].lower() == desk.account and granted["tier"] == "prime"
    prime = sample_policy().tiers[1].terms
    assert granted["terms"]["max_leverage"] == prime.max_leverage
    assert granted["terms"]["initial_margin_bp"] == prime.initial_margin_bp
    assert granted["terms"]["limit"] == prime.limit and granted["terms"]["status"] == "running"
    assert granted["terms"]["end"] == granted["expiry"]

    assert run(*terms) == 0
    held = json.loads(capsys.readouterr().out)
    assert held.pop("read_at") == {
        "block": granted["block"],
        "confirmations": 1,
        "finalized": False,
    }
    assert held == granted["terms"] and granted["confirmations"] == 1
    assert run(*deployed.onboard(*consent)) == 1  # it names nobody as the holder, and one is
    assert error(capsys)["code"] == "rejected.SignatureInvalid"
    again = tmp_path / "again.json"
    signed = ["--key-file", desk.folder / "owner.key", "--out", again, "--holder", desk.account]
    assert run("consent", desk.credential, "--policy", desk.policy, *signed, "--json") == 0
    capsys.readouterr()
    assert run(*deployed.onboard("--consent", again)) == 1
    assert error(capsys)["code"] == "rejected.WindowCounted"


def test_a_wallet_signs_what_is_printed(
    deployed: Deployed, tmp_path: Path, capsys: Capture
) -> None:
    """The same consent, by a wallet that shows it: EIP-712 typed data."""
    desk, out = deployed.desk, tmp_path / "consent.json"
    deadline = Chain.connect(deployed.url).now() + 86_400
    asked = ["consent", desk.credential, "--policy", desk.policy, "--deadline", deadline, "--json"]
    assert run(*asked) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["message"]["account"] == desk.account
    assert document["domain"]["version"] == "2"
    signature = "0x" + OWNER.sign_typed_data(full_message=document).signature.hex().removeprefix(
        "0x"
    )
    assert run(*asked, "--signature", signature, "--out", out) == 0
    signed = ["--key-file", desk.folder / "owner.key", "--out", tmp_path / "by-key.json"]
    assert run(*asked, *signed) == 0
    assert out.read_text() == (tmp_path / "by-key.json").read_text()
    capsys.readouterr()
    assert run(*asked, "--signature", signature) == 2
    assert error(capsys)["code"] == "usage.consent"
    far = ["--deadline", deadline + 200 * 86_400]
    assert run(*asked[:-3], *far, "--json") == 2
    assert error(capsys)["code"] == "refused.grant_consent"


def test_offline_verifier_agrees_with_the_chain(deployed: Deployed, capsys: Capture) -> None:
    desk = deployed.desk
    files = ["--key", desk.key, "--policy", desk.policy, "--root", desk.root]
    place = ["--deployment", deployed.deployment]
    assert run("verify", desk.credential, *files, *place, "--allow-setup", "development") == 0
    capsys.readouterr()
    assert run("registry", "place", desk.policy, *place, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    client, _ = connect(deployed.url, deployed.deployment)
    series = Policy.load(desk.policy).series.id
    assert said["scope"] == f"0x{client.scope_of(series):064x}"
    assert said["series"] == "0x" + series.hex()


def test_lean_beside_fast_in_one_registry(
    deployed: Deployed, lean: Desk, tmp_path: Path, capsys: Capture
) -> None:
    """
    One policy takes both verifiers; the same attestation and root serve either key, and the claim
    names the verifier of the credential's.
    """
    client, where = connect(deployed.url, deployed.deployment)
    assert [each.name for each in where.verifiers] == [
        f"TierproofVerifier{SIZE}", f"TierproofVerifier{SIZE}Lean",
    ]  # fmt: skip
    account = Account.create()
    desk = replace(
        deployed.desk,
        keys=lean.keys,
        profile="lean",
        credential=tmp_path / "credential.json",
        vault=deployed.desk.vault,
        account=account.address.lower(),
    )
    assert prove_prime(desk, "--deployment", deployed.deployment) == 0
    credential, policy = CredentialFile.load(desk.credential), Policy.load(desk.policy)
    assert claim_of(client, credential, policy).verifier == 1
    first = CredentialFile.load(deployed.desk.credential)
    assert claim_of(client, first, policy).verifier == 0
    assert credential.nullifier == first.nullifier  # one identity in one series
    with pytest.raises(Refused) as caught:
        claim_of(client, replace(first, key_digest=bytes(32)), policy)
    assert caught.value.code == "refused.verifier"


def test_of_two_verifiers_of_a_key_one_in_force_judges(deployed: Deployed) -> None:
    credential, policy = (
        CredentialFile.load(deployed.desk.credential),
        Policy.load(deployed.desk.policy),
    )
    for disabled, judge in (((0, 0), 0), ((9, 0), 1), ((0, 9), 0), ((9, 12), 0)):
        records: Any = SimpleNamespace(
            policy_of=lambda _: {"verifiers": [0, 1]},
            verifier_of=lambda i, at=disabled: {
                "key_digest": credential.key_digest,
                "disabled_at": at[i],
            },
        )
        assert claim_of(records, credential, policy).verifier == judge


def other_terms(policy: Policy) -> Policy:
    first = policy.tiers[0]
    return replace(
        policy,
        tiers=(replace(first, terms=replace(first.terms, validity_days=6)), *policy.tiers[1:]),
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
    client, _ = connect(deployed.url, deployed.deployment)
    policy = Policy.load(deployed.desk.policy)
    check_policy(client, policy)
    other = change(policy)
    monkeypatch.setattr(Policy, "policy_id", policy.policy_id)
    with pytest.raises(Refused) as caught:
        check_policy(client, other)
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
        judges = [where["verifiers"][0] | {name: value}]
        changed.write_text(json.dumps(where | {"verifiers": judges}))
        assert run(*verify, changed) == 2
        assert error(capsys)["code"] == "refused.deployment"
    changed.write_text(json.dumps(where | {"verifiers": where["verifiers"][:1]}))
    by_lean = ["verify", lean.credential, *files, "--key", lean.key, "--deployment", changed]
    assert run(*by_lean) == 2
    assert "key_digest" in error(capsys)["message"]


def test_what_is_named_outside_development(capsys: Capture, tmp_path: Path) -> None:
    process, url = start_anvil("--chain-id", "10")
    try:
        deploy = ["deploy", "--rpc", url, "--verifier", f"TierproofVerifier{SIZE}", "--json"]
        deploy += ["--out", tmp_path / "d.json"]
        market = tmp_path / "market.json"
        STRICT.save(market)
        given: list[object] = []
        for option, value, code in (
            ("--admin", ACCOUNT, "usage.roles"),
            ("--governor", ACCOUNT, "usage.roles"),
            ("--guardian", ACCOUNT, "usage.roles"),
            ("--market", market, "usage.market"),
        ):
            assert run(*deploy, *given) == 2
            found = error(capsys)
            assert found["code"] == code and option in found["message"]
            given += [option, value]
        assert run(*deploy, *given) == 2  # this verifier is not for such a chain
        assert error(capsys)["code"] == "refused.verifier_setup"
        assert int(Chain.connect(url).web3.eth.block_number) == 0
    finally:
        process.terminate()
        process.wait(20)


def test_a_verifier_of_one_s_own(deployed: Deployed, tmp_path: Path, capsys: Capture) -> None:
    """
    As it is made from the keys of a ceremony: not among the committed ones, so its artifact is
    given. It comes to a registry that stands.
    """
    document = json.loads((ARTIFACTS / f"TierproofVerifier{SIZE}.json").read_text())
    own, out = tmp_path / "own.json", tmp_path / "d.json"
    code = document["bytecode"]
    document |= {"contractName": "Own", "bytecode": code + "00"}  # another address
    own.write_text(json.dumps(document))
    out.write_bytes(deployed.deployment.read_bytes())
    there = ["--rpc", deployed.url, "--deployment", out, "--json"]
    assert run("registry", "add-verifier", own, *there) == 0
    added = json.loads(capsys.readouterr().out)
    assert (added["verifier"], added["sent"]) == (2, 2)
    assert run("registry", "add-verifier", own, *there, "--verifier", own) == 0
    again = json.loads(capsys.readouterr().out)
    assert (again["verifier"], again["sent"]) == (2, 0)
    terms = ["terms", ACCOUNT, *there]
    assert run(*terms) == 0  # its key is that of another, which the file has already
    capsys.readouterr()
    assert run("registry", "disable", "--index", 2, *there) == 0
    assert json.loads(capsys.readouterr().out)["sent"] == 1
    assert run("registry", "disable", "--index", 2, *there) == 0
    assert json.loads(capsys.readouterr().out)["sent"] == 0


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
    identity, *_, tiers = PolicyRegistration(policy, (0,)).as_tuple()
    assert identity == policy.policy_id and len(tiers) == len(policy.tiers)  # type: ignore[arg-type]
    # docs/explanation/metrics.md E: prime pays 3.0 bp as taker; the registry counts hundredths of a
    # basis point
    assert tiers[1][1][2] == 300  # type: ignore[index]
    assert tiers[2][1][3] == -50  # type: ignore[index]
    assert tuple(tiers[1][0]) == policy.tiers[1].thresholds.words()  # type: ignore[index]


def snapshot(chain: Chain) -> str:
    return str(chain.web3.provider.make_request("evm_snapshot", [])["result"])  # type: ignore[arg-type]


def revert(chain: Chain, to: str) -> None:
    answer = chain.web3.provider.make_request("evm_revert", [to])  # type: ignore[arg-type]
    assert answer["result"]


def error(capsys: Capture) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(capsys.readouterr().out)["error"]
    return document


@pytest.mark.parametrize("make", [*SHAPES, *STRIPPED])
def test_what_is_there_is_there_whatever_the_node(
    deployed: Deployed, capsys: Capture, make: str
) -> None:
    """Regression: whether a root was there already was read off the form of an error."""
    desk, consent = deployed.desk, ["--consent", deployed.consent]
    with proxied(deployed.url, reverts_like((SHAPES | STRIPPED)[make])) as url:
        there = ["--rpc", url, "--deployment", deployed.deployment, "--json"]
        onboard = ["onboard", desk.credential, "--policy", desk.policy, "--root", desk.root]
        for _ in range(2):  # the first of these tests grants
            outcome = run(*onboard, *there, *consent)
            document = json.loads(capsys.readouterr().out)
        named = "rejected.WindowCounted" if make in STRIPPED else "rejected.SignatureInvalid"
        assert outcome == 1 and document["error"]["code"] == named
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
    of = replace(known.root, root=12_345, first_day=known.root.first_day - 1)
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
    governor = client.chain.accounts()[0]
    client.send(client.calls.register_set(of, Bounds()), sender=governor)
    begun = client.generation_of(of.id, 1)
    assert (begun["threshold"], begun["members"], begun["ended_at"]) == (2, 3, 0)
    stranger = write_private(tmp_path / "stranger.key", "5c" * 32)
    assert run(*asked, 1, "--key-file", stranger) != 0
    capsys.readouterr()
    assert not client.generation_of(of.id, 1)["ended_at"]
    assert run(*asked, 1) == 0
    told = json.loads(capsys.readouterr().out)
    said = {"id": "0x" + of.id.hex(), "generation": 1, "ended": True, "running": 1}
    assert said.items() <= told.items() and told["confirmations"] == 1
    for number, code in ((1, "rejected.GenerationIsEnded"), (1 << 32, "malformed.word")):
        assert run(*asked, number) != 0 and error(capsys)["code"] == code

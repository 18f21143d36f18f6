"""
The main job on real input: owners of two to four wallets of the venue's own record, attested,
proven, verified, onboarded.

Nobody here holds the wallets' keys, so made-up keys stand in for the wallets in the bindings; all
else is as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount

from algebra.errors import Rejected, TierNotMet
from attestor.attest import OwnerStatement, attest
from attestor.attestation import Attestation
from attestor.binding import SignedBinding, sign_binding
from attestor.bindings import BindingRegistry
from attestor.calendar import Calendar, SignedCalendar
from attestor.grant_consent_file import SignedConsent, consent_to
from attestor.signatures import sign
from attestor.statement import relabel
from attestor.venues.hyperliquid_2023 import VENUE, History
from contracts.client.chain import Chain
from contracts.client.model import Claim
from contracts.client.registry import RegistryClient
from policies.attestor_set import AttestorSet
from policies.grant_consent import NOBODY
from policies.policy import Policy, example
from policies.signed_root import RootDomain
from prover.credential import prove_credential
from prover.vault import Identity
from tierproof import institution, onchain, verification
from tierproof.attesting import commitment_setup
from tierproof.backends import fast_algebra, independent_algebra
from tierproof.documents import CredentialFile, RootFile
from tierproof.keys_folder import KeysFolder
from tierproof.owner import VenueOwner
from verifier.verify import verify

pytestmark = pytest.mark.evm
SIZE = 8192
OWNERS = {
    "prime": (
        "0x00f3a6af11feef99893676987b87c2f6e3fb2e9b",
        "0x431f554877369c81ef35ab6ad39c004f21ec6b7e",
    ),
    "member": (
        "0x077904eb39fdfee17679356987beb89c7b26e5b8",
        "0x36253ed622e225836f24e01ee62e4884783f075f",
        "0x24d768d1ffadea536f293354553d360c7e16a8e0",
    ),
    "none": (
        "0x51ec66e63199176f59c80268e0be6ffa91fab220",
        "0x36253ed622e225836f24e01ee62e4884783f075f",
        "0x24d768d1ffadea536f293354553d360c7e16a8e0",
        "0x00f3a6af11feef99893676987b87c2f6e3fb2e9b",
    ),
}
"""
Wallets by the best tier of the sample policy that their owner meets. None of them is among those by
whom its numbers were chosen (`benchmarks.thresholds`).
"""


@dataclass(frozen=True)
class World:
    keys: KeysFolder
    chain: Chain
    client: RegistryClient
    policy: Policy
    identities: dict[str, Identity]
    attestations: dict[str, Attestation]


@pytest.fixture(scope="module")
def world(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("real")
    keys = KeysFolder.create(folder / "keys", fast_algebra(), size=SIZE, unsafe_development=True)
    settled = example("sample-hyperliquid").last_day + 3
    chain = Chain.embedded(fast_algebra(), settled * 86_400)
    governor = chain.accounts()[0]
    deployment = onchain.deploy(
        chain,
        f"TierproofVerifier{SIZE}",
        sender=governor,
        roles=onchain.Roles(governor, governor, governor),
        path=None,
    )
    client = RegistryClient(chain, deployment.registry)
    signers = [Account.from_key(bytes([0] * 31 + [i + 1])) for i in range(3)]
    attestor_set = AttestorSet.of([signer.address for signer in signers], 2)
    policy = replace(example("sample-hyperliquid"), attestor_set=attestor_set.id)
    onchain.register_policy(client, policy, attestor_set, governor=governor)

    history, bindings = (
        History.load(shared_data / "hyperliquid"),
        BindingRegistry(attestor_set.id),
    )
    announced = policy.first_day - 1
    days = policy.last_day + 1 - policy.first_day
    calendar = Calendar("history", attestor_set.id, 1, policy.first_day, days, 1, announced)
    bindings.announce(SignedCalendar.sign(calendar, attestor_set, signers[:2]), announced)
    identities, owners = {}, []
    for number, (name, wallets) in enumerate(OWNERS.items()):
        identity = Identity(100 + number)
        owner = VenueOwner.of(identity, VENUE)
        identities[name] = identity
        addresses = {}
        for i, wallet in enumerate(wallets):
            key = Account.from_key(bytes([0] * 30 + [number + 1, i + 1]))
            request = owner.binding(key.address.lower(), attestor_set.id, policy.first_day)
            signature, consent = sign_binding(key, request), owner.consent(request)
            bindings.bind(SignedBinding(request, signature, consent), policy.first_day)
            addresses[wallet] = key.address.lower()
        owners.append(
            OwnerStatement(
                owner.tag,
                relabel(history.statement(wallets, policy.first_day, policy.last_day), addresses),
            )
        )
    made = attest(
        owners,
        bindings=bindings,
        setup=commitment_setup(keys, SIZE),
        algebra=keys.algebra,
        attestor_set=attestor_set,
        signers=signers[:2],
        domain=RootDomain(chain.chain_id, client.address.lower()),
        valid_until=chain.now() + 30 * 86_400,
        now=chain.now(),
    )
    onchain.submit_root(client, RootFile.of(made[0]), sender=chain.accounts()[1])
    attestations = dict(zip(OWNERS, made, strict=True))
    return World(keys, chain, client, policy, identities, attestations)


def prove(world: World, name: str, tier: str, account: str) -> CredentialFile:
    return institution.prove(
        world.attestations[name], world.identities[name], world.policy, tier, account=account,
        place=onchain.current_place(world.client), keys=world.keys,
    )  # fmt: skip


def agreed(
    world: World, credential: CredentialFile, owner: LocalAccount, holder: str
) -> SignedConsent:
    """What the account signs so that a relayer may send the credential."""
    deadline = world.chain.now() + 86_400
    consent = consent_to(credential, world.policy, deadline=deadline, holder=holder)
    return SignedConsent(
        consent, world.client.domain, sign(owner, consent.message(world.client.domain))
    )


@pytest.mark.parametrize(
    ("name", "tier", "independent"), [("none", "member", True), ("member", "prime", False)]
)
def test_a_prover_that_skips_its_checks_is_refused_by_every_verifier(
    world: World, name: str, tier: str, independent: bool
) -> None:
    """Before anybody holds terms: else the registry refuses a used nullifier, not the proof."""
    place, sender = onchain.current_place(world.client), world.chain.accounts()[4]
    key = world.keys.proving_key(SIZE)
    forged = prove_credential(
        key,
        world.attestations[name],
        world.identities[name].reveal(),
        world.policy,
        tier,
        account=int(sender, 16),
        scope=place.scope(world.policy.series.id),
        algebra=fast_algebra(),
        unsafe_skip_checks=True,
    )
    for algebra in (fast_algebra(), *([independent_algebra()] if independent else [])):
        with pytest.raises(Rejected):
            verify(key.verifying, forged.statement, forged.proof, algebra=algebra)
    index = [t.name for t in world.policy.tiers].index(tier)
    with pytest.raises(Rejected) as error:
        claim = Claim(
            policy_id=world.policy.policy_id,
            tier=index,
            verifier=0,
            root=forged.statement[0],
            nullifier=forged.statement[1],
            account=sender,
            thresholds=world.policy.tiers[index].thresholds.words(),
            proof=forged.proof,
        )
        world.client.onboard(claim, sender=sender)
    assert error.value.code == "rejected.NotAccepted"


@pytest.mark.parametrize("name", ["prime", "member"])
def test_those_that_meet_a_tier_hold_its_terms(world: World, name: str) -> None:
    attestation = world.attestations[name]
    institution.check_attestation(
        attestation, world.keys, identity=world.identities[name], policy=world.policy
    )
    assert institution.estimate(attestation, world.policy).best == name
    owner = Account.from_key(bytes([1] * 31 + [len(name)]))
    account = owner.address.lower()
    credential = prove(world, name, name, account)
    verification.verify(
        credential,
        policy=world.policy,
        key=world.keys.verifying_key(SIZE),
        root=RootFile.of(attestation),
        place=onchain.current_place(world.client),
        algebra=fast_algebra(),
        now=world.chain.now(),
        allow_setup="development",
    )
    consents = [agreed(world, credential, owner, holder) for holder in (NOBODY, account)]
    granted = onchain.onboard(
        world.client,
        credential,
        world.policy,
        relayer=world.chain.accounts()[4],
        consent=consents[0],
    )
    terms, tier = onchain.terms(world.client, account), world.policy.tier(name)
    assert granted.account.lower() == account
    assert terms["initial_margin_bp"] == tier.terms.initial_margin_bp
    assert terms["max_leverage"] == tier.terms.max_leverage
    with pytest.raises(Rejected) as error:
        onchain.onboard(
            world.client,
            credential,
            world.policy,
            relayer=world.chain.accounts()[5],
            consent=consents[1],
        )
    assert error.value.code == "rejected.WindowCounted"


@pytest.mark.parametrize(
    ("name", "tier"), [("none", "member"), ("member", "prime"), ("prime", "prime-plus")]
)
def test_those_that_do_not_are_refused_by_estimate_and_prove(
    world: World, name: str, tier: str
) -> None:
    failing = next(
        t
        for t in institution.estimate(world.attestations[name], world.policy).tiers
        if t.tier == tier
    )
    assert not failing.holds and failing.assessment.failing
    with pytest.raises(TierNotMet) as error:
        prove(world, name, tier, world.chain.accounts()[3].lower())
    assert error.value.code == "refused.tier"

"""
`tierproof demo`: the whole path on a sample desk, on an EVM inside this process; then three attacks
that are refused.

Everything is real but the people: the desk, its keys, the attestors and the setup are made up and
public (`unsafe`), so nothing of it is worth anything. It writes `summary.json` beside the files
that the actors would exchange.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from algebra.errors import Refused, Rejected, TierproofError, Unavailable
from algebra.extras import libraries
from algebra.files import make_folder, write_atomic
from algebra.keccak import keccak
from attestor.attest import OwnerStatement, attest
from attestor.attestation import load as load_attestation
from attestor.binding import SignedBinding, sign_binding
from attestor.bindings import BindingRegistry
from attestor.calendar import MIN_LATE, Calendar, SignedCalendar
from attestor.grant_consent_file import SignedConsent, consent_to
from attestor.signatures import sign
from attestor.venues import sample
from contracts.client.chain import Chain
from contracts.client.deployment import DeployedVerifier, Deployment
from contracts.client.registry import RegistryClient
from policies.attestor_set import AttestorSet
from policies.grant_consent import NOBODY
from policies.place import Place
from policies.policy import Policy, example
from policies.signed_root import RootDomain
from prover.profile import Profile
from prover.vault import create_vault, open_vault
from tierproof import institution, onchain, verification
from tierproof.attested_folder import Attested, write_attestations
from tierproof.attesting import commitment_setup
from tierproof.backends import fast_algebra, independent_algebra
from tierproof.documents import CredentialFile, RootFile
from tierproof.keys_folder import KeysFolder
from tierproof.owner import VenueOwner
from tierproof.picture import draw
from tierproof.verifier_contract import name_for
from verifier.ceremonies import setup_status, why_not
from verifier.key import VerifyingKey
from verifier.statement import statement_words
from verifier.verify import verify as verify_proof

with libraries("chain"):
    from eth_account import Account
    from eth_account.signers.local import LocalAccount

SIZE = 8192
UNSAFE_PASSPHRASE = "a passphrase that everybody knows"  # of a made-up desk
UNSAFE_ACCOUNT = keccak(b"trading account of a made-up desk")
"""Key of the account that gets the terms; no wallet of the history."""
DAY = 86_400
BORN = (sample.FIRST_DAY + sample.DAYS) * DAY + MIN_LATE * 3_600
"""Second of the chain's first block: the sample's window is over, and what came late for it."""
ROOT_SECONDS = 90 * DAY
CONSENT_SECONDS = 30 * DAY
MARKER = ".tierproof-demo"
Progress = Callable[[str], None]


@dataclass
class Clock:
    """Seconds of the steps that the summary reports."""

    seconds: dict[str, float]

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        """Keep, under that name, how many seconds the body took."""
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 3)


@dataclass(frozen=True)
class World:
    """The made-up actors and where they stand."""

    folder: Path
    keys: KeysFolder
    profile: Profile
    chain: Chain
    deployment: Deployment
    client: RegistryClient
    attestor_set: AttestorSet
    policy: Policy

    @property
    def key(self) -> VerifyingKey:
        """Of the demo's one class and its profile."""
        return self.keys.verifying_key(SIZE, self.profile)

    @property
    def place(self) -> Place:
        """Chain and registry."""
        return onchain.current_place(self.client)

    @property
    def verifier(self) -> DeployedVerifier:
        """The one on chain."""
        return self.deployment.verifiers[0]


@dataclass(frozen=True)
class Owners:
    """The made-up owners, their tags and bindings; `desk.owners[0]` is the desk."""

    desk: sample.Sample
    tags: tuple[int, ...]
    bindings: BindingRegistry


@dataclass(frozen=True)
class CeremonyFiles:
    """The file of a ceremony to run on, and of its points in G2 where it needs one."""

    ptau: Path
    tau_g2: Path | None = None


def run(
    out: Path,
    progress: Progress,
    profile: Profile = Profile.FAST,
    ceremony: CeremonyFiles | None = None,
) -> dict[str, Any]:
    """
    Run the demo; returns the summary, which is also written to `out/summary.json`. Without a
    ceremony the setup is the development one.

    Raises
    ------
    Rejected
        `rejected.demo`: something that had to be refused was accepted, or the other way round.
    Unavailable
        `unavailable.verifier`: the committed verifier contract is not the one of this checkout's
        circuit.
    """
    folder = _fresh(out / "files")
    clock = Clock({})
    world = _build(folder, progress, profile, ceremony)
    owners = _owners(world, progress)
    with clock.measure("attest"):
        attested = _attest(world, owners, progress)
    identity = open_vault(folder / "desk.vault", UNSAFE_PASSPHRASE)
    attestation = load_attestation(attested.files[0])

    progress("estimate: which tiers hold")
    institution.check_attestation(attestation, world.keys, identity=identity, policy=world.policy)
    estimate = institution.estimate(attestation, world.policy)
    for tier in estimate.tiers:
        failing = "; ".join(verdict.text for verdict in tier.assessment.failing)
        progress(f"  tier {tier.tier}: {'holds' if tier.holds else 'fails: ' + failing}")
    if estimate.best is None:
        raise Rejected("rejected.demo", "demo: the sample desk meets no tier")
    draw(attestation, world.policy, estimate.best, out / "picture.svg")

    owner = Account.from_key(UNSAFE_ACCOUNT)
    account = owner.address.lower()
    with clock.measure("prove"):
        credential = institution.prove(
            attestation,
            identity,
            world.policy,
            estimate.best,
            account=account,
            place=world.place,
            keys=world.keys,
            profile=profile,
            progress=lambda step: progress(f"prove: {step}"),
        )
    credential.write(folder / "credential.json")
    credential = CredentialFile.load(folder / "credential.json")

    root = RootFile.load(attested.root_file)
    progress("inspect: what a verifier learns")
    learns = institution.inspect(credential, key=world.key, policy=world.policy)["verifier_learns"]
    for name in ("class", "tier_name", "account", "nullifier"):
        progress(f"  {name.replace('_', ' ')}: {learns[name]}")
    progress(f"  setup: {world.key.setup_status}")
    progress("verify: native, then py_ecc alone")
    _verify(world, credential, root, clock)

    progress("consent: the account signs the terms that it agrees to")
    consent = _consent(world, credential, owner, NOBODY)
    consent.write(folder / "grant-consent.json")
    relayer, thief, stranger = world.chain.accounts()[1:4]
    onchain.submit_root(world.client, root, sender=relayer)
    progress("refused: without the consent, the proof for another account, a tampered proof")
    stolen = replace(credential, account=thief.lower())
    tampered = replace(credential, proof=_flip(credential.proof))
    for each in (stolen, tampered):
        _refused_offline(world, each, root)
    refused = {
        "no_consent": _refused(world, credential, stranger),
        "other_account": _refused(world, stolen, thief),
        "tampered": _refused(world, tampered, relayer, consent),
    }

    progress("onboard: through a relayer")
    gas_verify = _verify_gas(world, credential, root)
    granted = onchain.onboard(
        world.client, credential, world.policy, relayer=relayer, consent=consent
    )
    terms = onchain.terms(world.client, granted.account)
    if terms["account"].lower() != account:
        raise Rejected("rejected.demo", "demo: the terms went to another account")
    progress(f"  setup: {_granting_setup(world)}")
    for name, value in terms.items():
        progress(f"  {name.replace('_', ' ')}: {value}")
    progress("refused: a replay by another relayer")
    again = _consent(world, credential, owner, account)
    refused = {"replay": _refused(world, credential, stranger, again), **refused}
    for name, code in refused.items():
        progress(f"  {name.replace('_', ' ')}: {code}")

    summary: dict[str, Any] = {
        "class": SIZE,
        "profile": profile,
        "setup": world.key.setup_status,
        "records": len(attestation.records),
        "wallets": attestation.leaf.wallets,
        "tier": estimate.best,
        "proof_bytes": len(credential.proof),
        "seconds": clock.seconds,
        "gas": {"verify": gas_verify, "onboard": granted.gas_used},
        "terms": terms,
        "refused": refused,
    }
    institution.write_json(out / "summary.json", summary)
    return summary


# -- the steps -------------------------------------------------------------------------------------
def _fresh(folder: Path) -> Path:
    """An empty folder; an earlier demo's is removed, anything else is left alone."""
    if folder.exists():
        if not (folder / MARKER).is_file():
            raise Refused(
                "refused.demo",
                f"demo: {folder} exists and is not of an earlier demo; give another --out",
            )
        shutil.rmtree(folder)
    make_folder(folder)
    write_atomic(folder / MARKER)
    return folder


def _build(
    folder: Path, progress: Progress, profile: Profile, ceremony: CeremonyFiles | None
) -> World:
    source = "unsafe development powers of tau" if ceremony is None else ceremony.ptau.name
    progress(f"setup: {source}, keys of class {SIZE}, profile {profile}")
    keys = KeysFolder.create(
        folder / "keys",
        fast_algebra(),
        size=SIZE,
        profile=profile,
        ptau=None if ceremony is None else ceremony.ptau,
        tau_g2=None if ceremony is None else ceremony.tau_g2,
        unsafe_development=ceremony is None,
    )
    key = keys.verifying_key(SIZE, profile)
    progress(f"  {key.setup_status}")
    progress("deploy: verifier and registry on an EVM in this process")
    chain = Chain.embedded(fast_algebra(), BORN)
    governor = chain.accounts()[0]
    roles = onchain.Roles(governor, governor, governor)
    verifier = name_for(key, profile)
    deployment = onchain.deploy(
        chain, verifier, sender=governor, roles=roles, path=folder / "deployment.json"
    )
    if deployment.of_key("0x" + key.digest.hex()) is None:
        raise Unavailable(
            "unavailable.verifier",
            f"demo: {verifier} was generated for another key; run: make contracts",
        )
    client = RegistryClient(chain, deployment.registry)
    attestor_set = AttestorSet.of([account.address for account in sample.unsafe_attestors(3)], 2)
    standard = example("standard").over(sample.FIRST_DAY, sample.FIRST_DAY + sample.DAYS - 1)
    policy = replace(
        standard,
        name="demo",
        series_name="demo",
        attestor_set=attestor_set.id,
        documents=sample.documents(),
    )
    policy.check()
    policy.save(folder / "policy.json")
    onchain.register_policy(client, policy, attestor_set, governor=governor)
    return World(folder, keys, profile, chain, deployment, client, attestor_set, policy)


def _owners(world: World, progress: Progress) -> Owners:
    """
    A window announced, and three owners: a vault each, and every wallet bound to its owner's tag by
    its own signature and his.
    """
    progress("identities: one vault an owner, wallets bound by two signatures")
    desk = sample.write_sample(world.folder / "statements")
    bindings = BindingRegistry(world.attestor_set.id)
    announced = desk.first_day - 1
    of = world.attestor_set
    calendar = Calendar("demo", of.id, of.generation, desk.first_day, sample.DAYS, 1, announced)
    signers = sample.unsafe_attestors(3)[:2]
    bindings.announce(SignedCalendar.sign(calendar, world.attestor_set, signers), announced)
    tags: list[int] = []
    for owner in desk.owners:
        identity = create_vault(world.folder / f"{owner.name}.vault", UNSAFE_PASSPHRASE)
        at_venue = VenueOwner.of(identity, sample.VENUE)
        tags.append(at_venue.tag)
        for key in owner.unsafe_keys:
            request = at_venue.binding(key.address.lower(), world.attestor_set.id, desk.first_day)
            signature, consent = sign_binding(key, request), at_venue.consent(request)
            bindings.bind(SignedBinding(request, signature, consent), desk.first_day)
    return Owners(desk, tuple(tags), bindings)


def _attest(world: World, owners: Owners, progress: Progress) -> Attested:
    """The attestors read the statements, commit, and two of three sign the root."""
    progress("attest: statements, logs, commitments, tree, two of three signatures")
    desk = owners.desk
    statements = desk.statement_file()
    made = attest(
        [
            OwnerStatement(tag, statements.statement(owner.wallets, desk.first_day, desk.last_day))
            for owner, tag in zip(desk.owners, owners.tags, strict=True)
        ],
        bindings=owners.bindings,
        setup=commitment_setup(world.keys, SIZE),
        algebra=world.keys.algebra,
        attestor_set=world.attestor_set,
        signers=sample.unsafe_attestors(3)[:2],
        domain=RootDomain(world.chain.chain_id, world.client.address.lower()),
        valid_until=world.chain.now() + ROOT_SECONDS,
        now=world.chain.now(),
    )
    owners.bindings.save(world.folder / "bindings.json")
    return write_attestations(made, world.folder / "attestations")


def _allowed(key: VerifyingKey) -> str | None:
    """What has to be allowed for this key: nothing for a known ceremony."""
    return f"0x{key.srs_id:050x}" if why_not(key.srs_id) else None


def _granting_setup(world: World) -> str:
    """Status of the setup of the verifier on chain, by the srs id that it answers with."""
    verifier = world.chain.contract(
        onchain.verifier_artifact(world.verifier.name), world.verifier.address
    )
    return setup_status(int(world.chain.read(verifier.functions.srsId())))


def _verify(world: World, credential: CredentialFile, root: RootFile, clock: Clock) -> None:
    """Both Python verifiers, root and policy included; timed is the proof alone."""
    key, now, place = world.key, world.chain.now(), world.place
    words = _words(world, credential, root)
    for name, algebra in (
        ("verify", fast_algebra()),
        ("verify_independent", independent_algebra()),
    ):
        verification.verify(
            credential,
            policy=world.policy,
            key=key,
            root=root,
            place=place,
            algebra=algebra,
            now=now,
            allow_setup=_allowed(key),
        )
        clock.seconds[name] = _median_seconds(
            lambda algebra=algebra: verify_proof(key, words, credential.proof, algebra=algebra),  # type: ignore[misc]
            times=7 if name == "verify" else 1,
        )


def _median_seconds(work: Callable[[], None], times: int) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return round(sorted(taken)[times // 2], 4)


def _flip(proof: bytes) -> bytes:
    """One bit of the last claimed value: still canonical, so the proof is well formed and false."""
    changed = bytearray(proof)
    changed[-129] ^= 1
    return bytes(changed)


def _consent(
    world: World, credential: CredentialFile, owner: LocalAccount, holder: str
) -> SignedConsent:
    """What the account signs so that a relayer may send the credential."""
    deadline = world.chain.now() + CONSENT_SECONDS
    consent = consent_to(credential, world.policy, deadline=deadline, holder=holder)
    domain = world.client.domain
    return SignedConsent(consent, domain, sign(owner, consent.message(domain)))


def _refused_offline(world: World, credential: CredentialFile, root: RootFile) -> None:
    """The Python verifier refuses it; where it does not, the demo is rejected."""
    key, now = world.key, world.chain.now()
    try:
        verification.verify(
            credential,
            policy=world.policy,
            key=key,
            root=root,
            place=world.place,
            algebra=fast_algebra(),
            now=now,
            allow_setup=_allowed(key),
        )
    except Rejected:
        return
    raise Rejected("rejected.demo", "demo: the Python verifier accepted what it must refuse")


def _refused(
    world: World, credential: CredentialFile, relayer: str, consent: SignedConsent | None = None
) -> str:
    """The contract's code for what it must refuse."""
    try:
        onchain.onboard(world.client, credential, world.policy, relayer=relayer, consent=consent)
    except Rejected as error:
        return error.code
    except TierproofError as error:
        raise Rejected(
            "rejected.demo", f"demo: refused for another reason: {error.message}"
        ) from error
    raise Rejected("rejected.demo", "demo: the registry accepted what it must refuse")


def _words(world: World, credential: CredentialFile, root: RootFile) -> tuple[int, ...]:
    return statement_words(
        world.policy,
        world.policy.tiers[credential.tier],
        root=credential.root,
        nullifier=credential.nullifier,
        account=int(credential.account, 16),
        place=world.place,
        feed=root.root.feed,
    )


def _verify_gas(world: World, credential: CredentialFile, root: RootFile) -> int:
    """Gas of a transaction that calls the verifier alone."""
    verifier = world.chain.contract(
        onchain.verifier_artifact(world.verifier.name), world.verifier.address
    )
    call = verifier.functions.verify(list(_words(world, credential, root)), credential.proof)
    return int(world.chain.send(call, sender=world.chain.accounts()[1])["gasUsed"])

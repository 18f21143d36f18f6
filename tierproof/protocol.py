"""
What a protocol does: verify, deploy, onboard, read terms, serve (docs/reference/interfaces.md 1,
3).

Chains are named by an RPC URL; nothing is reached that was not named. A contract is trusted by its
code, not its word.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from algebra.errors import Refused, Rejected, TierproofError
from algebra.hexadecimal import hex32
from algebra.interface import Algebra
from attestor.quorum import verify_quorum
from circuits.credential.v1.statement import known_circuit
from contracts.build.artifact import Artifact, load_artifact, read_artifact
from contracts.client.chain import Chain, Sender
from contracts.client.deploy import Deployment, check_deployment
from contracts.client.deploy import deploy as deploy_contracts
from contracts.client.model import Granted, PolicyRegistration, thresholds_hash
from contracts.client.registry import RegistryClient
from policies.address import address
from policies.place import Place
from policies.policy import Policy
from policies.signed_root import AttestorSet, Root
from service.api.app import create_app
from service.config import ServiceConfig
from service.listen import listen, run
from service.store.store import Store
from tierproof.documents import CredentialFile, RootFile
from tierproof.keys_folder import load_key
from verifier.batch import verify_batch as verify_proofs
from verifier.key import VerifyingKey
from verifier.statement import statement_words
from verifier.verify import verify as verify_proof

# py-evm raises Python's recursion limit to 100,000 when it is imported. With that, a JSON file of
# nested brackets overruns the C stack and kills the process; our contracts call two deep and need
# none of it.
RECURSION_LIMIT = 1_000
sys.setrecursionlimit(RECURSION_LIMIT)

DEFAULT_EPOCH_SECONDS = 30 * 86_400


# -- verification without a chain ------------------------------------------------------------------
def verify(
    credential: CredentialFile,
    *,
    policy: Policy,
    key: VerifyingKey,
    root: RootFile,
    place: Place,
    algebra: Algebra,
    now: int,
    allow_development: bool = False,
) -> dict[str, Any]:
    """
    Verify a credential as the contract would.

    Parameters
    ----------
    credential : untrusted
    policy, key, place : the verifier's own; scope, window and thresholds are computed from them
    root : untrusted until its quorum is checked here
    algebra : native, or reference for a verifier that shares no code with it
    now : seconds since 1970
    allow_development : take a key whose setup's secret is known

    Returns
    -------
    What was accepted.

    Raises
    ------
    Malformed
        A file, number or proof is not what it claims to be.
    Rejected
        `rejected.policy`, `.key`, `.place`, `.root`, `.quorum`, `.development`, or the verifier's
        own code.
    """
    _require_ceremony(key, allow_development)
    words = _statement(credential, policy, key, place)
    _require_quorum(root, policy, place, now)
    _require_root(credential, root)
    verify_proof(key, words, credential.proof, algebra=algebra)
    return _accepted(credential, words, policy, key, algebra)


def verify_batch(
    credentials: Sequence[CredentialFile],
    *,
    policy: Policy,
    key: VerifyingKey,
    root: RootFile,
    place: Place,
    algebra: Algebra,
    now: int,
    allow_development: bool = False,
) -> list[dict[str, Any] | TierproofError]:
    """
    Verify credentials of one policy and root together: one product of pairings for all that hold.

    Parameters
    ----------
    credentials : untrusted; the others as for `verify`.

    Returns
    -------
    list of len(credentials)
        What `verify` returns for each, or the error that it raises for it.

    Raises
    ------
    Rejected
        What holds for none of them: `rejected.development`, and the root's own.
    """
    _require_ceremony(key, allow_development)
    _require_quorum(root, policy, place, now)
    verdicts: list[dict[str, Any] | TierproofError] = []
    items: dict[int, tuple[VerifyingKey, Sequence[int], bytes]] = {}
    for index, credential in enumerate(credentials):
        try:
            words = _statement(credential, policy, key, place)
            _require_root(credential, root)
        except TierproofError as error:
            verdicts.append(error)
            continue
        verdicts.append(_accepted(credential, words, policy, key, algebra))
        items[index] = (key, words, credential.proof)
    for index, found in zip(
        items, verify_proofs(list(items.values()), algebra=algebra), strict=True
    ):
        if found is not None:
            verdicts[index] = found
    return verdicts


def _require_ceremony(key: VerifyingKey, allow_development: bool) -> None:
    if key.insecure and not allow_development:
        raise Rejected(
            "rejected.development",
            "key: of a development setup, whose secret is known; it proves nothing",
        )


def _statement(
    credential: CredentialFile, policy: Policy, key: VerifyingKey, place: Place
) -> tuple[int, ...]:
    """
    The public words that a credential must have been made for; Rejected if it says another policy,
    key or place.
    """
    if credential.policy_id != policy.policy_id or credential.tier >= len(policy.tiers):
        raise Rejected(
            "rejected.policy", "credential: for another policy, or a tier that it does not have"
        )
    if credential.key_digest != key.digest:
        raise Rejected("rejected.key", "credential: made for another verifying key")
    if (credential.chain_id, credential.registry, credential.epoch) != (
        place.chain_id,
        place.registry,
        place.epoch,
    ):
        raise Rejected("rejected.place", "credential: for another chain, registry or epoch")
    return statement_words(
        policy,
        policy.tiers[credential.tier],
        root=credential.root,
        nullifier=credential.nullifier,
        account=int(credential.account, 16),
        place=place,
    )


def _require_quorum(root: RootFile, policy: Policy, place: Place, now: int) -> None:
    root.check(
        attestor_set=policy.attestor_set,
        domain=place.domain,
        window=(policy.first_day, policy.last_day),
        now=now,
    )


def _require_root(credential: CredentialFile, root: RootFile) -> None:
    if root.root.root != credential.root:
        raise Rejected("rejected.root", "credential: rests on another root than the one given")


def _accepted(
    credential: CredentialFile,
    words: Sequence[int],
    policy: Policy,
    key: VerifyingKey,
    algebra: Algebra,
) -> dict[str, Any]:
    """What is known of a credential whose proof holds."""
    return {
        "outcome": "accepted",
        "tier": policy.tiers[credential.tier].name,
        "account": credential.account,
        "nullifier": hex32(credential.nullifier),
        "scope": hex32(words[2]),
        "verifier": algebra.name,
        "insecure_setup": key.insecure,
    }


# -- on chain --------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Roles:
    """Addresses of the registry's roles; on a real chain admin and governor are timelocks."""

    admin: str
    governor: str
    guardian: str
    admin_delay: int = 0


def verifier_artifact(name: str) -> Artifact:
    """A compiled verifier by its name, or by the path of its artifact file."""
    return read_artifact(Path(name)) if name.endswith(".json") else load_artifact(name)


def deploy(
    chain: Chain, verifier: str | Artifact, *, sender: Sender, roles: Roles, path: Path | None
) -> Deployment:
    """Deploy verifier and registry; errors as `contracts.client.deploy.deploy`."""
    artifact = verifier_artifact(verifier) if isinstance(verifier, str) else verifier
    return deploy_contracts(chain, artifact, sender=sender, path=path, **asdict(roles))


def register_policy(
    client: RegistryClient,
    policy: Policy,
    attestor_set: AttestorSet,
    verifier: str,
    *,
    governor: Sender,
    min_epoch_seconds: int = DEFAULT_EPOCH_SECONDS,
) -> None:
    """
    Register an attestor set, if the registry does not know it, and a policy.

    Raises
    ------
    Rejected
        `rejected.policy`: the policy trusts another set; `rejected.<ErrorName>` from the registry.
    Refused
        As `PolicyRegistration.check`; then nothing is sent.
    """
    if policy.attestor_set != attestor_set.id:
        raise Rejected(
            "rejected.policy", "policy: it trusts another attestor set than the one given"
        )
    registration = PolicyRegistration(policy, verifier, min_epoch_seconds)
    registration.check()
    try:
        client.register_attestor_set(attestor_set, sender=governor)
    except Rejected as error:
        if error.code != "rejected.AttestorSetExists":
            raise
    client.register_policy(registration, sender=governor)


def check_policy(client: RegistryClient, policy: Policy, verifier: str) -> None:
    """
    Whether the registry holds under a policy's id what its document says, and asks this verifier.

    Raises
    ------
    Refused
        `refused.policy`: what differs.
    Rejected
        `rejected.PolicyUnknown`.
    """
    held = client.policy_of(policy.policy_id)
    held["tiers"] = [client.tier_of(policy.policy_id, tier) for tier in range(held["tiers"])]
    expected = {
        "verifier": address(verifier, "verifier"),
        "attestor_set": policy.attestor_set,
        "first_day": policy.first_day,
        "last_day": policy.last_day,
        "tiers": [(tier.terms, thresholds_hash(tier.thresholds.words())) for tier in policy.tiers],
    }
    differing = [name for name, value in expected.items() if held[name] != value]
    if differing:
        raise Refused(
            "refused.policy",
            f"the registry holds this policy with other values of: {', '.join(differing)}",
        )


def submit_root(client: RegistryClient, root: RootFile, *, sender: Sender) -> bool:
    """Submit a signed root; False if the registry had it already."""
    try:
        client.submit_root(root.root, list(root.signatures), sender=sender)
    except Rejected as error:
        if error.code == "rejected.RootExists":
            return False
        raise
    return True


def onboard(
    client: RegistryClient, credential: CredentialFile, policy: Policy, *, relayer: Sender
) -> Granted:
    """
    Have a credential granted on chain; the account in it gets the terms, whoever the relayer is.
    While a grant of the account runs, only the account itself is taken as relayer
    (`rejected.OnlyAccountReplacesGrant`).

    Raises
    ------
    Rejected
        `rejected.policy`, or `rejected.<ErrorName>` of the registry and the verifier.
    """
    if credential.policy_id != policy.policy_id or credential.tier >= len(policy.tiers):
        raise Rejected(
            "rejected.policy", "credential: for another policy, or a tier that it does not have"
        )
    return client.onboard(
        relayer=relayer,
        policy_id=credential.policy_id,
        tier=credential.tier,
        root=credential.root,
        nullifier=credential.nullifier,
        account=credential.account,
        thresholds=policy.tiers[credential.tier].thresholds.words(),
        proof=credential.proof,
    )


def terms(client: RegistryClient, account: str) -> dict[str, Any]:
    """
    The terms that an account holds now; Rejected (`rejected.NoGrant`, `.GrantExpired`,
    `.GrantRootRevoked`).
    """
    held, expiry = client.terms_of(account)
    return {"account": account, **asdict(held), "expiry": expiry}


def connect(
    url: str, deployment: Path, verifier: str | None = None
) -> tuple[RegistryClient, Deployment]:
    """
    A client for a deployment file, its code on chain compared with the committed artifacts.

    Parameters
    ----------
    verifier : as for `verifier_artifact`, where the deployment's own verifier is not among the
        committed ones.
    """
    chain, where = Chain.connect(url), Deployment.read(deployment)
    return check_deployment(
        chain, where, None if verifier is None else verifier_artifact(verifier)
    ), where


def current_place(client: RegistryClient, policy: Policy) -> Place:
    """Where credentials of a policy count now: chain, registry and epoch."""
    _, epoch = client.scope(policy.policy_id)
    return Place(client.chain.chain_id, client.address.lower(), epoch)


# -- the service -----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Registration:
    """
    What an operator tells the service at its start; all of it is checked, none comes by request.
    """

    policies: Sequence[Policy] = ()
    places: Sequence[Place] = ()
    keys: Sequence[Path] = ()
    roots: Sequence[RootFile] = ()


def register(
    store: Store, registration: Registration, *, algebra: Algebra, allow_development: bool
) -> None:
    """
    Put policies (at every place), keys and roots into the service's store.

    Raises
    ------
    Refused, Rejected, Malformed
        Whatever does not hold; what was registered before stays.
    """
    for policy in registration.policies:
        store.register_policy(policy, registration.places)
    for path in registration.keys:
        store.register_key(load_key(path, algebra), allow_development=allow_development)
    for root in registration.roots:
        register_root(store, root)


def register_root(store: Store, root: RootFile) -> None:
    """
    Put one root into the store; its quorum is checked against the set whose id the policies name.
    """

    def quorum(signed: Root, signatures: Sequence[bytes]) -> None:
        verify_quorum(signed, root.domain, signatures, root.attestor_set)

    store.register_root(root.root, root.signatures, quorum=quorum)


def serve(
    config: ServiceConfig,
    registration: Registration,
    algebra: Algebra,
    *,
    listening: Callable[[str], None] = lambda _: None,
) -> None:
    """
    Run the verification service until it is stopped.

    Parameters
    ----------
    listening : told the URL once it is true

    Raises
    ------
    TierproofError
        From registration, before a socket is opened; as `service.listen.listen`.
    """
    config.check()
    store = Store(config.database_url)
    try:
        register(store, registration, algebra=algebra, allow_development=config.allow_development)
        app = service_app(config, algebra, store)
        taken = listen(config.host, config.port)
    except TierproofError:
        store.close()
        raise
    host = f"[{config.host}]" if ":" in config.host else config.host
    listening(f"http://{host}:{taken.getsockname()[1]}/v1")
    run(app, taken)


def service_app(config: ServiceConfig, algebra: Algebra, store: Store) -> Any:
    """The ASGI application over the real verifier."""

    def load(document: dict[str, Any]) -> VerifyingKey:
        return VerifyingKey.from_json(document, known_circuit, algebra)

    def check(key: Any, statement: Sequence[int], proof: bytes) -> None:
        verify_proof(key, statement, proof, algebra=algebra)

    return create_app(config, check, load_key=load, store=store)

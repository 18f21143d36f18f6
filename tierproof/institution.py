"""
What the institution does on its own machine: identity, estimate, prove, inspect, disclose
(docs/reference/interfaces.md 1).

Nothing here opens a socket. What is for the owner alone (metrics, gaps, records) is returned, never
logged.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from algebra.errors import Malformed, Refused, Rejected
from algebra.files import write_atomic
from algebra.hexadecimal import hex32
from attestor import attestation as attestations
from attestor.attestation import Attestation
from attestor.consent import Consent
from circuits.versions import CURRENT
from history.v2.thresholds import METRIC_NAMES
from policies.address import address
from policies.place import Place
from policies.policy import Policy
from prover.credential import assess_tier, prove_credential
from prover.profile import Profile
from tierproof.documents import CredentialFile
from tierproof.estimates import Estimate, TierEstimate
from tierproof.keys_folder import KeysFolder
from tierproof.memory import proving_bytes, require_memory
from tierproof.owner import VenueOwner
from verifier.key import VerifyingKey
from verifier.proof import ProofShape, parse_proof

if TYPE_CHECKING:
    from prover.vault import Identity

Progress = Callable[[str], None]


def binding_request(
    owner: VenueOwner, wallet: str, attestor_set: bytes, bound_day: int
) -> tuple[dict[str, Any], Consent]:
    """
    What a wallet signs to join an owner, an EIP-712 document that any wallet software shows and
    signs, and the owner's consent to it, for the attestors alone.
    """
    binding = owner.binding(address(wallet, "wallet").lower(), attestor_set, bound_day)
    return binding.document(), owner.consent(binding)


def check_attestation(
    attestation: Attestation,
    keys: KeysFolder,
    *,
    identity: Identity | None = None,
    policy: Policy | None = None,
) -> None:
    """
    All checks of an attestation against the setup, and where given the owner and the policy; raises
    Rejected.
    """
    attestations.check(
        attestation,
        keys.log_basis(attestation.size),
        keys.algebra,
        None if identity is None else identity.reveal(),
        srs_id=keys.setup.srs_id,
        attestor_set=None if policy is None else policy.attestor_set,
    )


def estimate(attestation: Attestation, policy: Policy, profile: Profile = Profile.FAST) -> Estimate:
    """
    Which tiers of a policy a history meets, and what proving would cost with keys of a profile.

    Raises
    ------
    Refused
        `refused.window`, `refused.rules`: made for another window, or by other documents than the
        policy accepts; `refused.oracle.*` for a history that no proof can show.
    """
    _require_made_for(policy, attestation)
    tiers = tuple(TierEstimate(tier.name, assess_tier(attestation, tier)) for tier in policy.tiers)
    return Estimate(attestation, tiers, profile)


def _require_made_for(policy: Policy, attestation: Attestation) -> None:
    """What every verifier would refuse is said before the work."""
    leaf = attestation.leaf
    if (leaf.first_day, leaf.last_day) != (policy.first_day, policy.last_day):
        raise Refused("refused.window", "attestation: its window is not the policy's")
    if not policy.accepts(attestation.files, attestation.feed):
        wanted = [name for name, _ in policy.documents.files]
        wanted += [f"feed/{policy.index}"] if policy.index else []
        raise Refused(
            "refused.rules",
            "attestation: made by other documents than the policy accepts; it wants "
            f"{', '.join(wanted) or 'no margin document'}",
        )


def prove(
    attestation: Attestation,
    identity: Identity,
    policy: Policy,
    tier: str,
    *,
    account: str,
    place: Place,
    keys: KeysFolder,
    profile: Profile = Profile.FAST,
    progress: Progress = lambda _: None,
) -> CredentialFile:
    """
    Check the attestation in full, then prove with the folder's key of the profile: the one that the
    verifier has.

    Raises
    ------
    TierNotMet
        `refused.tier`: which thresholds fail and by how much, for the owner's eyes.
    Rejected
        `rejected.attestation.*`, `rejected.path`, `rejected.quorum`: the attestation does not hold.
    Refused
        `refused.window`, `refused.rules` as `estimate`; `refused.memory`: too little for the class;
        and as `prover.credential.prove_credential`.
    """
    account = address(account, "account").lower()
    _require_made_for(policy, attestation)
    index = [each.name for each in policy.tiers].index(policy.tier(tier).name)
    assess_tier(attestation, policy.tier(tier)).require(tier)  # the cheap answer first
    require_memory(
        f"proving class {attestation.size}", proving_bytes(attestation.size, profile.slots)
    )
    progress("0 attestation and keys")
    check_attestation(attestation, keys, identity=identity, policy=policy)
    key = keys.proving_key(attestation.size, profile)
    made = prove_credential(
        key,
        attestation,
        identity.reveal(),
        policy,
        tier,
        account=int(account, 16),
        scope=place.scope(policy.series.id),
        algebra=keys.algebra,
        progress=progress,
    )
    return CredentialFile(
        size=made.size,
        srs_id=key.verifying.srs_id,
        key_digest=key.verifying.digest,
        policy_id=policy.policy_id,
        tier=index,
        root=made.statement[0],
        nullifier=made.statement[1],
        account=account,
        chain_id=place.chain_id,
        registry=place.registry,
        proof=made.proof,
    )


def inspect(
    credential: CredentialFile, *, key: VerifyingKey, policy: Policy | None = None
) -> dict[str, Any]:
    """
    Exactly what a verifier, and everybody who sees the transaction, learns from a credential.

    Raises
    ------
    Malformed
        The proof is not one of this key's shape.
    Rejected
        `rejected.key`, `rejected.policy`: the credential names another key or policy.
    """
    if credential.key_digest != key.digest:
        raise Rejected("rejected.key", "credential: made for another verifying key")
    if policy is not None and credential.policy_id != policy.policy_id:
        raise Rejected("rejected.policy", "credential: made for another policy")
    shape = ProofShape.of(key.circuit, key.slots)
    parsed = parse_proof(credential.proof, shape)
    learns: dict[str, Any] = {
        "class": credential.size,
        "at_most_records": CURRENT.capacity(credential.size),
        "root": hex32(credential.root),
        "nullifier": hex32(credential.nullifier),
        "account": credential.account,
        "chain_id": credential.chain_id,
        "registry": credential.registry,
        "policy_id": "0x" + credential.policy_id.hex(),
        "tier": credential.tier,
    }
    if policy is not None:
        if credential.tier >= len(policy.tiers):
            raise Malformed("malformed.credential", "credential: tier: the policy has no such tier")
        tier = policy.tiers[credential.tier]
        learns["window"] = {
            "first_day": policy.as_json()["first_day"],
            "last_day": policy.as_json()["last_day"],
        }
        learns["tier_name"] = tier.name
        learns["shows_that"] = [
            f"M{metric} {METRIC_NAMES[metric]}" for metric in sorted(tier.thresholds.asked)
        ]
    points = 2 + 1 + len(parsed.stage1) + len(parsed.stage2) + (parsed.record is not None)
    return {
        "verifier_learns": learns,
        "verifier_does_not_learn": [
            "wallets and how many",
            "trades and how many (only the class's limit)",
            "any metric beyond its threshold",
            "profit, equity or flows",
            "the identity secret, or any credential of it in another series",
        ],
        "proof": {
            "bytes": len(credential.proof),
            "points": points,
            "scalars": len(parsed.values),
            "blinded": True,
        },
        "setup": {"srs_id": f"0x{key.srs_id:050x}", "status": key.setup_status},
    }


def write_json(path: Path, document: dict[str, Any]) -> None:
    """Whole or not at all."""
    write_atomic(path, json.dumps(document, indent=1).encode() + b"\n")

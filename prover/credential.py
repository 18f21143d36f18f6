"""
From an attested log to a credential: what the institution runs on its own machine
(docs/explanation/protocol.md 3, 5).

Everything that could make a proof fail is checked before the work starts, with an error that says
what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from algebra.errors import Malformed, Refused, TierproofError
from algebra.interface import Algebra, R
from algebra.poseidon2 import TAG_NULLIFIER, TAG_OWNER, hash_words
from circuits.credential.version import StatementVersion
from circuits.versions import CURRENT, version_named
from history.v2.feed import NO_FEED, Feed
from history.v2.oracle import Assessment, assess
from history.v2.record import Records
from policies.policy import Policy, Tier
from prover.blinding import Blinding, os_blinding
from prover.keys import ProvingKey, build_proving_key, vanishing_point
from prover.profile import Profile
from prover.prove import Progress, Witness, prove
from prover.setup import Setup
from prover.witness.versions import WITNESSES
from verifier.loader import StatementReader
from verifier.verify import verify


class LeafLike(Protocol):
    """What the prover reads of a leaf; `attestor.leaf.Leaf` is one."""

    owner_tag: int
    venue: int
    size_class: int
    srs_id: int
    commitment: tuple[int, int]
    wallets: int
    first_day: int
    last_day: int
    opening: int
    closing: int

    def words(self) -> list[int]:
        """The ten words that the leaf's digest takes, in its order, each in [0, r)."""


class Attested(Protocol):
    """What the prover reads of an attestation, which `attestor.attestation.check` has checked."""

    @property
    def leaf(self) -> Any:
        """A `LeafLike`."""

    @property
    def records(self) -> Records:
        """The log, in row order."""

    @property
    def index(self) -> int:
        """Place of the leaf in the tree, in [0, 2^20)."""

    @property
    def path(self) -> Sequence[int]:
        """The 20 siblings of the leaf, from the bottom up."""

    @property
    def root(self) -> int:
        """Root of the tree, in [0, r)."""

    @property
    def feed(self) -> int:
        """Digest of the window's market feed, as it was signed with the root, in [1, r)."""

    @property
    def market(self) -> Feed | None:
        """Weights and changes of the window whose digest `feed` is; None without an index."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A proof and the public words that it shows; nothing here is secret."""

    size: int
    statement: tuple[int, ...]
    proof: bytes


def credential_key(
    setup: Setup,
    n: int,
    algebra: Algebra,
    *,
    slots: int = Profile.FAST.slots,
    cache: Path | None = None,
    version: StatementVersion = CURRENT,
) -> ProvingKey:
    """
    The proving key of class n of a version on a setup; the window table is recomputed from
    [tau^n - 1]_1 each time.
    """
    circuit = version.circuit(n, vanishing_point(setup, n, algebra), setup.srs_id)
    return build_proving_key(circuit, setup, slots, algebra, cache=cache)


def statement_words(
    attested: Attested, secret: int, policy: Policy, tier: Tier, account: int, scope: int
) -> tuple[int, ...]:
    """
    The public words of a credential, in the order of the version's `words`.
    """
    nullifier = hash_words(TAG_NULLIFIER, [secret, scope])
    words = tier.thresholds.words()
    return (attested.root, nullifier, scope, account, policy.window, *words, attested.feed)


def assess_tier(attested: Attested, tier: Tier) -> Assessment:
    """The oracle's verdict on a tier, from the attested records."""
    leaf = attested.leaf
    return assess(
        attested.records,
        leaf.opening,
        leaf.closing,
        leaf.wallets,
        leaf.first_day,
        leaf.last_day,
        tier.thresholds,
        attested.market,
    )


def check_request(
    key: ProvingKey, attested: Attested, secret: int, policy: Policy, account: int
) -> None:
    """
    What can be said before proving.

    Raises
    ------
    Refused
        `refused.secret` (range), `refused.owner`, `refused.class`, `refused.setup`,
        `refused.window`, `refused.feed.digest`, `refused.account`.
    """
    leaf = attested.leaf
    if not 1 <= secret < R:
        raise Refused("refused.secret", "identity: the secret is out of range")
    if hash_words(TAG_OWNER, [secret, leaf.venue]) != leaf.owner_tag:
        raise Refused(
            "refused.owner", "attestation: it belongs to another identity; open the right vault"
        )
    if 1 << leaf.size_class != key.circuit.size:
        raise Refused(
            "refused.class",
            f"attestation: of class {1 << leaf.size_class}, the key is of class {key.circuit.size}",
            expected=1 << leaf.size_class,
            got=key.circuit.size,
        )
    if leaf.srs_id != key.verifying.srs_id:
        raise Refused("refused.setup", "attestation: made on another setup than this key")
    if (leaf.first_day, leaf.last_day) != (policy.first_day, policy.last_day):
        raise Refused(
            "refused.window", "attestation: its window is not the policy's",
            expected=(policy.first_day, policy.last_day), got=(leaf.first_day, leaf.last_day),
        )  # fmt: skip
    if attested.feed != (NO_FEED if attested.market is None else attested.market.digest()):
        raise Refused(
            "refused.feed.digest",
            "attestation: its market feed is not the one that was signed with the root",
        )
    if not 0 < account < 1 << 160:
        raise Refused("refused.account", "account: not an address of 20 bytes, or zero")


def prove_credential(
    key: ProvingKey,
    attested: Attested,
    secret: int,
    policy: Policy,
    tier_name: str,
    *,
    account: int,
    scope: int,
    algebra: Algebra,
    blinding: Blinding = os_blinding,
    progress: Progress = lambda _: None,
    unsafe_skip_checks: bool = False,
) -> Credential:
    """
    Prove that the attested history meets a tier.

    Parameters
    ----------
    secret : identity secret, in [1, R); never leaves this call.
    account : 160 bits, the account that will hold the terms.
    scope : digest of chain, registry and series, below 2^248.
    unsafe_skip_checks : tests only: go on with a history that does not meet the tier; no verifier
        accepts the proof.

    Raises
    ------
    TierNotMet
        `refused.tier`, with every threshold that fails and by how much: for the owner's eyes.
    Refused
        As `check_request`.
    Malformed
        `malformed.proving_key`: the proof does not verify, so the key is not what it should be.
    """
    tier = policy.tier(tier_name)
    assessment = assess_tier(attested, tier)
    if not unsafe_skip_checks:
        check_request(key, attested, secret, policy, account)
        assessment.require(tier_name)
    statement = statement_words(attested, secret, policy, tier, account, scope)
    proof = prove(
        key, credential_witness(key, attested, secret, scope, statement, assessment), statement,
        algebra=algebra, blinding=blinding, progress=progress,
    )  # fmt: skip
    if not unsafe_skip_checks:
        require_acceptance(key, statement, proof, algebra)
    return Credential(key.circuit.size, statement, proof)


def require_acceptance(
    key: ProvingKey, statement: Sequence[int], proof: bytes, algebra: Algebra
) -> None:
    """
    Keep back a proof that does not verify: made on a damaged or forged key, it may tell of the
    witness (prover/point_file.py).

    Raises
    ------
    Malformed
        `malformed.proving_key`.
    """
    try:
        verify(key.verifying, statement, proof, algebra=algebra)
    except TierproofError as error:
        raise Malformed(
            "malformed.proving_key",
            "keys: a proof made with them does not verify and was thrown away; the files of the "
            "keys "
            "folder are damaged or changed: delete it and run setup again",
        ) from error


def credential_witness(
    key: ProvingKey,
    attested: Attested,
    secret: int,
    scope: int,
    statement: Sequence[int],
    assessment: Assessment,
) -> Witness:
    """The witness of a statement, of the key's version."""
    circuit, leaf = key.circuit, attested.leaf
    if circuit.derive is None:
        raise TypeError("key: not a credential circuit")
    scalars = {
        name: value.number
        for name, value in circuit.derive(StatementReader(), statement, (0, 0)).items()
    }
    version = version_named(circuit.name)
    return WITNESSES[circuit.name](
        circuit=circuit,
        records=attested.records,
        rows=assessment.rows,
        sums=assessment.sums,
        leaf=leaf.words(),
        index=attested.index,
        path=attested.path,
        commitment=leaf.commitment,
        secret=secret,
        scope=scope,
        scalars=scalars,
        table=version.window_table(key.vanishing_point),
        metrics=version.metrics,
    )

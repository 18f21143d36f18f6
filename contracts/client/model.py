"""
What the registry speaks of beside the parties' own documents: a policy's registration, claims,
grants, and the chains that are for development.

The order of fields is that of `contracts/src/grants/Types.sol`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from algebra.errors import Malformed
from algebra.keccak import keccak
from history.v2.metrics.form import WORDS
from policies.abi import encode
from policies.address import address, check_address
from policies.policy import Policy

DEVELOPMENT_CHAINS = frozenset({31_337, 1_337, 131_277_322_940_537})
"""
Chain ids on which verifiers of any setup are allowed: anvil, hardhat, local networks, eth-tester.
"""

LEAST_NOTICE = 48 * 3_600
"""Seconds from what loosens, or an admin announces, to its effect; outside development chains."""

Signed = tuple[int, int, bytes]
"""A consent as the contract takes it: least last day, deadline, signature."""
NO_CONSENT: Signed = (0, 0, b"")

ACTS = ("first", "renewed", "recovered", "moved", "announced")
"""How a claim counts, as `Act` numbers it."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """
    What an attestor set may vouch for, for good.

    Attributes
    ----------
    least_initial_margin_bp : no tier of its series has a lower initial margin, basis points
    cap : nullifiers that one root may back, 1 .. 2^24 - 1
    """

    least_initial_margin_bp: int = 200
    cap: int = 1_000

    def as_tuple(self) -> tuple[int, int]:
        """As the registry's ABI takes them; Malformed (`malformed.word`)."""
        return (
            unsigned(self.least_initial_margin_bp, 16, "least initial margin"),
            unsigned(self.cap, 24, "cap"),
        )


@dataclass(frozen=True)
class PolicyRegistration:
    """
    A policy as `registerPolicy` takes it.

    Attributes
    ----------
    policy : the document; its id stands for it on chain
    verifiers : indices of the verifiers that may judge its proofs, at least one
    """

    policy: Policy
    verifiers: tuple[int, ...]

    def check(self) -> None:
        """
        Known before anything is paid for.

        Raises
        ------
        Refused
            `refused.policy.*`: the registry would refuse the policy, or no proof could serve it.
        Malformed
            `malformed.word`: no call can carry it.
        """
        self.policy.check_registrable()
        for index in self.verifiers:
            unsigned(index, 8, "verifier")

    def as_tuple(self) -> tuple[object, ...]:
        """As the registry's ABI takes it."""
        policy = self.policy
        return (
            policy.policy_id,
            policy.series.id,
            policy.first_day,
            policy.last_day,
            list(self.verifiers),
            [(list(tier.thresholds.words()), tier.terms.as_tuple()) for tier in policy.tiers],
        )


@dataclass(frozen=True, slots=True)
class Roles:
    """
    Who holds the roles of a registry; on a real chain admin and governor are timelocks.
    `admin_delay` is the seconds between what the admin announces and does.
    """

    admin: str
    governor: str
    guardian: str
    admin_delay: int = 0

    def check(self) -> None:
        """Malformed (`malformed.address`, `malformed.word`): nobody's, or no call can carry it."""
        for name in ("admin", "governor", "guardian"):
            check_address(address(getattr(self, name), name).lower(), name)
        unsigned(self.admin_delay, 32, "admin_delay")


@dataclass(frozen=True)
class Claim:
    """
    A tier for an account, as `onboard` takes it.

    Attributes
    ----------
    policy_id : 32 bytes
    tier : index in the policy
    verifier : index in the registry
    root, nullifier : public words of the proof
    account : gets the terms
    thresholds : the tier's words t0..t4
    """

    policy_id: bytes
    tier: int
    verifier: int
    root: int
    nullifier: int
    account: str
    thresholds: Sequence[int]
    proof: bytes

    def as_tuple(self) -> tuple[object, ...]:
        """
        As the registry's ABI takes it.

        Raises
        ------
        Malformed
            `malformed.thresholds`, `malformed.word`, `malformed.address`, `malformed.digest`: no
            call can carry it.
        """
        if len(self.thresholds) != WORDS:
            raise Malformed(
                "malformed.thresholds", f"{len(self.thresholds)} threshold words instead of {WORDS}"
            )
        return (
            digest32(self.policy_id, "policy_id"),
            unsigned(self.tier, 8, "tier"),
            unsigned(self.verifier, 8, "verifier"),
            unsigned(self.root, 256, "root"),
            unsigned(self.nullifier, 256, "nullifier"),
            address(self.account, "account"),
            [unsigned(word, 256, "thresholds") for word in self.thresholds],
            self.proof,
        )


@dataclass(frozen=True)
class Granted:
    """
    What came of a claim.

    Attributes
    ----------
    act : one of `ACTS`
    account : who holds the tier, or is to
    nullifier : of the claim
    expiry : first Unix second without the grant; None where a move was announced
    ready_at : first Unix second at which an announced move counts; None otherwise
    gas_used : of the whole transaction
    transaction : its hash
    """

    act: str
    account: str
    nullifier: int
    expiry: int | None
    ready_at: int | None
    gas_used: int
    transaction: str


def thresholds_hash(words: Sequence[int]) -> bytes:
    """keccak256(abi.encode(thresholds)): all that the registry keeps of a tier's words t0..t4."""
    return keccak(encode(*words))


def digest32(value: bytes, what: str) -> bytes:
    """`value` if it is 32 bytes; Malformed `malformed.digest` otherwise."""
    if not isinstance(value, bytes) or len(value) != 32:
        raise Malformed("malformed.digest", f"{what} is not 32 bytes", part=what)
    return value


def unsigned(value: int, bits: int, what: str) -> int:
    """`value` if it is a number of so many bits; Malformed `malformed.word` otherwise."""
    if not 0 <= value < 1 << bits:
        raise Malformed(
            "malformed.word", f"{what} is not an unsigned number of {bits} bits", part=what
        )
    return value

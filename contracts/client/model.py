"""
What the registry speaks of beside the parties' own documents: a policy's registration, grants, and
the chains that are for development.

The order of fields is that of `contracts/src/registry/ITierRegistry.sol`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from algebra.errors import Malformed
from algebra.keccak import keccak
from policies.abi import encode
from policies.address import address
from policies.policy import Policy
from verifier.ceremonies import ceremony_ids

DEVELOPMENT_CHAINS = frozenset({31_337, 1_337, 131_277_322_940_537})
"""
Chain ids on which verifiers of any setup are allowed: anvil, hardhat, local networks, eth-tester.
"""


@dataclass(frozen=True)
class PolicyRegistration:
    """
    A policy as `registerPolicy` takes it.

    Attributes
    ----------
    policy : the document; its id stands for it on chain
    verifier : contract that checks the proofs
    min_epoch_seconds : least length of an epoch, 0 .. 2^32 - 1
    """

    policy: Policy
    verifier: str
    min_epoch_seconds: int

    def check(self) -> None:
        """
        Known before anything is paid for.

        Raises
        ------
        Refused
            `refused.policy.*`: the registry would refuse the policy, or no proof could serve it.
        Malformed
            `malformed.address`, `malformed.word`: no call can carry it.
        """
        self.policy.check_registrable()
        address(self.verifier, "verifier")
        unsigned(self.min_epoch_seconds, 32, "min_epoch_seconds")

    def as_tuple(self) -> tuple[object, ...]:
        """As the registry's ABI takes it."""
        policy = self.policy
        return (
            policy.policy_id,
            policy.attestor_set,
            policy.first_day,
            policy.last_day,
            address(self.verifier, "verifier"),
            self.min_epoch_seconds,
            [(list(tier.thresholds.words()), tier.terms.as_tuple()) for tier in policy.tiers],
        )


@dataclass(frozen=True, slots=True)
class Roles:
    """
    Addresses of the registry's roles; on a real chain admin and governor are timelocks.
    `admin_delay` is the seconds that a new admin waits before it takes over.
    """

    admin: str
    governor: str
    guardian: str
    admin_delay: int = 0

    def arguments(self) -> tuple[object, ...]:
        """What the registry's constructor takes: the roles, and the known ceremonies."""
        names = ("admin", "governor", "guardian")
        holders = [address(getattr(self, name), name) for name in names]
        return (*holders, self.admin_delay, ceremony_ids())


@dataclass(frozen=True)
class Granted:
    """
    The event of a successful `onboard`; `expiry` in Unix seconds, `gas_used` of the whole
    transaction.
    """

    account: str
    policy_id: bytes
    nullifier: int
    tier: int
    epoch: int
    root: int
    expiry: int
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

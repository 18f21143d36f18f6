"""
What the registry speaks of: roots, terms, tiers, policies, grants, and the digests both sides
compute.

The order of fields is that of `contracts/src/registry/ITierRegistry.sol`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eth_abi.abi import encode
from eth_utils.address import is_hex_address, to_canonical_address, to_checksum_address
from eth_utils.crypto import keccak

from algebra.errors import Malformed

DAY_LIMIT = 1 << 24
"""Days since 1970-01-01 UTC travel in 24 bits."""
DEVELOPMENT_CHAINS = frozenset({31_337, 1_337, 131_277_322_940_537})
"""
Chain ids on which insecure verifiers are allowed: anvil and hardhat, local networks, eth-tester.
"""
WORDS = 4
"""Threshold words of a tier, 252 bits each."""


@dataclass(frozen=True)
class SignedRoot:
    """What attestors sign: days inclusive, `valid_until` in Unix seconds, inclusive."""

    root: int
    attestor_set: bytes
    first_day: int
    last_day: int
    valid_until: int

    def as_tuple(self) -> tuple[int, bytes, int, int, int]:
        return (self.root, self.attestor_set, self.first_day, self.last_day, self.valid_until)


@dataclass(frozen=True)
class Terms:
    """
    Margins in basis points, fees in 1/100 basis point (maker < 0: rebate), leverage in multiples,
    seconds.
    """

    initial_margin_bp: int
    maintenance_margin_bp: int
    taker_fee_centi_bp: int
    maker_fee_centi_bp: int
    max_leverage: int
    validity: int

    def as_tuple(self) -> tuple[int, int, int, int, int, int]:
        return (
            self.initial_margin_bp,
            self.maintenance_margin_bp,
            self.taker_fee_centi_bp,
            self.maker_fee_centi_bp,
            self.max_leverage,
            self.validity,
        )


@dataclass(frozen=True)
class Tier:
    """Threshold words t0..t3 and the terms of who meets them."""

    thresholds: tuple[int, int, int, int]
    terms: Terms

    @property
    def thresholds_hash(self) -> bytes:
        """keccak256(abi.encode(thresholds)): all that the registry keeps of them."""
        return bytes(keccak(encode([f"uint256[{WORDS}]"], [self.thresholds])))


@dataclass(frozen=True)
class Policy:
    """A policy to register; `policy_id` is the digest of its document."""

    policy_id: bytes
    attestor_set: bytes
    first_day: int
    last_day: int
    verifier: str
    min_epoch_seconds: int
    tiers: tuple[Tier, ...]

    def as_tuple(self) -> tuple[object, ...]:
        return (
            self.policy_id,
            self.attestor_set,
            self.first_day,
            self.last_day,
            self.verifier,
            self.min_epoch_seconds,
            [(list(tier.thresholds), tier.terms.as_tuple()) for tier in self.tiers],
        )


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


def digest32(value: bytes, what: str) -> bytes:
    """`value` if it is 32 bytes; Malformed `malformed.digest` otherwise."""
    if not isinstance(value, bytes) or len(value) != 32:
        raise Malformed("malformed.digest", f"{what} is not 32 bytes", part=what)
    return value


def address(value: str, what: str) -> str:
    """
    Checksummed form of an address; Malformed `malformed.address` otherwise (a wrong checksum
    included).
    """
    if not isinstance(value, str) or not is_hex_address(value) or not value.startswith("0x"):
        raise Malformed(
            "malformed.address",
            f"{what} is not an address of 20 bytes (0x and 40 hexadecimal digits)",
            part=what,
        )
    checksummed = to_checksum_address(value)
    digits = value[2:]
    if value != checksummed and digits != digits.lower() and digits != digits.upper():
        raise Malformed(
            "malformed.address", f"{what}: the checksum of the address does not match", part=what
        )
    return str(checksummed)


def attestor_set_id(members: Sequence[str], threshold: int) -> bytes:
    """
    keccak256(abi.encode(address[] members, uint256 threshold)), members in strictly ascending
    order.

    Raises
    ------
    Malformed
        `malformed.attestors`: empty, not ascending, or a threshold that is not 1 to the number of
        members: a set that the registry would refuse has no identifier.
    """
    checked = [address(member, "member") for member in members]
    keys = [to_canonical_address(member) for member in checked]
    if not keys or any(low >= high for low, high in zip([bytes(20), *keys], keys, strict=False)):
        raise Malformed(
            "malformed.attestors", "members must be nonzero addresses in strictly ascending order"
        )
    if not 1 <= threshold <= len(keys):
        raise Malformed(
            "malformed.attestors",
            f"threshold {threshold} of {len(keys)} members",
            threshold=threshold,
        )
    return bytes(keccak(encode(["address[]", "uint256"], [checked, threshold])))


def scope_of(chain_id: int, registry: str, epoch: int, policy_id: bytes) -> int:
    """
    uint256(keccak256(abi.encode(chain_id, registry, epoch, policy_id))) >> 8: 248 bits, below the
    field's order.
    """
    words = [chain_id, address(registry, "registry"), epoch, digest32(policy_id, "policy_id")]
    return (
        int.from_bytes(keccak(encode(["uint256", "address", "uint256", "bytes32"], words)), "big")
        >> 8
    )


def window_word(first_day: int, last_day: int) -> int:
    """
    first_day + 2^24 last_day; Malformed `malformed.window` unless 0 <= first_day <= last_day <
    2^24.
    """
    if not 0 <= first_day <= last_day < DAY_LIMIT:
        raise Malformed("malformed.window", f"not a window of days: {first_day}..{last_day}")
    return first_day + DAY_LIMIT * last_day

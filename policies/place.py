"""Where a credential counts: a registry on a chain, an epoch there, and the scope they make."""

from __future__ import annotations

from dataclasses import dataclass

from algebra.errors import Malformed
from algebra.keccak import keccak
from policies.abi import WORD_LIMIT, encode
from policies.address import address, check_address
from policies.signed_root import RootDomain

ADDRESS_LIMIT = 1 << 160
"""An address as a number is below it."""
EPOCH_LIMIT = 1 << 40
"""The registry counts epochs in 40 bits."""


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where terms are granted: a registry on a chain, and the policy's epoch there.

    Attributes
    ----------
    chain_id : 1 .. 2^256 - 1
    registry : address, not zero; any right spelling is taken, and kept in lower case
    epoch : 0 .. 2^40 - 1

    Raises
    ------
    Malformed
        `malformed.place`: chain id or epoch out of range. `malformed.address`: the registry.
    """

    chain_id: int
    registry: str
    epoch: int

    def __post_init__(self) -> None:
        registry = address(self.registry, "place: registry").lower()
        check_address(registry, "place: registry")
        object.__setattr__(self, "registry", registry)
        if not 0 < self.chain_id < WORD_LIMIT:
            raise Malformed("malformed.place", "place: chain id out of range", part="chain_id")
        if not 0 <= self.epoch < EPOCH_LIMIT:
            raise Malformed("malformed.place", "place: epoch out of range", part="epoch")

    @property
    def domain(self) -> RootDomain:
        """What roots for this registry are signed for."""
        return RootDomain(self.chain_id, self.registry)

    def scope(self, policy_id: bytes) -> int:
        """
        keccak256(abi.encode(uint256 chain_id, address registry, uint256 epoch, bytes32 policy_id))
        >> 8: 248 bits, so below the field's order.

        Raises
        ------
        Malformed
            `malformed.word`: `policy_id` is not 32 bytes.
        """
        encoded = encode(self.chain_id, int(self.registry, 16), self.epoch, policy_id)
        return int.from_bytes(keccak(encoded)) >> 8

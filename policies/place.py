"""Where a credential counts: a registry on a chain, and the scope that it and a series make."""

from __future__ import annotations

from dataclasses import dataclass

from algebra.errors import Malformed
from algebra.keccak import keccak
from policies.abi import WORD_LIMIT, encode
from policies.address import address, check_address
from policies.signed_root import RootDomain

ADDRESS_LIMIT = 1 << 160
"""An address as a number is below it."""
SUBJECT_BYTES = 7


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where terms are granted: a registry on a chain.

    Attributes
    ----------
    chain_id : 1 .. 2^256 - 1
    registry : address, not zero; any right spelling is taken, and kept in lower case

    Raises
    ------
    Malformed
        `malformed.place`: chain id out of range. `malformed.address`: the registry.
    """

    chain_id: int
    registry: str

    def __post_init__(self) -> None:
        registry = address(self.registry, "place: registry").lower()
        check_address(registry, "place: registry")
        object.__setattr__(self, "registry", registry)
        if not 0 < self.chain_id < WORD_LIMIT:
            raise Malformed("malformed.place", "place: chain id out of range", part="chain_id")

    @property
    def domain(self) -> RootDomain:
        """What roots for this registry are signed for."""
        return RootDomain(self.chain_id, self.registry)

    def scope(self, series_id: bytes) -> int:
        """
        keccak256(abi.encode(uint256 chain_id, address registry, bytes32 series_id)) >> 8: 248 bits,
        so below the field's order.

        Raises
        ------
        Malformed
            `malformed.word`: `series_id` is not 32 bytes.
        """
        encoded = encode(self.chain_id, int(self.registry, 16), series_id)
        return int.from_bytes(keccak(encoded)) >> 8

    def subject(self, series_id: bytes, nullifier: int) -> int:
        """
        Who stands behind a grant: the last 56 bits of
        keccak256(abi.encode(uint256 scope, uint256 nullifier)).

        Raises
        ------
        Malformed
            `malformed.word`: `series_id` is not 32 bytes, or the nullifier has more than 256 bits.
        """
        encoded = encode(self.scope(series_id), nullifier)
        return int.from_bytes(keccak(encoded)[-SUBJECT_BYTES:])

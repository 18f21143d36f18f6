"""
A set of attestors: one id for all its life, members that change by generation
(docs/explanation/attestation.md 3.2, docs/decisions/0015).

    id = keccak256(abi.encode(keccak256(name), members, threshold)), of the first generation
    Generation{attestorSet, generation, members, threshold}, signed by k of n of the one before
    domain: "Tierproof Attestors", "1"

The id says who governs the set: its first members, and whoever they hand it over to. So nobody can
register other people under the id of a set that bindings and policies name, on no registry, and a
lost key is replaced without a new binding. The domain names no chain: a set is the same everywhere.
Signing and recovering are `attestor.generations`'; the registry contract asks the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from algebra.errors import Malformed
from algebra.keccak import keccak
from policies.abi import encode
from policies.address import address, check_address
from policies.rules import SET_RULES, check
from policies.typed_data import TypedMessage, typed_message

DOMAIN = {"name": "Tierproof Attestors", "version": "1"}
TYPES = {
    "Generation": [
        {"name": "attestorSet", "type": "bytes32"},
        {"name": "generation", "type": "uint32"},
        {"name": "members", "type": "address[]"},
        {"name": "threshold", "type": "uint256"},
    ]
}
MAX_GENERATIONS = 1_000
"""Of a document; one generation a week for twenty years."""
NAME = r"[A-Za-z0-9@._:/-]{1,64}"
_NAME = re.compile(NAME, re.ASCII)


@dataclass(frozen=True, slots=True)
class Generation:
    """
    Addresses, lower case and ascending, of which `threshold` must sign; Malformed
    (`malformed.attestor_set`, `malformed.address`) for what the registry would not take.

    `handover` are the signatures of the generation before, ascending by signer; of the first, none.
    """

    members: tuple[str, ...]
    threshold: int
    handover: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        for member in self.members:
            check_address(member, "attestor set: member")
        check(SET_RULES, self, "attestor set")

    @classmethod
    def of(cls, members: Sequence[str], threshold: int) -> Generation:
        """
        From addresses in any order, lower-case or checksummed; Malformed (`malformed.address`,
        `malformed.attestor_set`).
        """
        plain = (address(member, "attestor set: member").lower() for member in members)
        return cls(tuple(sorted(plain)), threshold)


@dataclass(frozen=True, slots=True)
class AttestorSet:
    """
    A set as it is in its last generation: the document that travels with what it signs.

    Attributes
    ----------
    name : 1 to 64 of ASCII letters, digits and @._:/-; part of the id, and no proof of anything
    generations : from the first on; `attestor.generations.check_handovers` asks their signatures

    Malformed (`malformed.attestor_set`): no name, no or too many generations, a first one that was
    handed over, or a later one that was not.
    """

    name: str
    generations: tuple[Generation, ...]

    def __post_init__(self) -> None:
        if _NAME.fullmatch(self.name) is None:
            raise _malformed("name: 1 to 64 letters, digits or @._:/- wanted")
        if not 1 <= len(self.generations) <= MAX_GENERATIONS:
            raise _malformed(f"generations: 1 to {MAX_GENERATIONS} wanted")
        if any(bool(each.handover) != (i > 0) for i, each in enumerate(self.generations)):
            raise _malformed("generations: all but the first have signatures of the one before")

    @classmethod
    def of(cls, members: Sequence[str], threshold: int, name: str = "attestors") -> AttestorSet:
        """A new set, from addresses in any order; Malformed as `Generation.of`."""
        return cls(name, (Generation.of(members, threshold),))

    @property
    def salt(self) -> bytes:
        """keccak256(name), 32 bytes: what tells sets of the same first members apart."""
        return keccak(self.name.encode())

    @property
    def id(self) -> bytes:
        """keccak256(abi.encode(bytes32 salt, address[] members, uint256 threshold)), 32 bytes."""
        first = self.generations[0]
        numbers = [int(member, 16) for member in first.members]
        # the list stands behind the three words of the head, by its length and its items
        salt = int.from_bytes(self.salt)
        return keccak(encode(salt, 96, first.threshold, len(numbers), *numbers))

    @property
    def generation(self) -> int:
        """Number of the last generation, from 1."""
        return len(self.generations)

    @property
    def members(self) -> tuple[str, ...]:
        """Of the last generation."""
        return self.generations[-1].members

    @property
    def threshold(self) -> int:
        """Of the last generation."""
        return self.generations[-1].threshold

    def until(self, generation: int) -> AttestorSet:
        """The set as it was in that generation, 1..`self.generation`."""
        return AttestorSet(self.name, self.generations[:generation])

    def follows(self, other: AttestorSet) -> bool:
        """Whether this is that set, perhaps in a later generation."""
        return self.id == other.id and self.generations[: other.generation] == other.generations

    def message(self, following: Generation) -> TypedMessage:
        """What k of n of the last generation sign so that `following` takes over."""
        return typed_message(
            DOMAIN,
            TYPES,
            {
                "attestorSet": self.id,
                "generation": self.generation + 1,
                "members": following.members,
                "threshold": following.threshold,
            },
        )


def _malformed(reason: str) -> Malformed:
    return Malformed("malformed.attestor_set", f"attestor set: {reason}")

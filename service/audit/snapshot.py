"""A log outside its database: what an export holds and a verifier reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from algebra.errors import Malformed
from algebra.keccak import keccak
from policies.abi import WORD_LIMIT
from policies.address import check_address
from service.audit.checkpoint import MOST_ENTRIES, Checkpoint
from service.audit.note import Note

SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Anchor:
    """
    A salted hash of a checkpoint that was sent to an `AuditAnchor`.

    Attributes
    ----------
    chain_id, contract : where; the address in lower case
    sender : whose log it is there, an address in lower case
    size : of the checkpoint
    salt : 32 bytes from the system: who guesses the entries cannot confirm his guess by the hash

    Raises
    ------
    Malformed
        `malformed.audit_log`, `malformed.address`.
    """

    chain_id: int
    contract: str
    sender: str
    size: int
    salt: bytes

    def __post_init__(self) -> None:
        check_address(self.contract, "anchor: contract")
        check_address(self.sender, "anchor: sender")
        numbers = 0 < self.chain_id < WORD_LIMIT and type(self.size) is int
        if not numbers or not 0 < self.size < MOST_ENTRIES or len(self.salt) != SALT_BYTES:
            raise Malformed("malformed.audit_log", "anchor: a number out of range, or its salt")

    def digest(self, checkpoint: Checkpoint) -> bytes:
        """What stands on chain: keccak256(salt || the checkpoint's three lines)."""
        return keccak(self.salt + checkpoint.text().encode())


@dataclass(frozen=True, slots=True)
class Head:
    """
    What an `AuditAnchor` holds of a log now, by the chain's word.

    Attributes
    ----------
    chain_id, contract, sender : as `Anchor` has them
    size : of the last checkpoint that was anchored; 0 for none
    digest : its salted hash, 32 bytes
    """

    chain_id: int
    contract: str
    sender: str
    size: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """
    Attributes
    ----------
    entries : the bytes of each, in order
    checkpoints : notes, the smallest first
    anchors : that were sent, by whatever the log's owner remembers
    """

    entries: Sequence[bytes]
    checkpoints: Sequence[Note]
    anchors: Sequence[Anchor] = ()

    def anchor_of(self, head: Head) -> Anchor | None:
        """The anchor that made a head, if the log remembers it."""
        made = (head.chain_id, head.contract, head.sender, head.size)
        for each in self.anchors:
            if (each.chain_id, each.contract, each.sender, each.size) == made:
                return each
        return None

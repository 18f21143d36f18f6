"""How deep in the chain what is reported must stand, and how deep it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

INCLUSION_SECONDS = 180
FINALIZED_SECONDS = 1_800
"""Mainnet finalises a block after some 13 minutes, if all goes well."""


@dataclass(frozen=True)
class Finality:
    """
    What is waited for.

    Attributes
    ----------
    confirmations : blocks from the one that holds a transaction to the newest, both counted; at
        least 1
    finalized : until the node calls the block `finalized`; a reorganisation does not undo it then
    seconds : before giving up; None for 180, or 1,800 where it must be finalized
    """

    confirmations: int = 1
    finalized: bool = False
    seconds: float | None = None

    @property
    def patience(self) -> float:
        """Seconds before giving up."""
        if self.seconds is not None:
            return self.seconds
        return FINALIZED_SECONDS if self.finalized else INCLUSION_SECONDS


@dataclass(frozen=True)
class Included:
    """
    A transaction in its block, as the node saw it last.

    Attributes
    ----------
    transaction, block_hash : 0x hexadecimal
    confirmations : as in `Finality`
    finalized : whether the block is; None where the node does not know the word
    """

    transaction: str
    block: int
    block_hash: str
    gas_used: int
    confirmations: int
    finalized: bool | None

    @classmethod
    def of(cls, receipt: Any, head: int, finalized: int | None) -> Included:
        """From a receipt, the number of the newest block and that of the newest finalized one."""
        block = int(receipt["blockNumber"])
        return cls(
            transaction="0x" + bytes(receipt["transactionHash"]).hex(),
            block=block,
            block_hash="0x" + bytes(receipt["blockHash"]).hex(),
            gas_used=int(receipt["gasUsed"]),
            confirmations=max(1, head - block + 1),
            finalized=None if finalized is None else block <= finalized,
        )

    def meets(self, finality: Finality) -> bool:
        """Whether it stands as deep as asked for."""
        deep = self.confirmations >= finality.confirmations
        return deep and (self.finalized is True or not finality.finalized)

"""A chain in memory, and a node of it that can be told to lie."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from contracts.client.blocks import Block, TooMuch
from contracts.client.logs import Log
from tests.service.follower.life import Said

BORN = 1_700_000_000
SECONDS = 12


def _hash(*parts: object) -> str:
    return "0x" + hashlib.sha256(repr(parts).encode()).hexdigest()


@dataclass
class FakeChain:
    """
    Attributes
    ----------
    final : number of the last final block; None: the node has no word for it
    id : as the node tells it
    shown : number of the newest block that the node shows; None: all
    most_blocks, most_logs : that it hands out at once
    born : first block after which there is code; None: it has forgotten
    down : what it raises, whatever it is asked
    """

    id: int
    blocks: list[Block] = field(default_factory=list)
    logs: list[list[Log]] = field(default_factory=list)
    final: int | None = 0
    shown: int | None = None
    most_blocks: int = 1 << 30
    most_logs: int = 1 << 30
    born: int | None = 1
    down: Exception | None = None
    asked: list[str] = field(default_factory=list)
    forks: int = 0

    def __post_init__(self) -> None:
        self.mine(())

    # -- the chain ---------------------------------------------------------------------------------
    def mine(self, said: Sequence[Said], seconds: int = SECONDS) -> Block:
        """A block that holds this."""
        number = len(self.blocks)
        parent = self.blocks[-1].hash if self.blocks else "0x" + "00" * 32
        time = (self.blocks[-1].time if self.blocks else BORN) + seconds
        digest = _hash(parent, number, time, self.forks, said)
        block = Block(number, digest, parent, time)
        self.blocks.append(block)
        self.logs.append(
            [
                Log(number, digest, i, each.address, each.topics, each.data, _hash(each, i))
                for i, each in enumerate(said)
            ]
        )
        return block

    def fork(self, number: int) -> None:
        """Blocks after this one never were."""
        del self.blocks[number + 1 :], self.logs[number + 1 :]
        self.forks += 1

    # -- the node ----------------------------------------------------------------------------------
    @property
    def _newest(self) -> int:
        return len(self.blocks) - 1 if self.shown is None else self.shown

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.down is not None:
            raise self.down

    def chain_id(self) -> int:
        self._ask("chain_id")
        return self.id

    def head(self) -> Block:
        self._ask("head")
        return self.blocks[self._newest]

    def finalized(self) -> Block | None:
        self._ask("finalized")
        return None if self.final is None else self.blocks[min(self.final, self._newest)]

    def block(self, number: int) -> Block | None:
        self._ask(f"block {number}")
        return self.blocks[number] if number <= self._newest else None

    def logs_between(self, first: int, last: int) -> list[Log]:
        self._ask(f"logs {first}..{last}")
        found = [log for logs in self.logs[first : last + 1] for log in logs]
        if last - first + 1 > self.most_blocks or len(found) > self.most_logs:
            raise TooMuch("query returned more than 10000 results")
        return found

    def logs_of(self, block: Block) -> list[Log] | None:
        self._ask(f"logs of {block.number}")
        if block.number > self._newest or self.blocks[block.number] != block:
            return None
        return self.logs[block.number]

    def has_code(self, address: str, number: int) -> bool | None:
        self._ask(f"code at {number}")
        return None if self.born is None else number >= self.born

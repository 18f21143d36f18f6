"""What the follower asks a node, and what of the answers it goes on with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from algebra.errors import Refused, Unavailable
from contracts.client.blocks import Block, TooMuch
from contracts.client.logs import Log
from service.follower.settings import FollowerSettings


class Node(Protocol):
    """As `contracts.client.blocks.Blocks`."""

    def chain_id(self) -> int:
        """By the node's own word, now."""

    def head(self) -> Block:
        """The newest block."""

    def finalized(self) -> Block | None:
        """The newest final block; None where the node has no word for it."""

    def block(self, number: int) -> Block | None:
        """The block of a number; None where the node has none yet."""

    def logs_between(self, first: int, last: int) -> list[Log]:
        """In these blocks, both included; `TooMuch` asks for fewer."""

    def logs_of(self, block: Block) -> list[Log] | None:
        """In a block; None where the node has it no longer."""

    def has_code(self, address: str, number: int) -> bool | None:
        """Whether there is code after a block; None where the node has forgotten."""


@dataclass(frozen=True, slots=True)
class Told:
    """The newest block and the newest final one, by a node's word."""

    head: Block
    final: Block


@dataclass(frozen=True, slots=True)
class Stretch:
    """
    Blocks that follow one that is known.

    Attributes
    ----------
    blocks : those that are kept, ascending; the last one is the new head
    logs : with the second of each one's block, in order
    """

    blocks: Sequence[Block]
    logs: Sequence[tuple[Log, int]]


class Moved(Exception):
    """The chain was reorganised between two questions, or two nodes answered: ask anew."""


class Asking:
    """
    Parameters
    ----------
    node : whose word is taken
    chain_id : of the place
    settings : spans and what counts as final
    """

    def __init__(self, node: Node, chain_id: int, settings: FollowerSettings) -> None:
        self.node, self.chain_id, self.settings = node, chain_id, settings
        self._span = settings.span

    def told(self) -> Told:
        """
        Head and final block, now.

        Raises
        ------
        Refused
            `refused.follower_chain`: the node is of another chain; `refused.finalized`: it has no
            word for what is final, and no number of confirmations is set.
        Unavailable
            `unavailable.node`.
        """
        chain_id = self.node.chain_id()
        if chain_id != self.chain_id:
            raise Refused(
                "refused.follower_chain",
                f"the node is of chain {chain_id}, the registry is on chain {self.chain_id}",
            )
        head, confirmations = self.node.head(), self.settings.confirmations
        if confirmations is None:
            final = self.node.finalized()
            if final is None:
                raise Refused(
                    "refused.finalized", f"the node of chain {chain_id} finalizes no block"
                )
        else:
            final = head if confirmations == 0 else self.at(max(0, head.number - confirmations))
        if final.number > head.number:
            raise Unavailable("unavailable.node", "the node's final block is above its newest one")
        return Told(head, final)

    def at(self, number: int) -> Block:
        """The block of a number; Moved where the node has none yet."""
        found = self.node.block(number)
        if found is None:
            raise Moved(f"block {number} is not there yet")
        return found

    def before_birth(self, authority: str, told: Told) -> Block:
        """
        A final block before the one that made the authority, by bisection; the first block of the
        chain where the node has forgotten old states. Nothing of it has to be read.
        """
        if self.settings.start_block is not None:
            return self.at(min(self.settings.start_block - 1, told.final.number))
        there = self.node.has_code(authority, told.final.number)
        if there is False:
            return told.final
        low, high = 0, told.final.number  # at `high` there is code, or nobody knows
        while there is not None and high - low > 1:
            middle = (low + high) // 2
            there = self.node.has_code(authority, middle)
            low, high = (low, middle) if there else (middle, high)
        return self.at(0 if there is None else low)

    def after(self, known: Block, told: Told) -> Stretch:
        """
        The next blocks after a known one, none if it is the head: many final ones at once, later
        ones block by block, each one's parent compared. Raises Moved, `unavailable.node`.
        """
        if known.number < told.final.number:
            return self._final(known.number + 1, told.final)
        return self._recent(known, told.head)

    # -- inside ------------------------------------------------------------------------------------
    def _final(self, first: int, final: Block) -> Stretch:
        while True:
            last = min(final.number, first + self._span - 1)
            try:
                logs = self.node.logs_between(first, last)
            except TooMuch as error:
                if first == last:
                    raise Unavailable(
                        "unavailable.node", f"the node gives no logs of block {first}: {error}"
                    ) from None
                self._narrow(last - first + 1)
                continue
            if len(logs) > self.settings.batch_events and first < last:
                self._narrow(last - first + 1)
                continue
            break
        self._span = min(self.settings.span, 2 * self._span)
        headers: dict[int, Block] = {}
        for number in sorted({log.block for log in logs} | {last}):
            headers[number] = final if number == final.number else self.at(number)
        if any(log.block_hash != headers[log.block].hash for log in logs):
            raise Moved("logs of another chain")
        return Stretch([headers[last]], [(log, headers[log.block].time) for log in logs])

    def _narrow(self, asked: int) -> None:
        self._span = max(1, asked // 2)

    def _recent(self, known: Block, head: Block) -> Stretch:
        blocks: list[Block] = []
        logs: list[tuple[Log, int]] = []
        last = min(head.number, known.number + self.settings.batch_blocks)
        for number in range(known.number + 1, last + 1):
            block = head if number == head.number else self.at(number)
            if block.parent != known.hash:
                raise Moved(f"block {number} does not follow block {known.number}")
            said = self.node.logs_of(block)
            if said is None:
                raise Moved(f"block {number} is no longer there")
            logs += [(log, block.time) for log in said]
            blocks.append(block)
            known = block
            if len(logs) > self.settings.batch_events:
                break
        return Stretch(blocks, logs)

"""
Which values live on the stack instead of in memory.

A read of memory costs two operations and four bytes of code, a read of a stack variable one of
each; but only the top of the stack is in reach, so there are few variables. The first pass of the
emitter reports from when to when every value lives and how often it is read; here the lives that
save most are packed into the variables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

READ_GAIN = 3
"""Gas that one read saves: DUP instead of PUSH and MLOAD."""
STORE_GAIN = 1
"""Gas that a definition saves: SWAP and POP instead of PUSH and MSTORE."""
LOAD_LOSS = 11
"""Gas that it costs to bring a word of the input, which is in memory anyway, into a variable."""


@dataclass(frozen=True, slots=True)
class Life:
    """
    One value from its definition to its last read, in half steps of a statement.

    start, end : the variable is taken in [start, end). reads : how often. is_input : a word of the
        input.
    """

    start: int
    end: int
    reads: int
    is_input: bool

    @property
    def gain(self) -> int:
        """
        Gas saved by a variable instead of memory; below 0 for a word of the input read seldom.
        """
        return READ_GAIN * self.reads + (-LOAD_LOSS if self.is_input else STORE_GAIN)


def assign(lives: Sequence[Life], registers: int) -> dict[int, int]:
    """
    Variables of lives: number of the life to number of the variable, for those that get one.

    Greedy by gain / length^0.6, in exact numbers; ties by order, so that the same input gives the
    same code. Of the powers tried the one with the least gas: by gain alone long lives take all
    variables, by gain / length the most read values get none.
    """
    order = sorted(
        (i for i, life in enumerate(lives) if life.gain > 0 and life.end > life.start),
        key=lambda i: (-Fraction(lives[i].gain ** 5, (lives[i].end - lives[i].start) ** 3), i),
    )
    taken: list[list[Life]] = [[] for _ in range(registers)]
    out: dict[int, int] = {}
    for i in order:
        life = lives[i]
        for register, others in enumerate(taken):
            if all(life.end <= other.start or other.end <= life.start for other in others):
                others.append(life)
                out[i] = register
                break
    return out

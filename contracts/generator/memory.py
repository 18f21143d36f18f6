"""
Where everything lies in the memory of the generated contract.

Slots of intermediate values come first: low addresses take the shortest code. Above them lies the
input, each part that the transcript absorbs behind a header of three words, so that absorbing is
one Keccak over [state | label | count | words].
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

from algebra.transcript import ABSORB, label_list
from contracts.generator.graph import ALL_RATIOS, INDICATOR, Place
from verifier.proof import ProofShape

WORD_BYTES = 32
ROW_BYTES = 64
"""
For each single row: the product of the ratios before it, which its indicator replaces, and its
ratio. After the last row: the product of all.
"""
HEADER_WORDS = 3
ANSWER_WORDS = 10
SCRATCH_WORDS = 12
"""Two pairs of points, the longest input of a precompile."""
ABSORBED = {label for kind, label in label_list(()) if kind == ABSORB}


@dataclass(frozen=True, slots=True)
class Area:
    """
    Consecutive words of the input.

    parts : (name, words) of what it holds, in order.
    base : address of the first word; the header, if any, ends there.
    """

    label: str
    parts: tuple[tuple[str, int], ...]
    base: int

    @property
    def words(self) -> int:
        """How many words of input it holds; the header is not counted."""
        return sum(words for _, words in self.parts)

    @property
    def end(self) -> int:
        """Address after the last word."""
        return self.base + WORD_BYTES * self.words


class Memory:
    """
    The map.

    Parameters
    ----------
    slots : number of words for intermediate values, found by the emitter.
    statement : number of public words.
    rows : number of single rows.
    keys : number of points of the key in the sum, the generator among them.
    """

    def __init__(self, slots: int, statement: int, shape: ProofShape, rows: int, keys: int) -> None:
        self.slots, self.keys = slots, keys
        at = WORD_BYTES * slots
        # Inputs of the precompiles: [sum | product] is that of an addition, `factor` that of a
        # multiplication, and all of it, from the sum on, that of the pairing. Before the sum
        # begins, inversion and transcript use the same words.
        self.sum, self.product, self.factor = at, at + 64, at + 128
        self.scratch = at
        at += WORD_BYTES * SCRATCH_WORDS
        self.rows, self.rows_end = at, at + ROW_BYTES * rows
        at = self.rows_end + (WORD_BYTES if rows else 0)
        parts: list[tuple[str, tuple[tuple[str, int], ...]]] = [
            ("statement", (("statement", statement), ("record", 2 * shape.has_record))),
            ("stage1", (("stage1", 2 * shape.stage1),)),
            ("stage2", (("stage2", 2 * shape.stage2),)),
            ("quotient", (("quotient", 2),)),
            ("values", (("values", shape.values),)),
            ("opening", (("opening", 2),)),
            ("opening_fold", (("opening_fold", 2),)),
        ]
        self.areas: list[Area] = []
        for label, names in parts:
            base = at + WORD_BYTES * HEADER_WORDS if label in ABSORBED else at
            self.areas.append(Area(label, names, base))
            at = self.areas[-1].end
        # What `accumulator` returns: L' and W', [tau]_2, offset and length of the scalars; and
        # what `keyPoints` returns, behind an offset and a length of its own.
        self.answer = at
        self.scalars = self.answer + WORD_BYTES * ANSWER_WORDS
        self.points = self.scalars + WORD_BYTES * (keys + 2)
        self.end = self.points + 2 * WORD_BYTES * keys
        self._bases = {INDICATOR: self.rows, ALL_RATIOS: self.rows_end}
        for area in self.areas:
            base = area.base
            for name, words in area.parts:
                self._bases[name] = base
                base += WORD_BYTES * words

    def address(self, place: Place) -> int:
        """Address of a word of the input, or of what a loop leaves for a row."""
        stride = ROW_BYTES if place.part == INDICATOR else WORD_BYTES
        return self._bases[place.part] + stride * place.index

    def start(self, part: str) -> int:
        """Address of the first word of a part."""
        return self._bases[part]

    def area(self, label: str) -> Area:
        """The area that the transcript absorbs under a label."""
        return next(area for area in self.areas if area.label == label)

    def describe(self) -> list[str]:
        """The map as lines of text: first address, last address, contents."""
        rows = [
            (0, WORD_BYTES * self.slots, f"{self.slots} slots of intermediate values"),
            (
                self.scratch,
                self.scratch + WORD_BYTES * SCRATCH_WORDS,
                "inputs of precompiles: sum, product, factor",
            ),
            (
                self.rows,
                self.areas[0].base - WORD_BYTES * HEADER_WORDS,
                "single rows: product of the ratios before, then indicator; ratio",
            ),
        ]
        for area in self.areas:
            header = area.base - WORD_BYTES * HEADER_WORDS if area.label in ABSORBED else area.base
            rows.append((header, area.base, f"header of {area.label}: state, label, count"))
            for name, words in area.parts:
                start = self._bases[name]
                rows.append((start, start + WORD_BYTES * words, f"{name}, {words} words"))
        rows += [
            (self.answer, self.scalars, "what is left of a proof: L' and W', [tau]_2"),
            (self.scalars, self.points, f"scalars of the key's points, {self.keys} words"),
            (self.points, self.end, f"points of the key, {2 * self.keys} words"),
        ]
        return [f"0x{start:04x} - 0x{end:04x}  {what}" for start, end, what in rows if end > start]


class SlotAllocator:
    """Lowest free slot first; slots come back after their last use."""

    def __init__(self) -> None:
        self._free: list[int] = []
        self.used = 0

    def take(self) -> int:
        """The lowest free slot, from 0; `used` counts the slots that were ever taken."""
        if self._free:
            return heapq.heappop(self._free)
        self.used += 1
        return self.used - 1

    def give_back(self, slot: int) -> None:
        """Free a slot for the next value."""
        heapq.heappush(self._free, slot)

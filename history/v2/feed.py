"""
The market feed of a window: for each day a weight and a change of a volatility index, and the words
and the digest by which the statement carries them (docs/explanation/metrics.md B5).

What an index is, and how its closes become these numbers, is the feed document's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from algebra.errors import Malformed
from algebra.poseidon2 import TAG_FEED, hash_words
from history.dates import day_text
from history.v2.record import LIMB_BITS, MAX_DAYS

MIN_WEIGHT, MAX_WEIGHT = 1, 15
CHANGE_OFFSET = 1 << 11  # 1/10 point; a change is carried as change + CHANGE_OFFSET, in one limb
DAYS_A_WORD = 10
WORD_BITS = 2 * LIMB_BITS * DAYS_A_WORD
DAY_WORDS = -(-MAX_DAYS // DAYS_A_WORD)
FEED_WORDS = DAY_WORDS + DAY_WORDS % 2
"""The words of ten days, and a zero that makes their number even."""
NO_FEED = 0x21448694A847226CF043761F0685292DA0C0867BCC8B94282DE2B02F4DB3DF9E
"""Digest of a window without a market feed: of `FEED_WORDS` zeros under `TAG_FEED`."""


@dataclass(frozen=True, slots=True)
class Feed:
    """
    Weight and change of each day of a window.

    Attributes
    ----------
    first_day : days since 1970-01-01
    weights : w of each day, 1..15, known before the day
    changes : x of each day, 1/10 point, -2047..2047, known after it

    Raises
    ------
    Malformed
        `malformed.feed`: no day or more than 366, not one change a weight, a number out of range.

    Notes
    -----
    `Feed.none` has weight 0 and change -2^11 on every day, which no other feed has: both its cells
    of a day are 0.
    """

    first_day: int
    weights: tuple[int, ...]
    changes: tuple[int, ...]

    def __post_init__(self) -> None:
        days = len(self.weights)
        if not 1 <= days <= MAX_DAYS or len(self.changes) != days:
            raise Malformed(
                "malformed.feed",
                f"feed: {days} weights and {len(self.changes)} changes; one of each for every day "
                f"of a window, 1 to {MAX_DAYS}",
            )
        if not self.present:
            return
        for day, (weight, change) in enumerate(self):
            if not MIN_WEIGHT <= weight <= MAX_WEIGHT or abs(change) >= CHANGE_OFFSET:
                raise Malformed(
                    "malformed.feed",
                    f"feed: day {day} ({day_text(self.first_day + day)}): weight {weight} outside "
                    f"{MIN_WEIGHT}..{MAX_WEIGHT}, or change {change} outside "
                    f"-{CHANGE_OFFSET - 1}..{CHANGE_OFFSET - 1} tenths of a point",
                    day=day,
                )

    @classmethod
    def none(cls, first_day: int, days: int) -> Feed:
        """Of a window without an index; `malformed.feed` for a number of days out of range."""
        return cls(first_day, (0,) * days, (-CHANGE_OFFSET,) * days)

    @property
    def present(self) -> bool:
        """Whether there is an index."""
        return any(self.weights) or any(change != -CHANGE_OFFSET for change in self.changes)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(zip(self.weights, self.changes, strict=True))

    def words(self) -> tuple[int, ...]:
        """
        The 38 words, each below 2^240: word k holds days 10 k to 10 k + 9, the first highest, 24
        bits each: weight * 2^12 + change + 2^11. Days after the window are 0.
        """
        cells = [(weight << LIMB_BITS) + change + CHANGE_OFFSET for weight, change in self]
        cells += [0] * (FEED_WORDS * DAYS_A_WORD - len(cells))
        out = []
        for first in range(0, len(cells), DAYS_A_WORD):
            word = 0
            for number in cells[first : first + DAYS_A_WORD]:
                word = (word << 2 * LIMB_BITS) + number
            out.append(word)
        return tuple(out)

    def digest(self) -> int:
        """The public word `feed`: Poseidon2 of the words under `TAG_FEED`."""
        return hash_words(TAG_FEED, self.words())

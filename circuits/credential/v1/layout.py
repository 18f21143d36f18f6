"""
Which row holds what, for a class of n rows (docs/explanation/layout.md).

Record rows come first; then one region each for link, hashes, days, sums and comparisons; then the
end rows.
"""

from __future__ import annotations

from dataclasses import dataclass

from circuits.language.circuit import END_ROWS
from history.record import MAX_DAYS

WINDOW_BITS = 6
ADDITIONS = -(-254 // WINDOW_BITS)
"""43 windows of the blinder; one point addition each (docs/explanation/protocol.md 3.6)."""
ADDITION_ROWS = 13
LINK_ROWS = 1 + ADDITIONS * ADDITION_ROWS + 7
"""start, additions, q3, c3a, c3b, t3, ye, done, done2."""

PERMUTATION_ROWS = 23
"""One row that absorbs, 8 with a full round, 14 with four partial rounds."""
TREE_DEPTH = 20
LEAF_PERMUTATIONS = 5
PERMUTATIONS = 1 + LEAF_PERMUTATIONS + TREE_DEPTH + 1
HASH_ROWS = PERMUTATIONS * PERMUTATION_ROWS + 1

DAY_ROWS = 4
DAYS_ROWS = 2 + DAY_ROWS * MAX_DAYS + 1

SUMS = (
    "return",
    "return_square",
    "closes",
    "close_square",
    "close_pnl",
    "pnl",
    "profit",
    "liquidations",
    "near_days",
    "counted_days",
    "volume",
    "equity",
    "active_days",
    "fills",
    "maker_volume",
    "open",
    "votes",
    "rewards",
    "days",
    "records",
)
"""Sums over the days of the window, in the order of their rows; two a row."""
SUM_ROWS = len(SUMS) // 2 + 1

COMPARISONS = (
    "sharpe_parts",
    "sharpe",
    "gain",
    "trades_parts",
    "trades_variance",
    "trades_low",
    "trades_high",
    "liquidations",
    "near",
    "turnover",
    "volume_equity",
    "days_fills",
    "maker_share",
    "mean_exposure",
    "class_holding",
    "class_exposure",
    "votes_rewards",
    "best_day",
    "window",
)
"""One row each, in this order."""

FIXED_ROWS = LINK_ROWS + HASH_ROWS + DAYS_ROWS + SUM_ROWS + len(COMPARISONS) + END_ROWS

MINIMUM_CLASS, MAXIMUM_CLASS = 13, 20
"""log2 of the smallest and largest class: 2^13 just holds the two tables (4,096 + 2,752 rows)."""


@dataclass(frozen=True, slots=True)
class Layout:
    """First rows of the regions of a class of n rows."""

    n: int

    @property
    def capacity(self) -> int:
        """Record rows."""
        return self.n - FIXED_ROWS

    @property
    def link(self) -> int:
        return self.capacity

    @property
    def hashes(self) -> int:
        return self.link + LINK_ROWS

    @property
    def days(self) -> int:
        return self.hashes + HASH_ROWS

    @property
    def sums(self) -> int:
        return self.days + DAYS_ROWS

    @property
    def comparisons(self) -> int:
        return self.sums + SUM_ROWS

    def permutation(self, index: int) -> int:
        """Row on which permutation `index` absorbs."""
        return self.hashes + index * PERMUTATION_ROWS

    def day(self, day: int) -> int:
        """First of a day's four rows."""
        return self.days + 2 + DAY_ROWS * day

    def comparison(self, name: str) -> int:
        return self.comparisons + COMPARISONS.index(name)


def capacity(n: int) -> int:
    """Records that a class of n rows holds."""
    return Layout(n).capacity


def smallest_class(records: int) -> int:
    """The least n whose capacity is at least `records`; 0 if none is."""
    for bits in range(MINIMUM_CLASS, MAXIMUM_CLASS + 1):
        if capacity(1 << bits) >= records:
            return 1 << bits
    return 0

"""
Which row holds what, for a class of n rows (docs/explanation/layout.md).

Record rows come first; then one region each for link, hashes, days, sums and comparisons; then the
end rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from circuits.language.circuit import END_ROWS
from history.v2.day_rows import SUMS
from history.v2.feed import DAYS_A_WORD, FEED_WORDS
from history.v2.metrics import METRICS
from history.v2.metrics.score import FEATURES
from history.v2.metrics.table import MetricTable
from history.v2.record import CLASSES, MAX_DAYS

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
FEED_PERMUTATIONS = FEED_WORDS // 2
PERMUTATIONS = 1 + LEAF_PERMUTATIONS + TREE_DEPTH + 1 + FEED_PERMUTATIONS
HASH_ROWS = PERMUTATIONS * PERMUTATION_ROWS + 1

DAY_ROWS = 5
WORD_ROWS = (MAX_DAYS - 1) // DAYS_A_WORD
"""One after every ten days; the feed's last word goes out with the rows that close the days."""
DAYS_ROWS = 2 + DAY_ROWS * MAX_DAYS + WORD_ROWS + 2

SUM_ROWS = -(-len(SUMS) // 2) + 1
"""The sums over the days of the window, two a row, and the row where their fold ends."""

SCORE_ROWS = 2 + 2 * len(FEATURES) + 1
"""gain or loss, both for the bus, each feature taken and placed, end."""

MINIMUM_CLASS, MAXIMUM_CLASS = CLASSES[0], CLASSES[-1]
"""log2 of the smallest and largest class."""


@dataclass(frozen=True, slots=True)
class Layout:
    """First rows of the regions of a class of n rows, for a table of metrics."""

    n: int
    metrics: MetricTable = METRICS

    @property
    def comparison_rows(self) -> Mapping[str, tuple[str, ...]]:
        """Comparison rows in order, with the values that each takes from the bus, two at most."""
        return _comparison_rows(self.metrics)

    @property
    def capacity(self) -> int:
        """Record rows."""
        days = DAYS_ROWS + SUM_ROWS
        return self.n - LINK_ROWS - HASH_ROWS - days - self._comparisons - SCORE_ROWS - END_ROWS

    @property
    def _comparisons(self) -> int:
        return len(self.metrics.rows) + 1  # and the window's

    @property
    def link(self) -> int:
        """First row of the link, just after the record rows."""
        return self.capacity

    @property
    def hashes(self) -> int:
        """First row of the hashes."""
        return self.link + LINK_ROWS

    @property
    def days(self) -> int:
        """First row of the days; those of day d start at `day(d)`."""
        return self.hashes + HASH_ROWS

    @property
    def sums(self) -> int:
        """First row of the sums over the window."""
        return self.days + DAYS_ROWS

    @property
    def comparisons(self) -> int:
        """First row of the comparisons."""
        return self.sums + SUM_ROWS

    @property
    def score(self) -> int:
        """First row of the score."""
        return self.comparisons + self._comparisons

    @property
    def score_end(self) -> int:
        """Last row of the score."""
        return self.score + SCORE_ROWS - 1

    def feature(self, index: int) -> int:
        """First of the two rows of a feature."""
        return self.score + 2 + 2 * index

    def permutation(self, index: int) -> int:
        """Row on which permutation `index` absorbs."""
        return self.hashes + index * PERMUTATION_ROWS

    def day(self, day: int) -> int:
        """First of a day's five rows; of the day after the last, the row that closes the days."""
        return self.days + 2 + DAY_ROWS * day + day // DAYS_A_WORD

    def word(self, index: int) -> int:
        """Row after the last day of the feed's word `index`, for all words but the last."""
        return self.day((index + 1) * DAYS_A_WORD) - 1

    def comparison(self, name: str) -> int:
        """Row of a comparison by its name in `comparison_rows`; ValueError for another name."""
        return self.comparisons + list(self.comparison_rows).index(name)


@cache
def _comparison_rows(metrics: MetricTable) -> Mapping[str, tuple[str, ...]]:
    rows = {name: row.sums for name, row in metrics.rows.items()} | {"window": ("days",)}
    named = {row: tuple(bus_name(value) for value in taken) for row, taken in rows.items()}
    return MappingProxyType(named)


def bus_name(value: str) -> str:
    """What the bus calls a value of the metrics' formulas: `sum_volume`, `best_day`."""
    return f"sum_{value}" if value in SUMS else value

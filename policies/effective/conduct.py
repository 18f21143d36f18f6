"""
What an account did on the granted terms, and for how long it costs (`Conduct.sol`).

Only time ends a level: after a report of a level, the account has that level or a higher one until
the level's time is over, whatever else is reported and wherever the record goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from history.v2.posterior import NEVER, POSTERIOR_WORDS

DAY = 24 * 3600
NONE, NEAR, PARTLY, LIQUIDATED = range(4)
"""Nothing; near its liquidation; that twice in seven days, or liquidated in part; liquidated."""
PERIODS = (0, 7 * DAY, 30 * DAY, 90 * DAY)  # seconds for which a level holds after its report
COUNT_LIMIT = (1 << 16) - 1


@dataclass(frozen=True, slots=True)
class Record:
    """
    What was reported of an account.

    Attributes
    ----------
    level : 0..3, until `until`
    until : first second at which it no longer holds
    near, exposed : days near the liquidation, days with exposure, 0..65535
    begun : first second of the record; 0 before it begins
    engine : index of the engine that gave the level, or last prolonged it
    """

    level: int = NONE
    until: int = 0
    near: int = 0
    exposed: int = 0
    begun: int = 0
    engine: int = 0

    def level_at(self, time: int) -> int:
        """Level in a second, 0..3."""
        return self.level if time < self.until else NONE

    def report(
        self, level: int, near: int, exposed: int, word: Sequence[int], engine: int, time: int
    ) -> Record:
        """
        The record after a report.

        Parameters
        ----------
        level : 0..3
        near, exposed : the engine's counts; they only rise, `exposed` to at most the days that the
            record has touched
        word : M8's, 16 numbers; empty asks none
        """
        begun = self.begun or time
        days = time // DAY - begun // DAY + 1
        near = max(self.near, min(near, COUNT_LIMIT))
        exposed = max(self.exposed, min(exposed, days, COUNT_LIMIT))
        record = replace(self, near=near, exposed=exposed, begun=begun)
        if level == NONE and too_near(near, exposed, word):
            level = NEAR
        if level == NONE:
            return record
        return replace(record._worsened(level, time + PERIODS[level], time), engine=engine)

    def join(self, other: Record, time: int) -> Record:
        """
        The record with another account's: the worse level until the later end, the worse count,
        the earlier beginning. Twice is as good as once.
        """
        if not other.begun:
            return self
        record = self
        if level := other.level_at(time):
            worse = self._worsened(level, other.until, time)
            record = worse if worse is self else replace(worse, engine=other.engine)
        fewer = other.near == self.near > 0 and other.exposed < self.exposed
        if other.near > self.near or fewer:
            record = replace(record, near=other.near, exposed=other.exposed)
        return replace(record, begun=min(self.begun or other.begun, other.begun))

    def take_back(self, engine: int) -> Record:
        """The record without a level that this engine gave; its counts stay."""
        return replace(self, level=NONE, until=0) if self.engine == engine else self

    def _worsened(self, level: int, until: int, time: int) -> Record:
        had = self.level_at(time)
        if level <= had and until <= self.until:
            return self
        until = max(until, self.until) if had else until
        return replace(self, level=max(level, had), until=until)


def too_near(near: int, exposed: int, word: Sequence[int]) -> bool:
    """Whether so many near days of so many are too many (docs/explanation/metrics.md C3)."""
    if near == 0 or not any(word):
        return False
    if near >= POSTERIOR_WORDS:
        return True
    return exposed < word[near] or word[near] >= NEVER

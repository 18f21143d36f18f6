"""
What an account did on the granted terms, and for how long it costs (`Conduct.sol`).

Only time ends a level: after a report of a level, the account has that level or a higher one until
the level's time is over, whatever else is reported and wherever the record goes. But the word of an
engine can be taken back, and that gives back nothing that another one said.
"""

from __future__ import annotations

from dataclasses import dataclass

DAY = 24 * 3600
NONE, NEAR, PARTLY, LIQUIDATED = range(4)
"""Nothing; near its liquidation; that twice in seven days, or liquidated in part; liquidated."""
PERIODS = (0, 7 * DAY, 30 * DAY, 90 * DAY)  # seconds for which a level holds after its report

_Span = tuple[int, int]
"""A level and the first second at which it no longer holds."""


@dataclass(frozen=True, slots=True)
class Record:
    """
    What was reported of an account.

    Attributes
    ----------
    level : 0..3, until `until`
    until : first second at which it no longer holds
    engine : index of the engine that raised the level; 0 if several did
    rest_level, rest_until : the same two without that engine's word
    """

    level: int = NONE
    until: int = 0
    engine: int = 0
    rest_level: int = NONE
    rest_until: int = 0

    def level_at(self, time: int) -> int:
        """Level in a second, 0..3."""
        return self.level if time < self.until else NONE

    def report(self, level: int, engine: int, time: int) -> Record:
        """The record after a report of a level, 0..3, by an engine, 1..255."""
        return self.join(Record(level, time + PERIODS[level], engine), time)

    def join(self, other: Record, time: int) -> Record:
        """
        The record with another one's: the worse level until the later end. Twice is as good as
        once. Who raised the level is its engine; what every other one said is the rest.
        """
        level, had = other.level_at(time), self.level_at(time)
        if level == NONE:
            return self
        if had == NONE:
            return other
        engine, rest, theirs = self.engine, self._rest, other._rest
        if level > had and engine != other.engine:
            engine, rest = other.engine, self._all
        if engine != other.engine:
            theirs = other._all
        worse = _worse(self._all, other._all, time)
        return Record(*worse, engine, *_worse(rest, theirs, time))

    def without_engine(self) -> Record:
        """The record without its engine's word: the rest, of which nobody is known."""
        return Record(*self._rest)

    @property
    def _all(self) -> _Span:
        return self.level, self.until

    @property
    def _rest(self) -> _Span:
        return self.rest_level, self.rest_until


def _worse(one: _Span, other: _Span, time: int) -> _Span:
    """The higher level until the later end, of those that hold."""
    if time >= other[1] or other[0] == NONE:
        return one
    if time >= one[1] or one[0] == NONE:
        return other
    return max(one[0], other[0]), max(one[1], other[1])

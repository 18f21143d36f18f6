"""
Which of a day's deposits and withdrawals are part of the capital that a loss is over: the flag
`base` (docs/explanation/metrics.md A5).

A deposit after a loss would make the loss look small, and so would a withdrawal that is not taken
off before one. The loss may not have reached the prices yet when the money moves: so what the day
has made is looked at when the money moves and at the clock's instants, until one at which every
price of what is held has been told since.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class _Moved:
    """
    Money in (`deposit`) or out: its row, when, microseconds, and the least (money in) or greatest
    (money out) that the owner had made when looked at, u'.
    """

    row: int
    deposit: bool
    time: int
    worst: int


class DayFlows:
    """
    The external flows of a day. A level is the owner's profit since the window began, u', exact, at
    the prices of its instant.
    """

    def __init__(self) -> None:
        self._opened = 0
        self._moved: list[_Moved] = []
        self._waiting: list[_Moved] = []

    @property
    def waiting(self) -> bool:
        """Whether the level of the clock's next instant is wanted."""
        return bool(self._waiting)

    def begin(self, level: int) -> None:
        """A day begins, at the marks before it."""
        self._opened, self._moved, self._waiting = level, [], []

    def add(self, row: int, amount: int, time: int, level: int) -> None:
        """A line of `amount` (u', not 0) at `time`, at the prices before it."""
        moved = _Moved(row, amount > 0, time, level)
        self._moved.append(moved)
        self._waiting.append(moved)

    def look(self, level: int, told: int) -> None:
        """An instant of the clock; the prices of all that is held were told at `told` or later."""
        for moved in self._waiting:
            moved.worst = (min if moved.deposit else max)(moved.worst, level)
        self._waiting = [moved for moved in self._waiting if told <= moved.time]

    def close(self, level: int) -> list[int]:
        """Rows of the day's flows that are base, by the level at its marks."""
        self.look(level, -1)
        return [moved.row for moved in self._moved if self._base(moved, level)]

    def _base(self, moved: _Moved, close: int) -> bool:
        return moved.worst >= self._opened if moved.deposit else close < moved.worst

"""
Which of a day's deposits and withdrawals are part of the capital that a loss is over: the flag
`base` (docs/explanation/metrics.md A5).

A deposit after a loss would make the loss look small, and so would a withdrawal that is not taken
off before one. The loss may not have reached the prices yet when the money moves: so what the day
has made is looked at twice, when the money moves and at the clock's next instant.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class _Moved:
    """
    Money in (`deposit`) or out: its row, and what the owner had made by then, u'; by the clock's
    next instant, None until then.
    """

    row: int
    deposit: bool
    then: int
    later: int | None = None


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

    def add(self, row: int, amount: int, level: int) -> None:
        """A line of `amount` (u', not 0), at the prices before it."""
        moved = _Moved(row, amount > 0, level)
        self._moved.append(moved)
        self._waiting.append(moved)

    def look(self, level: int) -> None:
        """An instant of the clock, or the close: the first after what waits for one."""
        for moved in self._waiting:
            moved.later = level
        self._waiting = []

    def close(self, level: int) -> list[int]:
        """Rows of the day's flows that are base, by the level at its marks."""
        self.look(level)
        return [moved.row for moved in self._moved if self._base(moved, level)]

    def _base(self, moved: _Moved, close: int) -> bool:
        later = close if moved.later is None else moved.later
        if moved.deposit:
            return min(moved.then, later) >= self._opened
        return close < max(moved.then, later)

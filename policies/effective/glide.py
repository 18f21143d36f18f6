"""The clock of a number that may fall at once and must not rise at once (`Glide.sol`)."""

from __future__ import annotations

from dataclasses import dataclass

SPAN = 24 * 3600  # seconds from where a number stands to a higher target
ONE = 10_000  # 1.0 of a factor or of a margin in basis points


def ramp(start: int, target: int, since: int, time: int) -> int:
    """
    Value at `time` of a number that stood at `start` at `since` and is to become `target`.

    Returns
    -------
    `target` if that is not above `start`, or `SPAN` seconds after `since`; on the way the least
    whole number that is not below the straight line.
    """
    if target <= start or time >= since + SPAN:
        return target
    if time <= since:
        return start
    return start + _up((target - start) * (time - since), SPAN)


def scaled(amount: int, factor: int) -> int:
    """`amount` times a factor in 1/10^4, rounded up."""
    return _up(amount * factor, ONE)


def product(amount: int, first: int, second: int) -> int:
    """`amount` times two factors in 1/10^4, rounded up once."""
    return _up(amount * first * second, ONE * ONE)


def _up(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)


@dataclass(frozen=True, slots=True)
class Clock:
    """
    A number and where it goes.

    Attributes
    ----------
    start : value at `since`
    target : what it becomes, at once if lower, by `ramp` if higher
    since : Unix second
    """

    start: int
    target: int
    since: int

    def at(self, time: int) -> int:
        """Value in a second."""
        return ramp(self.start, self.target, self.since, time)

    def retarget(self, target: int, held: int, time: int) -> Clock:
        """
        The clock for another target, from now on.

        Only a target that rises sets the clock anew, to start at `held`, the value that holds now;
        else repeated writes would hold a glide back for ever.
        """
        if target <= self.target:
            return Clock(self.start, target, self.since)
        return Clock(min(target, held), target, time)

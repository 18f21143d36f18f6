"""
An account followed from where its history begins past every state that was taken of it
(docs/explanation/attestation.md 2.7).

Positions and money must be the venue's at each state. The same walk gives what the account held at
a window's first instant and at its end.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from attestor.ledger import apply_fill
from attestor.stated import plain
from attestor.statement import CENT, UNIT, Fill
from attestor.venues.hyperliquid.account import AccountHistory
from attestor.venues.hyperliquid.merged import incomplete, told
from attestor.venues.hyperliquid.state import State, entry

PRICE_DECIMALS = 6
"""Less the decimals of a size: what the venue keeps of an average entry price."""
USD = 100 * CENT


@dataclass(frozen=True, slots=True)
class Window:
    """
    What an account held at a window's first instant and at its end, as `State`s whose entry prices
    are whole, and the fills between.
    """

    opening: State
    closing: State
    fills: list[Fill]


def follow(history: AccountHistory, decimals: Mapping[str, int], start: int, end: int) -> Window:
    """
    Follow an account and compare it with its states.

    Parameters
    ----------
    decimals : of a size, by coin
    start, end : of the window, microseconds; the history must hold all of it

    Raises
    ------
    Refused
        `refused.incomplete` with account, instant and both figures: the history begins or ends
        inside the window; a position or the money that the venue states is not what the fills,
        funding and movements give; a closed pnl that the fills before it do not give.
    """
    account, states = history.account, history.states
    if states[0].time > start:
        raise incomplete(account, f"its history begins with the state of {_at(states[0].time)}, "
                         f"after the window's first instant")  # fmt: skip
    if states[-1].time < end:
        raise incomplete(account, f"its last state is of {_at(states[-1].time)}, before the "
                         "window's end")  # fmt: skip
    moments = sorted({start - 1, end - 1, *(state.time for state in states[1:])})
    coins = sorted({*history.fills, *(coin for state in states for coin in state.positions)})
    held: list[dict[str, tuple[int, int]]] = [{} for _ in moments]
    raw = _moved(history, moments)
    inside: list[Fill] = []
    for coin in coins:
        walk = _Walk(coin, states[0], decimals, start)
        fills = history.fills.get(coin, ())
        for index, moment in enumerate(moments):
            walk.until(fills, moment)
            raw[index] += walk.paid
            if walk.size:
                held[index][coin] = (walk.size, walk.cost)
        inside += walk.inside(fills, start, end)
    found = {m: (money, positions) for m, money, positions in zip(moments, raw, held, strict=True)}
    for state in states[1:]:
        _compare(account, state, *found[state.time])
    after = next(state for state in states if state.time >= end - 1)
    opening = State(states[0].source, start, *found[start - 1])
    closing = State(
        after.source, end, found[end - 1][0] + after.raw - found[after.time][0], found[end - 1][1]
    )
    inside.sort(key=lambda fill: (fill.time, fill.instrument))
    return Window(opening, closing, inside)


class _Walk:
    """One coin through its fills, which come in order."""

    def __init__(self, coin: str, begin: State, decimals: Mapping[str, int], start: int) -> None:
        self.size, self.cost = begin.positions.get(coin, (0, 0))
        self.paid = 0
        self._next, self._start, self._whole = 0, start, False
        self._unit = 10 ** (18 - PRICE_DECIMALS + decimals.get(coin, 0))
        self._checked: list[Fill] = []

    def until(self, fills: Sequence[Fill], moment: int) -> None:
        """All fills up to an instant, with what they paid."""
        while self._next < len(fills) and fills[self._next].time <= moment:
            fill = fills[self._next]
            self._checked.append(self._take(fill))
            self._next += 1
        if moment == self._start - 1 and self.size:  # the books begin with a whole entry price
            self.cost = self.size * entry(self.size, self.cost)

    def _take(self, fill: Fill) -> Fill:
        """
        Its reported pnl stays if ours is it to the cent; else the venue's rounding of the average
        entry price, a unit for each unit closed, must explain the difference.
        """
        before = self.size
        applied = apply_fill(self.size, self.cost, fill.size, fill.price)
        self.size, self.cost = applied.size, applied.cost
        self.paid -= fill.size * fill.price + fill.fee
        said = fill.reported_pnl
        if said is None or abs(said - applied.realised) <= CENT:
            return fill
        closed = min(abs(before), abs(fill.size)) if applied.closing else 0
        if abs(said - applied.realised) > CENT + closed * self._unit:
            raise incomplete(
                fill.wallet,
                f"{fill.instrument} at {_at(fill.time)} ({fill.source.file}:{fill.source.line}): "
                f"the venue closed with {plain(said, USD)} USD, the fills before it make "
                f"{plain(applied.realised, USD)}",
                coin=fill.instrument,
                time=fill.time,
            )
        return fill._replace(reported_pnl=None)

    def inside(self, fills: Sequence[Fill], start: int, end: int) -> list[Fill]:
        """Those of the window."""
        first, after = (
            bisect_right(fills, at - 1, key=lambda fill: fill.time) for at in (start, end)
        )
        return self._checked[first:after]


def _moved(history: AccountHistory, moments: Sequence[int]) -> list[int]:
    """Money that came and went outside fills up to each instant, with what was there before."""
    lines = sorted(
        (line.time, line.amount) for listed in (history.funding, history.ledger) for line in listed
    )
    sums = [0, *accumulate(amount for _, amount in lines)]
    times = [time for time, _ in lines]
    return [history.states[0].raw + sums[bisect_right(times, moment)] for moment in moments]


def _compare(
    account: str, state: State, raw: int, positions: Mapping[str, tuple[int, int]]
) -> None:
    """A state against what was followed: sizes exactly, money to the cent."""
    for coin in sorted({*positions, *state.positions}):
        said, found = state.positions.get(coin, (0, 0))[0], positions.get(coin, (0, 0))[0]
        if said != found:
            raise incomplete(
                account,
                f"{coin} at {_at(state.time)}: the venue states a position of {plain(said, UNIT)}, "
                f"the fills leave {plain(found, UNIT)}; the last fills before it are missing",
                coin=coin,
                time=state.time,
            )
    if abs(state.raw - raw) > CENT:
        raise incomplete(
            account,
            f"money at {_at(state.time)}: the venue states {plain(state.raw, USD)} USD without "
            f"positions, fills, funding and movements give {plain(raw, USD)}; "
            f"{plain(state.raw - raw, USD)} is missing between",
            time=state.time,
        )


def _at(time: int) -> str:
    return told(time // 1_000)

"""
The clock's walk: the worst state of an account over every instant of the clock between two records
(docs/explanation/margin.md 5).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from attestor.margin.account import MarginAccount
from attestor.margin.distance import UNTOUCHED, State, state
from attestor.margin.moment import Moment, Valuer


def worst(accounts: Sequence[MarginAccount], valuer: Valuer, moments: Sequence[Moment]) -> State:
    """
    The least distance and the greatest exposure over the moments, with these positions all along.

    Parameters
    ----------
    accounts : margin accounts of one account, as its last record left them
    moments : such as those of `Valuer.instants` since then

    Notes
    -----
    `UNTOUCHED` without moments. Volatilities are solved for all moments at once. Raises as
    `distance.standing`.
    """
    held = {name for each in accounts for name, size in each.sizes.items() if size}
    valuer.prepare(moments, [name for name in held if name in valuer.options])
    return reduce(State.worse, (state(accounts, moment) for moment in moments), UNTOUCHED)

"""
The Bayesian bound on near-liquidation days as one public word (docs/explanation/metrics.md C3).

Prior Beta(a, b) on the rate of near days. After M days that count, K of them near, the policy asks
that the posterior probability of a rate above l/10^4 is at most e/10^4. For integers P(Beta(a + K,
b + M - K) > x) is exactly P(Binomial(M + a + b - 1, x) < a + K), and it falls as M grows: so the
least M for each K is the condition itself.
"""

from __future__ import annotations

from functools import lru_cache
from math import comb

from algebra.errors import Refused

POSTERIOR_SCALE = 10_000  # 1.0 of l and e
POSTERIOR_WORDS = 16  # K = 0..15; a history with more near days fails
NEVER = 4080  # m_K from 4080 on: no number of days is enough
MAX_M = 366
MAX_PRIOR = (
    100  # keeps the exact integers small; more than 200 days of prior would outweigh the window
)


def exceeds_probability_numerator(
    near: int, days: int, a: int, b: int, rate: int
) -> tuple[int, int]:
    """
    P(Beta(a + near, b + days - near) > rate/10^4) as (numerator, denominator), exact.

    Parameters
    ----------
    near, days : 0 <= near <= days
    a, b : integers >= 1
    rate : 0..10^4
    """
    trials = days + a + b - 1
    rest = POSTERIOR_SCALE - rate
    total = sum(
        comb(trials, j) * rate**j * rest ** (trials - j) for j in range(min(near + a, trials + 1))
    )
    return total, POSTERIOR_SCALE**trials


def _enough(near: int, days: int, a: int, b: int, rate: int, error: int) -> bool:
    numerator, denominator = exceeds_probability_numerator(near, days, a, b, rate)
    return POSTERIOR_SCALE * numerator <= error * denominator


@lru_cache(maxsize=64)
def posterior_word(a: int, b: int, l: int, e: int) -> tuple[int, ...]:  # noqa: E741  names of metrics.md C3
    """
    The 16 numbers m_0..m_15: with K near days the tier holds from m_K counted days on.

    Parameters
    ----------
    a, b : prior Beta(a, b), integers in 1..100
    l : rate bound, 1/10^4, 1..9999
    e : error bound, 1/10^4, 1..9999

    Returns
    -------
    16 ints, strictly increasing; from the first K for which none of K..366 is enough, m_K is 4080 +
    K.

    Raises
    ------
    Refused
        `refused.policy.prior`.
    """
    limits = (
        ("a", a, MAX_PRIOR),
        ("b", b, MAX_PRIOR),
        ("l", l, POSTERIOR_SCALE - 1),
        ("e", e, POSTERIOR_SCALE - 1),
    )
    for name, number, greatest in limits:
        if not 1 <= number <= greatest:
            raise Refused(
                "refused.policy.prior",
                f"prior: {name} = {number} is outside 1..{greatest}",
                field=name,
                got=number,
            )
    word: list[int] = []
    for near in range(POSTERIOR_WORDS):
        # monotone in days, and m_K > m_(K-1): search between
        low, high = max(near, word[-1] + 1 if word else 0), MAX_M
        if low > high or not _enough(near, high, a, b, l, e):
            word.extend(range(NEVER + near, NEVER + POSTERIOR_WORDS))
            break
        while low < high:
            middle = (low + high) // 2
            if _enough(near, middle, a, b, l, e):
                high = middle
            else:
                low = middle + 1
        word.append(low)
    return tuple(word)

"""
The metrics beside empyrical-reloaded, quantstats and SciPy, on 3,000 random histories and on every
real owner whose ledger is whole. Slow: `make compare` installs the libraries.

Where a definition differs it is said, and compared as far as it goes:

- M22: quantstats takes the sample's deviation and unbiased moments, and lets skewness help; SciPy's
  biased moments are ours.
- M27: quantstats divides by sqrt(1 + 2 sum (n - x) / n |rho|^x) over the days there are, with the
  correlation of the pairs; ours is its limit for many days, and a negative rho changes nothing.
- M24: both libraries name a quantile, ours the number of days; a k-th worst day that is a gain
  counts as 0 with us.
- M8: SciPy's Beta distribution gives the posterior that the policy's word has in integers.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from support.series import assessed, is_rounded, log_of, measured, series

from algebra.errors import TierproofError
from attestor.log import Log, build_log
from attestor.venues.hyperliquid_2023 import History
from history.dates import day_number
from history.v2 import record as r
from history.v2.oracle import Assessment
from history.v2.posterior import MAX_M, NEVER, posterior_word

pytestmark = pytest.mark.slow
COUNT = 3_000
FIRST, LAST = day_number("2023-02-26"), day_number("2023-05-02")
ASKED = (1, 3, 7, 21, 22, 24, 27)
SECONDS = 86_400


def dated(values: Sequence[float], to: SimpleNamespace) -> Any:
    """A series by day, as the libraries want it."""
    return to.pandas.Series(values, index=to.pandas.date_range("2024-01-01", periods=len(values)))


def compare(found: Assessment, returns: Any, to: SimpleNamespace, risk_free: float) -> set[int]:
    """Each metric of ASKED against all that know it; returns those that are defined."""
    numbers, n = measured(found), len(returns)
    k = found.thresholds.worst_days
    values = dated(returns, to)
    yearly = (1 + risk_free) ** 365 - 1  # quantstats takes a rate of a year

    def same(metric: int, value: float, unit: float, at_least: bool = True) -> None:
        number = numbers[metric]
        assert number is not None and is_rounded(number, value * unit, at_least), (metric, number)

    # -- M1
    if numbers[1] is not None:
        same(1, to.empyrical.sharpe_ratio(values, risk_free=risk_free, annualization=365), 1000)
        same(1, to.quantstats.sharpe(values, rf=yearly, periods=365), 1000)
    # -- M7
    same(7, -to.empyrical.max_drawdown(values), 10_000, False)
    same(7, -to.quantstats.max_drawdown(values), 10_000, False)
    # -- M21
    if numbers[21] is not None:
        same(21, to.quantstats.best(values, compounded=False) / values.sum(), 10_000, False)
    # -- M24
    quantile = (k - 1) / (n - 1)
    expected = -to.empyrical.conditional_value_at_risk(returns, cutoff=quantile + 1e-9)
    tail = np.sort(returns)[:k]
    if tail[-1] <= 0:
        same(24, expected, 10_000, False)
        if k < n and tail[-1] < np.sort(returns)[k]:  # a tie would belong to its tail
            historical = to.quantstats.conditional_value_at_risk(
                values, confidence=1 - quantile - 1e-9, method="historical"
            )
            same(24, -historical, 10_000, False)
    else:
        assert expected <= (numbers[24] or 0) / 10_000 + 1e-9
    # -- M22
    if numbers[22] is not None:
        skewness = to.scipy.skew(returns)
        kurtosis = to.scipy.kurtosis(returns, fisher=False)
        ratio = (returns.mean() - risk_free) / returns.std()
        error = 1 - min(0.0, skewness) * ratio + (kurtosis - 1) / 4 * ratio**2
        same(22, ratio * np.sqrt(n - 1) / np.sqrt(error), 100)
        if n >= 250 and abs(skewness) < 2 and kurtosis < 10:
            theirs = to.quantstats.probabilistic_sharpe_ratio(values, rf=yearly, periods=365)
            ours = to.scipy.norm.cdf(numbers[22] / 100)
            assert ours <= theirs + 0.01
            assert skewness > 0.02 or abs(ours - theirs) < 0.015
    # -- M27
    if numbers[27] is not None:
        varies = n > 3 and min(returns[1:].std(), returns[:-1].std()) > 0
        rho = to.scipy.pearsonr(returns[1:], returns[:-1]).statistic if varies else 0.0
        smart = to.quantstats.smart_sharpe(values, rf=yearly, periods=365) * 1000
        if n >= 250 and 0 <= rho < 0.5:
            assert numbers[27] == pytest.approx(smart, rel=0.03, abs=2)
        if rho < -0.05:
            assert numbers[27] == numbers[1]
    return {metric for metric in ASKED if numbers[metric] is not None}


def test_random_histories(libraries: SimpleNamespace) -> None:
    source, defined = random.Random(21), dict.fromkeys(ASKED, 0)
    for _ in range(COUNT):
        returns = series(source)
        rate = source.choice([0, 0, 12_000])
        worst_days = source.randrange(1, 1 + len(returns) // 2)
        found = assessed(
            *(log_of(returns, source), len(returns), ASKED), risk_free=rate, worst_days=worst_days
        )
        in_floats = np.array(returns) / 1e8
        for metric in compare(found, in_floats, libraries, rate / 1e8):
            defined[metric] += 1
    assert min(defined.values()) > COUNT // 3


def test_t_values(libraries: SimpleNamespace) -> None:
    """M3 over trips of any number a day, and over days: the smaller of SciPy's two."""
    source, compared = random.Random(22), 0
    for _ in range(COUNT):
        days = source.randrange(2, 60)
        trips = [
            [source.randrange(-900, 1_200) for _ in range(source.randrange(4))] for _ in range(days)
        ]
        rows = [
            r.Record(r.ACTIVE | kind, day, 600, *state, value)
            for day, values in enumerate(trips)
            for value in values
            for kind, state in ((r.FILL, (5, 4000, 100)), (r.TRIP, (0, 10_000, 0)))
        ]
        rows += [r.Record(r.ACTIVE | r.MARK, day, 1439, 0, 10_000, 0, 0) for day in range(days)]
        rows.sort(key=lambda row: row.day)
        found = assessed(r.Records.from_rows(rows), days, [3], opening=10**9)
        every, by_day = [v for values in trips for v in values], [sum(values) for values in trips]
        number = measured(found)[3]
        if len(set(every)) < 2 or len(set(by_day)) < 2 or sum(every) < 0:
            assert number is None
            continue
        t = min(libraries.scipy.ttest_1samp(x, 0).statistic for x in (every, by_day))
        assert number is not None and is_rounded(number, t * 100, True)
        compared += 1
    assert compared > COUNT // 2


def test_the_posterior_word(libraries: SimpleNamespace) -> None:
    """M8: m_K is the least M with P(Beta(a + K, b + M - K) > l) <= e, by SciPy's Beta."""
    source, compared = random.Random(23), 0
    for _ in range(COUNT // 10):  # sixteen numbers each
        a, b = source.randrange(1, 30), source.randrange(1, 30)
        l, e = source.randrange(100, 4_000), source.randrange(100, 4_000)  # noqa: E741
        for near, least in enumerate(posterior_word(a, b, l, e)):
            days = np.arange(near, MAX_M + 1)
            above = libraries.scipy.beta.sf(l / 10_000, a + near, b + days - near)
            enough = days[above <= e / 10_000]
            if least >= NEVER:
                assert not len(enough) or enough[0] == MAX_M  # but for the last digits of a float
                continue
            assert (
                abs(above[least - near] - e / 10_000) < 1e-9
                or enough[0] == least
                or (near and enough[0] <= least == posterior_word(a, b, l, e)[near - 1] + 1)
            )
            compared += 1
    assert compared > COUNT


# -- real owners -----------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def owners(shared_data: Path) -> dict[str, Log]:
    """Every wallet of the venue's history of 2023 with 16 fills or more whose ledger is whole."""
    history = History.load(shared_data / "hyperliquid")
    out = {}
    for wallet, fills in sorted(history.fills.items()):
        if len(fills) < 16:
            continue
        try:
            out[wallet] = build_log(history.statement([wallet], FIRST, LAST))
        except TierproofError:
            continue
    return out


def by_day(log: Log) -> tuple[Any, Any]:
    """
    Returns and profits of each day from the records, in floats: profit over the equity before the
    day and what came in (B2, B4), by another way than the oracle's.
    """
    records, value = log.records, log.records.value.astype(float)
    kind, days = records.kind, range(log.days)

    def total(chosen: Any) -> Any:
        return np.array([value[chosen & (records.day == day)].sum() for day in days])

    def has(bits: int) -> Any:
        return (kind & bits) != 0

    own_mark = has(r.MARK) & has(r.MAKER)
    realised = total(has(r.FILL | r.BOOKED | r.CARRY))
    unrealised = total(has(r.MARK) & ~own_mark)
    flow, inflow = total(has(r.TRANSFER | r.REWARD)), total(has(r.INFLOW))
    base = total(has(r.BASE))
    profit = realised + np.diff(unrealised, prepend=0.0)
    equity = log.opening + np.cumsum(profit + flow)
    before = np.concatenate([[log.opening], equity[:-1]])
    capital = before + np.where(profit >= 0, inflow, base)
    return profit / np.maximum.reduce([np.ones(log.days), np.abs(profit), capital]), profit


def test_real_owners(owners: dict[str, Log], libraries: SimpleNamespace) -> None:
    defined, refused = dict.fromkeys(ASKED, 0), 0
    for log in owners.values():
        try:
            found = assessed(log.records, log.days, ASKED, opening=log.opening, worst_days=3)
        except TierproofError:  # a loss that leaves less than nothing cannot be proven (B3)
            refused += 1
            continue
        returns, profit = by_day(log)
        assert np.allclose(returns, [row.daily_return / 1e8 for row in found.rows], atol=1.1e-8)
        exact = np.array([row.daily_return / 1e8 for row in found.rows])
        if not exact.any():
            continue
        for metric in compare(found, exact, libraries, 0.0):
            defined[metric] += 1
        number = measured(found)[3]
        if number is not None:
            trips = log.records.value[log.records.has(r.TRIP)].astype(float)
            gain = min(found.sums.pnl, found.sums.profit)
            # over trips their own mean is scaled to the gain, which counts open losses and funding
            t = libraries.scipy.ttest_1samp(trips, 0).statistic * gain / trips.sum()
            t_days = libraries.scipy.ttest_1samp(profit, 0).statistic * gain / profit.sum()
            assert is_rounded(number, min(t, t_days) * 100, True)
    print(f"{len(owners)} owners, {refused} refused; defined: {defined}")
    assert len(owners) - refused > 80 and min(defined.values()) > 10

"""
Black's formula in integers against the same in double precision, and what must hold of it exactly.

No function of ours is used by the reference: it takes the integers as what they stand for.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from attestor.margin import black
from attestor.margin.fixed_point import (
    ONE,
    Ints,
    exp_fixed,
    ln,
    ln_ratio,
    normal,
    power_ratio,
    product,
)

FINE = 1 << 96
SCALE = float(ONE)
erfc = np.frompyfunc(math.erfc, 1, 1)
Floats = NDArray[np.float64]


def reference(call: NDArray[np.bool_], strike: Floats, s: Floats, forward: Floats) -> Floats:
    """The textbook's formula on arrays of one shape, s > 0, forward > 0."""
    d1 = np.log(forward / strike) / s + s / 2
    sign = np.where(call, 1.0, -1.0)

    def n(d: Floats) -> Floats:
        return 0.5 * erfc(-d / math.sqrt(2)).astype(float)

    return sign * (forward * n(sign * d1) - strike * n(sign * (d1 - s)))


def sample(
    rng: np.random.Generator, rows: int, spread: float
) -> tuple[NDArray[np.bool_], Ints, Ints, list[int], Ints]:
    """call, strikes within 2^+-spread, volatilities of 5 to 500 %, seconds to three years, s."""
    strike = (np.exp2(rng.uniform(-spread, spread, rows)) * ONE).astype(np.int64)
    volatility = (np.exp2(rng.uniform(-4.32, 2.32, rows)) * ONE).astype(np.int64)
    seconds = np.exp2(rng.uniform(0, 26.5, rows)).astype(np.int64).tolist()
    roots = np.array([black.root_of_years(each) for each in seconds])
    return (
        rng.random(rows) < 0.5,
        strike,
        volatility,
        seconds,
        black.deviation(volatility, roots),
    )


@pytest.mark.parametrize(("spread", "bound"), [(1.0, 4e-9), (5.0, 4e-9), (6.99, 1e-8)])
def test_within_1e_8_of_the_underlying(spread: float, bound: float) -> None:
    """A million and more points, moved to twice the price and to nothing."""
    rng = np.random.default_rng(11)
    rows, columns = 2_000, 200
    call, strike, volatility, seconds, s = sample(rng, rows, spread)
    forward = np.sort((rng.uniform(0.001, 2, columns) * ONE).astype(np.int64))
    ours = black.values(call, strike, s, forward)
    exact = volatility / SCALE * np.sqrt(np.array(seconds) / black.YEAR)
    shape = (rows, columns)
    theirs = reference(
        np.broadcast_to(call[:, None], shape),
        np.broadcast_to(strike[:, None] / SCALE, shape),
        np.broadcast_to(exact[:, None], shape),
        np.broadcast_to(forward[None, :] / SCALE, shape),
    )
    assert np.abs(ours / SCALE - theirs).max() < bound


def test_price_at_the_money() -> None:
    """K = F, s = 20 %: 2 N(0.1) - 1 = 0.0796556745541 by the tables."""
    found = black.values(*(np.array([x]) for x in (True, ONE, ONE // 5, ONE)))[0, 0]
    assert found / ONE == pytest.approx(0.0796556745541, abs=2e-9)


def test_intrinsic_value_at_expiry_and_at_price_0() -> None:
    rng = np.random.default_rng(12)
    call, strike, _, _, s = sample(rng, 500, 6.99)
    forward = np.array([0, 1, ONE // 3, ONE - 1, ONE, ONE + 1, 12 * ONE])
    apart = forward[None, :] - strike[:, None]
    intrinsic = np.maximum(np.where(call[:, None], apart, -apart), 0)
    assert (black.values(call, strike, 0 * s, forward) == intrinsic).all()
    values = black.values(call, strike, s, forward)
    assert (values[:, 0] == np.where(call, 0, strike)).all()
    assert (values >= intrinsic).all()


def test_put_and_call_are_apart_by_what_the_forward_is_worth() -> None:
    rng = np.random.default_rng(13)
    _, strike, _, _, s = sample(rng, 500, 5)
    forward = (rng.uniform(0, 12, 40) * ONE).astype(np.int64)
    both = [black.values(np.full(500, side), strike, s, forward) for side in (True, False)]
    assert (both[0] - both[1] == forward[None, :] - strike[:, None]).all()


def test_the_same_whatever_stands_beside() -> None:
    """Blocks and rows do not matter: one at a time gives the same integers."""
    rng = np.random.default_rng(14)
    call, strike, _, _, s = sample(rng, 40, 4)
    forward = (rng.uniform(0, 2, 700) * ONE).astype(np.int64)
    whole = black.values(call, strike, s, forward)
    for row in range(0, 40, 7):
        one = slice(row, row + 1)
        for column in (0, 350, 699):
            single = black.values(call[one], strike[one], s[one], forward[column : column + 1])
            assert single[0, 0] == whole[row, column]


LEAST, GREATEST = 500 * ONE // 10_000, 5 * ONE


def test_implied_is_the_greatest_volatility_that_the_mark_covers() -> None:
    rng = np.random.default_rng(15)
    call, strike, volatility, seconds, s = sample(rng, 400, 1)
    roots = np.array([black.root_of_years(each) for each in seconds])
    at = np.array([ONE])
    mark = black.values(call, strike, s, at)[:, 0]
    found = black.implied(call, strike, roots, mark, LEAST, GREATEST)

    def price(of: Ints) -> Ints:
        return black.values(call, strike, black.deviation(of, roots), at)[:, 0]

    assert (price(found) <= mark).all()
    assert ((found == GREATEST) | (price(found + 1) > mark)).all()
    assert ((found >= volatility) | (found == GREATEST)).all()  # the greatest, and it is one


def test_implied_is_cut_to_the_range() -> None:
    call, strike = np.array([True, True]), np.array([ONE, ONE])
    root = np.array([black.root_of_years(black.YEAR)] * 2)
    mark = np.array([0, ONE - 1])
    found = black.implied(call, strike, root, mark, LEAST, GREATEST).tolist()
    assert found[0] == LEAST and found[1] == GREATEST
    # at expiry every volatility gives the intrinsic value
    assert black.implied(call[:1], strike[:1], root[:1] * 0, mark[:1], LEAST, GREATEST) == GREATEST


def test_delta_is_the_slope() -> None:
    rng = np.random.default_rng(16)
    call, strike, _, _, s = sample(rng, 300, 1)
    s = np.maximum(s, ONE // 100)
    step = ONE >> 10
    moved = black.values(call, strike, s, np.array([ONE - step, ONE + step]))
    slope = (moved[:, 1] - moved[:, 0]) / (2 * step)
    assert np.abs(black.delta(call, strike, s) / 1e8 - slope).max() < 1e-3
    assert (black.delta(call, strike, s)[call] >= 0).all()
    assert (black.delta(call, strike, s)[~call] <= 0).all()


# -- what it is made of ----------------------------------------------------------------------------
def test_normal_distribution() -> None:
    rng = np.random.default_rng(17)
    edges = np.array([-8 * ONE, -1, 0, 1, 8 * ONE], np.int64)
    points = np.concatenate([rng.integers(-8 * ONE, 8 * ONE + 1, 200_000), edges])
    exact = 0.5 * erfc(-points / SCALE / math.sqrt(2)).astype(float)
    assert np.abs(normal(points) / 2**40 - exact).max() < 2**-38
    assert (normal(points) + normal(-points) - (1 << 40) <= 2).all()


def test_logarithm() -> None:
    rng = np.random.default_rng(18)
    values = np.concatenate([
        np.exp2(rng.uniform(0, 62, 100_000)).astype(np.int64),
        np.array([1, 2, 3, ONE - 1, ONE, ONE + 1, 1 << 62]),
    ])  # fmt: skip
    assert np.abs(ln(values) - np.log(values / SCALE) * ONE).max() < 1.1
    assert ln(np.array([ONE]))[0] == 0


def test_powers_of_ratios() -> None:
    for numerator, denominator, power in (
        (30, 7, 3_000),
        (30, 700, 1_300),
        (1, 1, 3_000),
        (30, 1, 0),
    ):
        exact = (numerator / denominator) ** (power / 10_000)
        assert power_ratio(numerator, denominator, power) == pytest.approx(exact * ONE, abs=1.5)
    assert exp_fixed(ln_ratio(22, 7)) / FINE == pytest.approx(22 / 7, abs=1e-15)
    assert ln_ratio(1, 3) / FINE == pytest.approx(-math.log(3), abs=1e-15)


def test_product_does_not_overflow() -> None:
    rng = np.random.default_rng(19)
    left = rng.integers(-(1 << 37), 1 << 37, 2_000)
    right = rng.integers(0, 1 << 40, 2_000)
    exact = [int(a) * int(b) >> 40 for a, b in zip(left, right, strict=True)]
    assert product(left, right, 40).tolist() == exact


def test_roots_are_exact() -> None:
    for seconds in (0, 1, 3_599, black.YEAR - 1, black.YEAR, black.SECONDS_LIMIT - 1):
        root = black.root_of_years(seconds)
        wanted = seconds << 80
        assert root**2 * black.YEAR <= wanted < (root + 1) ** 2 * black.YEAR
    assert black.root_of_years(black.YEAR) == 1 << 40


def test_against_scipy_where_there_is_one() -> None:
    """The reference itself, by a library's normal distribution."""
    stats = pytest.importorskip("scipy.stats", reason="SciPy is not installed")
    cdf: Callable[[Floats], Floats] = stats.norm.cdf
    rng = np.random.default_rng(20)
    call, strike, volatility, seconds, s = sample(rng, 10_000, 3)
    columns = (rng.uniform(0.1, 2, 100) * ONE).astype(np.int64)
    deviation = (volatility / SCALE * np.sqrt(np.array(seconds) / black.YEAR))[:, None]
    forward, k = columns[None, :] / SCALE, strike[:, None] / SCALE
    d1 = np.log(forward / k) / deviation + deviation / 2
    calls = forward * cdf(d1) - k * cdf(d1 - deviation)
    exact = np.where(call[:, None], calls, calls - forward + k)
    assert np.abs(black.values(call, strike, s, columns) / SCALE - exact).max() < 1e-8

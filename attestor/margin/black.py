"""
Black's formula of 1976 without discounting, in integers (docs/explanation/margin.md 3).

Everything is in units of one price, that of the option's underlying before it moves: `strike` is
K / F, `forward` F' / F, a value B / F, all int64 at 2^-30. Rows are options, columns moves. The
difference d1 - d2 is exact, so what d1 lacks cancels: F phi(d1) = K phi(d2).

Source: F. Black, The pricing of commodity contracts, Journal of Financial Economics 3 (1976).
"""

from __future__ import annotations

from math import isqrt

import numpy as np
from numpy.typing import NDArray

from attestor.margin.fixed_point import NORMAL_POINT, ONE, POINT, REACH, Ints, ln, normal, product

YEAR = 31_536_000
"""Seconds."""
ROOT_POINT = 40
RATIO_LIMIT = 1 << (POINT + 7)
"""Strikes and moved prices are below 128 times the price of the underlying."""
VOLATILITY_LIMIT = 1 << (POINT + 4)
"""Volatilities are below 1,600 % a year."""
SECONDS_LIMIT = 16 * YEAR

_FAR = 40  # deviations: beyond, d1 is cut whatever s is
_INVERSE = 52
_BLOCK = 1 << 14  # values at once: they fit the cache of a core

Bools = NDArray[np.bool_]


def root_of_years(seconds: int) -> int:
    """sqrt(seconds / 31,536,000) at 2^-40, rounded down; 0 <= seconds < 16 years."""
    return isqrt((seconds << 2 * ROOT_POINT) // YEAR)


def deviation(volatility: Ints, root: Ints) -> Ints:
    """s = volatility sqrt(years), at 2^-30, rounded down."""
    return product(volatility, root, ROOT_POINT)


def log_moves(forward: Ints) -> Ints:
    """ln(F' / F) at 2^-30, for `values`; that of 0 is never looked at."""
    return ln(np.maximum(forward, 1))


def values(call: Bools, strike: Ints, s: Ints, forward: Ints, logs: Ints | None = None) -> Ints:
    """
    Values of options at moved prices.

    Parameters
    ----------
    call, strike, s : shape (rows,); strike 1..2^37, s 0..2^36
    forward : shape (columns,), 0..2^37
    logs : `log_moves` of these, where it is known

    Returns
    -------
    shape (rows, columns)
        At least the intrinsic value; exactly that where s = 0 or forward = 0. Within 4e-9 of the
        formula for K < 32 F, 1e-8 for K < 128 F.
    """
    out = np.empty((len(strike), len(forward)), np.int64)
    moved = log_moves(forward) if logs is None else logs
    step = max(1, _BLOCK // len(forward))
    for start in range(0, len(strike), step):
        rows = slice(start, start + step)
        out[rows] = _time_value(strike[rows], s[rows], forward, moved)
    apart = forward[None, :] - strike[:, None]
    out += np.maximum(np.where(call[:, None], apart, -apart), 0)
    return out


def _time_value(strike: Ints, s: Ints, forward: Ints, moved: Ints) -> Ints:
    """What an option is worth above its intrinsic value: the value of the one out of the money."""
    width = np.maximum(s, 1)[:, None]
    inverse = (1 << _INVERSE) // width
    down = forward[None, :] >= strike[:, None]  # the put is out of the money
    d1 = moved[None, :] - ln(strike)[:, None]
    np.clip(d1, -_FAR * width, _FAR * width, out=d1)
    d1 *= inverse
    d1 >>= _INVERSE - POINT
    d1 += width >> 1
    d2 = d1 - width
    np.negative(d1, out=d1, where=down)
    np.negative(d2, out=d2, where=down)
    reach = REACH << POINT
    np.clip(d1, -reach, reach, out=d1)
    np.clip(d2, -reach, reach, out=d2)
    out = _times(forward[None, :], normal(d1))
    out -= _times(strike[:, None], normal(d2))
    np.negative(out, out=out, where=down)
    out >>= NORMAL_POINT - 15
    np.maximum(out, 0, out=out)  # without time or price the difference is 0 or below
    return out


def _times(ratio: Ints, probability: Ints) -> Ints:
    """ratio probability at 2^-55: 2^-30 times 2^-40, without its last fifteen places."""
    return product(ratio, probability, 15)


def implied(call: Bools, strike: Ints, root: Ints, mark: Ints, least: int, greatest: int) -> Ints:
    """
    The greatest volatility on the grid 2^-30 whose value is at most the mark, cut to a range.

    Parameters
    ----------
    call, strike, root, mark : shape (rows,); root as `root_of_years`, mark in units of the
        underlying at 2^-30, rounded down
    least, greatest : the range, at 2^-30

    Returns
    -------
    shape (rows,)
        `least` where even its value is above the mark.

    Notes
    -----
    By bisection: where rounding makes a value fall by a unit as volatility rises, the search
    decides which of the crossings is taken.
    """
    low, high = np.full(len(strike), least, np.int64), np.full(len(strike), greatest, np.int64)
    at = np.array([ONE], np.int64)
    for _ in range((greatest - least).bit_length()):
        middle = low + high + 1 >> 1
        fits = values(call, strike, deviation(middle, root), at)[:, 0] <= mark
        low = np.where(fits, middle, low)
        high = np.where(fits, high, middle - 1)
    return low


def delta(call: Bools, strike: Ints, s: Ints) -> Ints:
    """
    dB/dF where nothing has moved, signed, in 1e-8: N(d1), for a put N(d1) - 1.

    At expiry it is that of the intrinsic value, half at the strike.
    """
    width = np.maximum(s, 1)
    far = np.clip(-ln(strike), -_FAR * width, _FAR * width)
    d1 = (far * ((1 << _INVERSE) // width) >> _INVERSE - POINT) + (width >> 1)
    reach = REACH << POINT
    share = product(np.full(len(strike), 10**8, np.int64), normal(np.clip(d1, -reach, reach)), 40)
    return np.where(call, share, share - 10**8)

"""
Fixed point at 2^-30 and tables made from integers (docs/explanation/margin.md 3).

No float is used, so every machine has the same numbers. Functions on arrays take and return int64.
"""

from __future__ import annotations

from functools import cache
from math import isqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

POINT = 30
ONE = 1 << POINT
"""1.0."""
_DEEP = 96  # binary places in which tables are computed
_SPLIT = 15


# -- logarithm, exponential: Python integers -------------------------------------------------------
def _artanh(numerator: int, denominator: int) -> int:
    """artanh(numerator / denominator) at 2^-96, for |ratio| <= 1/3."""
    term = (numerator << _DEEP) // denominator
    square = numerator * numerator
    total, odd = 0, 1
    while term:
        total += term // odd
        term = term * square // (denominator * denominator)
        odd += 2
    return total


@cache
def _ln2() -> int:
    return 2 * _artanh(1, 3)


def ln_ratio(numerator: int, denominator: int) -> int:
    """ln(numerator / denominator) at 2^-96, both above 0."""
    shift = numerator.bit_length() - denominator.bit_length()
    if shift >= 0:
        denominator <<= shift
    else:
        numerator <<= -shift
    # the ratio is in (1/2, 2): artanh((r - 1) / (r + 1)) = ln(r) / 2
    total = 2 * _artanh(abs(numerator - denominator), numerator + denominator)
    return shift * _ln2() + (total if numerator >= denominator else -total)


def exp_fixed(power: int) -> int:
    """exp(power 2^-96) at 2^-96, for results below 2^64."""
    shift, rest = divmod(power, _ln2())
    total = term = 1 << _DEEP
    step = 1
    while term:
        term = (term * rest >> _DEEP) // step
        total += term
        step += 1
    return total << shift if shift >= 0 else total >> -shift


def power_ratio(numerator: int, denominator: int, power: int) -> int:
    """(numerator / denominator)^(power / 10^4) at 2^-30, rounded down."""
    return exp_fixed(ln_ratio(numerator, denominator) * power // 10_000) >> (_DEEP - POINT)


# -- logarithm of arrays ---------------------------------------------------------------------------
_LOG_POINT = 40  # a number is moved to 1..2 at 2^-40
_CELLS = 8  # log2 of the table's size
_INVERSE_POINT = 20


@cache
def _ln_table() -> tuple[Ints, Ints]:
    """Of the cell c of a number in 1..2: i = about 1 / c at 2^-20, and -ln(i) at 2^-40."""
    one = 1 << _INVERSE_POINT
    inverse = [(one << _CELLS) // (cell + (1 << _CELLS)) for cell in range(1 << _CELLS)]
    logs = [-ln_ratio(each, one) >> (_DEEP - _LOG_POINT) for each in inverse]
    return np.array(inverse, np.int64), np.array(logs, np.int64)


def ln(values: Ints) -> Ints:
    """
    Natural logarithm.

    Parameters
    ----------
    values : int64 at 2^-30, 1 to 2^62

    Returns
    -------
    int64 at 2^-30, rounded down from a figure within 2^-36
    """
    inverse, logs = _ln_table()
    smeared = values.copy()
    for step in (1, 2, 4, 8, 16, 32):
        smeared |= smeared >> step
    top = np.bitwise_count(smeared).astype(np.int64) - 1
    lift = _LOG_POINT - top
    unit = np.where(lift >= 0, values << np.maximum(lift, 0), values >> np.maximum(-lift, 0))
    cell = (unit >> (_LOG_POINT - _CELLS)) - (1 << _CELLS)
    rest = (unit * inverse[cell] >> _INVERSE_POINT) - (1 << _LOG_POINT)  # below 2^-7
    short = rest >> 8  # at 2^-32
    square = short * short >> 24
    cube = square * short >> 32
    series = rest - (square >> 1) + cube // 3 - (cube * short >> 34)
    ln2 = _ln2() >> (_DEEP - _LOG_POINT)
    out: Ints = (top - POINT) * ln2 + logs[cell] + series >> (_LOG_POINT - POINT)
    return out


# -- the normal distribution -----------------------------------------------------------------------
REACH = 8
"""Beyond this many standard deviations N is 0 or 1: what is left is below 2^-50."""
NORMAL_POINT = 40
_STEP = 22  # log2 of a cell of the table, 2^-8
_HALF_CELL = 1 << (_STEP - 1)


@cache
def _pi() -> int:
    """At 2^-96, by Machin's formula 16 arctan(1/5) - 4 arctan(1/239)."""

    def arctan_of_one_over(x: int) -> int:
        term = (1 << _DEEP) // x
        total, odd, sign = 0, 1, 1
        while term:
            total += sign * (term // odd)
            term //= x * x
            odd += 2
            sign = -sign
        return total

    return 16 * arctan_of_one_over(5) - 4 * arctan_of_one_over(239)


@cache
def _density_at_zero() -> int:
    """1 / sqrt(2 pi) at 2^-96."""
    return (1 << 2 * _DEEP) // isqrt(2 * _pi() << _DEEP)


def _density_and_integral(point: int) -> tuple[int, int]:
    """phi(a) and N(a) - 1/2 at 2^-96 for a = point 2^-96 >= 0."""
    square = point * point >> _DEEP
    density = exp_fixed(-square // 2) * _density_at_zero() >> _DEEP
    total, term, odd = 0, point, 1
    while term:  # N(a) - 1/2 = phi(a) (a + a^3 / 3 + a^5 / (3 5) + ...)
        total += term
        odd += 2
        term = (term * square >> _DEEP) // odd
    return density, density * total >> _DEEP


class NormalTable(NamedTuple):
    """Taylor coefficients of N about the middle of each cell, at 2^-40, -38, -30 and -22."""

    value: Ints
    first: Ints
    second: Ints
    third: Ints


@cache
def _normal_table() -> NormalTable:
    half = REACH << (POINT - _STEP)  # cells on either side of 0
    rows = []
    for cell in range(half):
        point = (2 * cell + 1) << (_DEEP - POINT + _STEP - 1)
        density, integral = _density_and_integral(point)
        first = density >> (_DEEP - 38)
        second = -(point * density >> (2 * _DEEP - 29))
        third = ((point * point >> _DEEP) - (1 << _DEEP)) * density // 6 >> (2 * _DEEP - 22)
        rows.append((integral >> (_DEEP - NORMAL_POINT), first, second, third))
    right = np.array(rows, np.int64)
    mirrored = right[::-1] * np.array([-1, 1, -1, 1])
    whole = np.concatenate([mirrored, right])
    whole[:, 0] += 1 << (NORMAL_POINT - 1)
    whole = np.concatenate([whole, whole[-1:]])  # the cell that begins at +8 itself
    return NormalTable(*(np.ascontiguousarray(column) for column in whole.T))


def normal(deviations: Ints) -> Ints:
    """
    N(d), the normal distribution.

    Parameters
    ----------
    deviations : int64 at 2^-30, within -8..8

    Returns
    -------
    int64 at 2^-40, within 2^-38
    """
    table = _normal_table()
    shifted = deviations + (REACH << POINT)
    cell = shifted >> _STEP
    rest = (shifted & ((1 << _STEP) - 1)) - _HALF_CELL
    out: Ints = table.third[cell]
    out *= rest
    out >>= 22
    out += table.second[cell]
    out *= rest
    out >>= 22
    out += table.first[cell]
    out *= rest
    out >>= 28
    out += table.value[cell]
    return out


def product(left: Ints, right: Ints, shift: int) -> Ints:
    """
    floor(left right / 2^shift) without overflow, shift >= 15.

    `right` is at least 0, |left| right below 2^78 and right below 2^47.
    """
    high, low = left >> _SPLIT, left & ((1 << _SPLIT) - 1)
    out: Ints = high * right + (low * right >> _SPLIT) >> (shift - _SPLIT)
    return out

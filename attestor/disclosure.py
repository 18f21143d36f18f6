"""
Showing some records of a log, and nothing else, against its commitment
(docs/explanation/attestation.md 7).

One opening for all of them (Boneh, Drake, Fisch, Gabizon 2020, 4). R(X) is the log's polynomial, S
the points of the rows that are shown, I(X) of least degree through their records, Z(X) zero on S:

    W = [(R - I) / Z],  z a hash of all that is public and W,
    W' = [(R - I(z) - Z(z) (R - I) / Z) / (X - z)]
    e(C - I(z) G - Z(z) W + z W', G2) = e(W', [tau]_2)
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from algebra.curve import G1
from algebra.errors import Refused, Rejected
from algebra.interface import Algebra, Basis, P, Point, PointG2, PointVector, R, root_of_unity
from algebra.keccak import keccak
from algebra.twist import G2
from history.v2.record import Records

MAX_SHOWN = 1_000
"""Records of one disclosure: the verifier's work grows with the square of their number."""


class Opening(NamedTuple):
    """The two points of a proof; None is the point at infinity."""

    quotient: Point
    at_challenge: Point


def open_records(
    records: Records, size: int, rows: Sequence[int], powers: PointVector, algebra: Algebra
) -> tuple[list[int], Opening]:
    """
    Records in these rows as words, and the points that prove them.

    Parameters
    ----------
    records : the whole log
    size : n, rows of the class
    rows : ascending, each once
    powers : [tau^i], at least n - 1 of them

    Raises
    ------
    Refused
        `refused.disclosure`: no such record, none at all, more than `MAX_SHOWN`, or not ascending.
    """
    words = records.encode()
    if not 0 < len(rows) <= MAX_SHOWN or list(rows) != sorted(set(rows)):
        raise Refused(
            "refused.disclosure",
            f"disclose: {len(rows)} records; 1 to {MAX_SHOWN} wanted, ascending, each once",
        )
    if rows[0] < 0 or rows[-1] >= len(words) or len(words) > size:
        wrong = rows[0] if rows[0] < 0 else rows[-1]
        raise Refused(
            "refused.disclosure", f"disclose: record {wrong} of {len(words)} in {size} rows"
        )
    values = algebra.vector([*words, *([0] * (size - len(words)))], Basis.EVALUATION)
    log = quotient = algebra.interpolate(values)
    points = _points(size, rows)
    for point in points:  # the remainders together are I
        quotient = algebra.divide_by_binomial(quotient, 1, point)
    shown = [words[row] for row in rows]
    first = algebra.msm(powers, quotient)
    commitment = algebra.msm(powers, log)
    z = _challenge(commitment, size, rows, shown, first)
    # I(z) is a constant, which a division's remainder takes with it
    zero = prod((z - point) % R for point in points) % R
    rest = algebra.linear_combination([1, -zero % R], [log, quotient])
    second = algebra.msm(powers, algebra.divide_by_binomial(rest, 1, z))
    return shown, Opening(first, second)


def verify_records_opening(
    commitment: Point,
    size: int,
    rows: Sequence[int],
    words: Sequence[int],
    proof: Opening,
    tau_g2: PointG2,
    algebra: Algebra,
) -> None:
    """
    Check that these rows of the log committed to in `commitment` hold `words`.

    A row counts in the class `size`: row 2 i of a class is row i of half of it, so the class must
    be known from elsewhere, which is the leaf.

    Raises
    ------
    Rejected
        `rejected.disclosure`: they do not, or an input is out of range or off the curve.
    """
    if not 0 < len(rows) <= MAX_SHOWN or len(rows) != len(words):
        raise _no("not 1 to 1,000 records, a row for each")
    if list(rows) != sorted(set(rows)) or not 0 <= rows[0] <= rows[-1] < size:
        raise _no("rows are not ascending, or out of range")
    if not all(0 <= word < R for word in words):
        raise _no("a record is out of range")
    for name, given in (("commitment", commitment), *zip(("W", "W'"), proof, strict=True)):
        # Backends may take a point for granted: an opening is untrusted input.
        if given is not None and not _on_curve(given):
            raise _no(f"{name} is not on the curve")
    first, second = proof
    z = _challenge(commitment, size, rows, words, first)
    points = _points(size, rows)
    if z in points:
        raise _no("its challenge is one of the rows'")
    zero = prod((z - point) % R for point in points) % R
    through = _interpolated(points, words, z, zero)
    left = algebra.scale_points([commitment, G1, first, second], [1, -through % R, -zero % R, z])
    if not algebra.pairing_check([(left, G2), (_negate(second), tau_g2)]):
        raise _no("the records are not in these rows of the log")


def _no(reason: str) -> Rejected:
    return Rejected("rejected.disclosure", f"disclosure: {reason}")


def _points(size: int, rows: Sequence[int]) -> list[int]:
    omega = root_of_unity(size)
    return [pow(omega, row, R) for row in rows]


def _interpolated(points: Sequence[int], values: Sequence[int], z: int, zero: int) -> int:
    """I(z), by Lagrange; `zero` is Z(z)."""
    total = 0
    for place, (point, value) in enumerate(zip(points, values, strict=True)):
        below = z - point
        for other, another in enumerate(points):
            if other != place:
                below = below * (point - another) % R
        total += value * pow(below, -1, R)
    return total * zero % R


def _challenge(
    commitment: Point, size: int, rows: Sequence[int], words: Sequence[int], first: Point
) -> int:
    """z: a hash of all that is public, and of W."""
    numbers = [size, *(commitment or (0, 0)), len(rows), *rows, *words, *(first or (0, 0))]
    said = b"tierproof/disclosure/1" + b"".join(number.to_bytes(32) for number in numbers)
    return int.from_bytes(keccak(said)) % R


def _on_curve(point: tuple[int, int]) -> bool:
    x, y = point
    return 0 <= x < P and 0 <= y < P and (y * y - x * x * x - 3) % P == 0


def _negate(point: Point) -> Point:
    return None if point is None else (point[0], -point[1] % P)

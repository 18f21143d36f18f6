"""
Showing one record of a log, and nothing else, against its commitment
(docs/explanation/attestation.md 7).

A KZG opening of C at omega^i: with R(X) the log's polynomial, W = [(R(tau) - R_i) / (tau -
omega^i)] and e(C - R_i G + omega^i W, G2) = e(W, [tau]_2).
"""

from __future__ import annotations

from algebra.curve import G1
from algebra.errors import Refused, Rejected
from algebra.interface import Algebra, Basis, P, Point, PointG2, PointVector, R, root_of_unity
from algebra.twist import G2
from history.v2.record import Records


def open_record(
    records: Records, size: int, index: int, powers: PointVector, algebra: Algebra
) -> tuple[int, Point]:
    """
    Record `index` as its word, and the point that proves it.

    Parameters
    ----------
    records : the whole log
    size : n, rows of the class
    powers : [tau^i], at least n - 1 of them

    Raises
    ------
    Refused
        `refused.disclosure`: no such record.
    """
    words = records.encode()
    if not 0 <= index < len(words) or len(words) > size:
        raise Refused(
            "refused.disclosure", f"disclose: record {index} of {len(words)} in {size} rows"
        )
    values = algebra.vector([*words, *([0] * (size - len(words)))], Basis.EVALUATION)
    point = pow(root_of_unity(size), index, R)
    quotient = algebra.divide_by_binomial(
        algebra.interpolate(values), 1, point
    )  # the remainder is the record's word
    return words[index], algebra.msm(powers, quotient)


def verify_record_opening(
    commitment: Point,
    size: int,
    index: int,
    word: int,
    proof: Point,
    tau_g2: PointG2,
    algebra: Algebra,
) -> None:
    """
    Check that row `index` of the log committed to in `commitment` holds `word`.

    Raises
    ------
    Rejected
        `rejected.disclosure`: it does not, or an input is out of range or off the curve.
    """
    if not 0 <= index < size or not 0 <= word < R:
        raise Rejected("rejected.disclosure", "disclosure: row or word out of range")
    point = pow(root_of_unity(size), index, R)
    for name, given in (("commitment", commitment), ("proof", proof)):
        # Backends may take a point for granted: an opening is untrusted input.
        if given is not None and not _on_curve(given):
            raise Rejected("rejected.disclosure", f"disclosure: {name} is not on the curve")
    left = algebra.scale_points([commitment, G1, proof], [1, -word % R, point])
    if not algebra.pairing_check([(left, G2), (_negate(proof), tau_g2)]):
        raise Rejected(
            "rejected.disclosure", "disclosure: the record is not in this row of the log"
        )


def _on_curve(point: tuple[int, int]) -> bool:
    x, y = point
    return 0 <= x < P and 0 <= y < P and (y * y - x * x * x - 3) % P == 0


def _negate(point: Point) -> Point:
    return None if point is None else (point[0], -point[1] % P)

"""
The commitment to a log: C = sum_i R_i [L_i(tau)] (docs/explanation/attestation.md 4; design: the
attested commitment is the trace).

`basis` is the Lagrange basis of the size class, [L_i(tau)] in natural order over the domain of n
rows.
"""

from __future__ import annotations

import numpy as np

from algebra.errors import Refused
from algebra.interface import Algebra, Basis, Column, Point, PointVector
from history.v2.record import Records


def commit_log(records: Records, basis: PointVector, algebra: Algebra) -> Point:
    """
    Commit to records in rows 0, 1, ...

    Raises
    ------
    Refused
        `refused.capacity`: more records than the basis has points.
    """
    _room(len(records), basis)
    return algebra.msm(basis, algebra.vector(records.encode(), Basis.EVALUATION))


def append_day(
    previous: Point, new_records: Records, first_index: int, basis: PointVector, algebra: Algebra
) -> Point:
    """
    Commitment after `new_records` have been added in rows first_index, first_index + 1, ...

    Notes
    -----
    Cost: one sparse sum over the new records; the rows before them are skipped, not multiplied.

    Raises
    ------
    Refused
        `refused.capacity`.
    """
    _room(first_index + len(new_records), basis)
    rows = {first_index + i: word for i, word in enumerate(new_records.encode())}
    column = Column(np.zeros(first_index + len(new_records), dtype=np.uint16), rows)
    return algebra.add_points([previous, algebra.msm_column(basis, column)])


def _room(count: int, basis: PointVector) -> None:
    if count > basis.length:
        raise Refused(
            "refused.capacity",
            f"log: {count} records, the basis has {basis.length} rows",
            records=count,
        )

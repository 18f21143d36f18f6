"""
L12: C' = T_1 leaves the first slope free; C' = -T_1 has none. Stopped by the link itself: no point
that is added has the abscissa of C'. A later point may be the sum before it, if C' is in the span
of H, so for a log of zeros: stopped by the first record, which is active, and by the leaf's count
of at least one. Either way the chain leaves the curve, and no attested commitment is where it ends.
"""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from support.credential import CLASS, honest, world
from support.forge import Forger, Step, chain, forger, point

from algebra.errors import Malformed
from algebra.interface import P, R
from algebra.native_backend import native
from circuits.credential.v2.layout import Layout
from history.v2.record import Record, Records
from prover.witness.v2.cells import Cells
from prover.witness.v2.link import fill_link
from tierproof.testing import assert_rejected

EMPTY = Records.from_rows([])


def test_the_honest_prover_refuses_equal_abscissae() -> None:
    home, cells = world(), Cells(CLASS)
    first = home.table[0]
    for start in (first, (first[0], P - first[1])):
        with pytest.raises(ArithmeticError, match="equal abscissae"):
            fill_link(cells, Layout(CLASS), start, [first])


def zeros(sign: int, slope: int, at: int = 0) -> tuple[Forger, dict[str, object]]:
    """
    A prover without records: C = 0, and rho chosen so that C' = sign * T_1, or the sum before
    addition `at` is its point, 2^(6 at) H.
    """
    home = world()
    rho = sign if at == 0 else (1 << 6 * at) - sum(1 << 6 * j for j in range(at))
    start = point(native().scale_points([home.h], [rho % R]))

    def alter(cells: Cells, prover: Forger) -> None:
        cells.limbs[:, : prover.layout.capacity] = 0
        for column in cells.free:
            column.narrow[: prover.layout.capacity] = 0
        picked = [home.table[64 * i if i <= at else p] for i, p in enumerate(prover.picks)]
        steps = [Step(p, slope if i == at else None) for i, p in enumerate(picked)]
        chain(cells, prover.start, steps)

    return forger(honest(), alter, own_link=True, commitment=None), {
        "record": start,
        "rho": rho % R,
        "records": [],
    }


@pytest.mark.parametrize("slope", [0, 1, 12345, P - 1])
def test_a_free_first_slope_passes_one_rule_of_the_chain_less(slope: int) -> None:
    """All its identities hold for any slope; that the first record is active stops it as well."""
    forged, given = zeros(1, slope)
    found = honest().labels(forged, **given)
    # sum.end: totals, marks and count, which are sums over records
    assert found == {"link.xT.apart", "record.first_is_active", "sum.end"}


@pytest.mark.parametrize("at", [1, 20, 42])
def test_a_free_slope_further_on_has_no_first_record(at: int) -> None:
    forged, given = zeros(1, 12345, at)
    assert honest().labels(forged, **given) == {"record.first_is_active", "sum.end"}


def test_a_free_slope_leaves_the_curve() -> None:
    """
    Where it does not, the sum is 2 T or -T: what a chain of honest additions would reach. So the
    end of a chain that is on the curve, as attested commitments are, is in the span of H.
    """
    source, on_curve = random.Random(12), 0
    for x, y in [world().table[source.randrange(len(world().table))] for _ in range(20)]:
        tangent = 3 * x * x * pow(2 * y, -1, P) % P
        root = pow(3 * x, (P + 1) // 4, P)
        slopes = [tangent, *([root, P - root] if root * root % P == 3 * x % P else [])]
        for slope in [*slopes, *(source.randrange(P) for _ in range(20)), 0, 1]:
            x3 = (slope * slope - 2 * x) % P
            end = (x3, (slope * (x - x3) - y) % P)
            assert (end in (double(x, y), (x, P - y))) == (slope in slopes)
            assert ((end[1] ** 2 - end[0] ** 3 - 3) % P == 0) == (slope in slopes)
            on_curve += slope in slopes
    assert on_curve > 20


def double(x: int, y: int) -> tuple[int, int]:
    return point(native().scale_points([(x, y)], [2]))


def test_minus_t_has_no_slope() -> None:
    forged, given = zeros(-1, 5)
    found = honest().labels(forged, **given, only=("link.", "range."))
    assert found > {"link.xT.apart"} and all(
        label.startswith("range.limb") for label in found - {"link.xT.apart"}
    )  # solved mod r only, as in L4


def test_no_proof() -> None:
    forged, _ = zeros(1, 5)
    forged.commitment = world().table[0]
    assert_rejected(world().key, forged, honest().statement, native())


def test_no_leaf_without_records_no_record_of_zero() -> None:
    with pytest.raises(Malformed) as caught:
        replace(honest().leaf, count=0)
    assert caught.value.fields["part"] == "count"
    with pytest.raises(Malformed) as caught:
        Records.from_rows([Record(0, 0, 0, 0, 0, 0, 0)]).check()
    assert caught.value.code == "malformed.record.kind"
    # the all-zero word is no record: its distance and value would be out of range or its active bit
    # unset
    with pytest.raises(Malformed):
        Records.decode([0])

"""Commitment, appending a day, and the opening of some records."""

from __future__ import annotations

import pytest
from attestor_world import TAU, A, Lines, at, lagrange_basis, statement

from algebra.curve import G1
from algebra.errors import Refused, Rejected
from algebra.interface import Algebra, Basis, P, PointG2, PointVector, R
from algebra.twist import G2
from attestor.commitment import append_day, commit_log
from attestor.disclosure import Opening, open_records, verify_records_opening
from attestor.log import build_log
from history.v2.record import Records

N = 64


@pytest.fixture(scope="module")
def basis(algebra: Algebra) -> PointVector:
    return lagrange_basis(N, algebra)


@pytest.fixture(scope="module")
def powers(algebra: Algebra) -> PointVector:
    return algebra.fixed_base(algebra.powers(TAU, N, 1, Basis.EVALUATION))


@pytest.fixture(scope="module")
def tau_g2() -> PointG2:
    from prover.srs import multiple_of_g2

    return multiple_of_g2(TAU)


@pytest.fixture(scope="module")
def records() -> Records:
    make = Lines()
    fills = [make.fill(at(day, 9, i), A, (-1) ** i, 100 + i) for day in range(7) for i in range(4)]
    return build_log(statement(fills, days=7)).records


def test_the_commitment_is_the_polynomial_at_tau(
    records: Records, basis: PointVector, powers: PointVector, algebra: Algebra
) -> None:
    words = records.encode()
    values = algebra.vector(words + [0] * (N - len(words)), Basis.EVALUATION)
    assert commit_log(records, basis, algebra) == algebra.msm(powers, algebra.interpolate(values))
    points = algebra.affine(basis)[: len(words)]
    assert commit_log(records, basis, algebra) == algebra.scale_points(points, words)


def test_a_day_appended_is_the_whole_log(
    records: Records, basis: PointVector, algebra: Algebra
) -> None:
    commitment = None
    first = 0
    for day in range(7):
        new = records.take(records.day == day)
        commitment = append_day(commitment, new, first, basis, algebra)
        first += len(new)
        assert commitment == commit_log(records.take(slice(0, first)), basis, algebra)
    assert first == len(records) == 56
    assert append_day(commitment, records.take([]), first, basis, algebra) == commitment


def test_a_log_larger_than_the_class(
    records: Records, basis: PointVector, algebra: Algebra
) -> None:
    twice = records.take([*range(56), *range(20)])
    with pytest.raises(Refused) as caught:
        commit_log(twice, basis, algebra)
    assert caught.value.code == "refused.capacity"
    with pytest.raises(Refused):
        append_day(None, records, 20, basis, algebra)


def test_the_generators() -> None:
    from prover.srs import multiple_of_g2

    assert multiple_of_g2(1) == G2
    assert (G1[1] ** 2 - G1[0] ** 3 - 3) % P == 0


@pytest.mark.parametrize("rows", [[0], [1], [30], [55], [0, 55], [3, 4, 5], list(range(56))])
def test_some_records_are_shown(
    records: Records,
    basis: PointVector,
    powers: PointVector,
    tau_g2: PointG2,
    algebra: Algebra,
    rows: list[int],
) -> None:
    commitment = commit_log(records, basis, algebra)
    words, proof = open_records(records, N, rows, powers, algebra)
    assert [Records.decode([word]).row(0) for word in words] == [records.row(i) for i in rows]
    verify_records_opening(commitment, N, rows, words, proof, tau_g2, algebra)
    first, second = proof
    last, other = words[-1], (rows[-1] + 1) % N
    wrong: list[tuple[object, ...]] = [
        (commitment, N, rows, [*words[:-1], last + 1], proof),
        (commitment, N, [*rows[:-1], other], words, proof),
        (commitment, 2 * N, [*rows[:-1], rows[-1] or 1], words, proof),
        (commitment, N, rows, [*words[:-1], (-last) % R], proof),
        (commitment, N, rows, [*words[:-1], last + R], proof),
        (commitment, N, rows, words[:-1], proof),
        (commitment, N, [], [], proof),
        (commitment, N, [rows[-1] + N], [last], proof),
        (commitment, N, [*rows, rows[-1]], [*words, last], proof),
        (commitment, N, rows, words, Opening(None, second)),
        (commitment, N, rows, words, Opening(first, None)),
        (commitment, N, rows, words, Opening(first, commitment)),
        (None, N, rows, words, proof),
        ((1, 1), N, rows, words, proof),
        (commitment, N, rows, words, Opening((0, 0), second)),
        (commitment, N, rows, words, Opening(first, (second[0] + P, second[1]))),  # type: ignore[index]
    ]
    if len(rows) > 1:  # of one row, W' is W
        wrong.append((commitment, N, rows, words, Opening(second, first)))
    for arguments in wrong:
        with pytest.raises(Rejected) as caught:
            verify_records_opening(*arguments, tau_g2, algebra)  # type: ignore[arg-type]
        assert caught.value.code == "rejected.disclosure"


def test_an_opening_of_fewer_or_more_records_is_another(
    records: Records, basis: PointVector, powers: PointVector, tau_g2: PointG2, algebra: Algebra
) -> None:
    commitment = commit_log(records, basis, algebra)
    words, proof = open_records(records, N, [3, 4], powers, algebra)
    for rows in ([3], [4], [3, 4, 5]):
        shown = records.take(rows).encode()
        with pytest.raises(Rejected):
            verify_records_opening(commitment, N, rows, shown, proof, tau_g2, algebra)
    with pytest.raises(Rejected):
        verify_records_opening(commitment, N, [3, 4], words[::-1], proof, tau_g2, algebra)


@pytest.mark.parametrize("rows", [[], [56], [-1], [1, 0], [1, 1]])
def test_rows_that_cannot_be_shown(
    records: Records, powers: PointVector, algebra: Algebra, rows: list[int]
) -> None:
    with pytest.raises(Refused) as caught:
        open_records(records, N, rows, powers, algebra)
    assert caught.value.code == "refused.disclosure"

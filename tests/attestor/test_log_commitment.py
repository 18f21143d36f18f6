"""Commitment, appending a day, and the opening of one record."""

from __future__ import annotations

import pytest
from attestor_world import TAU, A, Lines, at, lagrange_basis, statement

from algebra.curve import G1
from algebra.errors import Refused, Rejected
from algebra.interface import Algebra, Basis, P, PointG2, PointVector, R
from algebra.twist import G2
from attestor.commitment import append_day, commit_log
from attestor.disclosure import open_record, verify_record_opening
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


@pytest.mark.parametrize("index", [0, 1, 30, 55])
def test_one_record_is_shown(
    records: Records,
    basis: PointVector,
    powers: PointVector,
    tau_g2: PointG2,
    algebra: Algebra,
    index: int,
) -> None:
    commitment = commit_log(records, basis, algebra)
    word, proof = open_record(records, N, index, powers, algebra)
    assert Records.decode([word]).row(0) == records.row(index)
    verify_record_opening(commitment, N, index, word, proof, tau_g2, algebra)
    other = (index + 1) % len(records)
    wrong = [
        (commitment, N, index, word + 1, proof),
        (commitment, N, other, word, proof),
        (commitment, N // 2, index % 32, word, proof)
        if index
        else (commitment, 2 * N, index + 1, word, proof),
        (commitment, N, index, (-word) % R, proof),
        (commitment, N, index, word, None),
        (commitment, N, index, word, commitment),
        (None, N, index, word, proof),
        (commitment, N, index + N, word, proof),
        (commitment, N, index, word + R, proof),
        (commitment, N, index, word, (proof[0], proof[1] + 1) if proof else None),
        (commitment, N, index, word, (proof[0] + P, proof[1]) if proof else None),
        (commitment, N, index, word, (0, 0)),
    ]
    for arguments in wrong:
        with pytest.raises(Rejected) as caught:
            verify_record_opening(*arguments, tau_g2, algebra)
        assert caught.value.code == "rejected.disclosure"


def test_an_empty_row_opens_to_zero_only(
    records: Records, basis: PointVector, powers: PointVector, tau_g2: PointG2, algebra: Algebra
) -> None:
    with pytest.raises(Refused):
        open_record(records, N, len(records), powers, algebra)
    with pytest.raises(Refused):
        open_record(records, N, -1, powers, algebra)

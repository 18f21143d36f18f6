"""
A basis that somebody signs with is the setup's: files with right digests and wrong points are
refused.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from algebra.errors import Malformed
from algebra.interface import Algebra, Basis, PointVector, R
from algebra.native_backend import native
from algebra.reference import reference
from prover.keys import HEAD_BYTES, bases_name, cached_bases, powers_needed, verified_basis
from prover.point_file import DIGEST_BYTES, POINT_BYTES, write_sealed
from prover.setup import Setup, unsafe_dev_setup

N = 16


@pytest.fixture(params=[native(), reference()], ids=lambda algebra: algebra.name)
def algebra(request: pytest.FixtureRequest) -> Algebra:
    chosen: Algebra = request.param
    return chosen


def setup_of(algebra: Algebra) -> Setup:
    return unsafe_dev_setup(powers_needed(N, 1), algebra)


def replace_points(folder: Path, setup: Setup, algebra: Algebra, points: PointVector) -> None:
    """Put other points into the cache file, sealed as its own."""
    path = folder / bases_name(setup, N, 1)
    head = path.read_bytes()[:HEAD_BYTES]
    write_sealed(path, head, [points], algebra)


def test_the_true_basis(algebra: Algebra, tmp_path: Path) -> None:
    setup = setup_of(algebra)
    for _ in ("made", "read"):
        basis = verified_basis(setup, N, algebra, tmp_path)
        assert algebra.affine(basis) == algebra.affine(cached_bases(setup, N, 1, algebra, None)[0])


@pytest.mark.parametrize("forgery", ["scaled", "swapped", "infinity", "other setup"])
def test_wrong_points_are_refused_by_the_files_name(
    algebra: Algebra, forgery: str, tmp_path: Path
) -> None:
    setup = setup_of(algebra)
    points = algebra.affine(cached_bases(setup, N, 1, algebra, tmp_path)[0])
    if forgery == "scaled":
        points[5] = algebra.scale_points([points[5]], [3 * pow(7, -1, R) % R])
    elif forgery == "swapped":
        points[0], points[N - 1] = points[N - 1], points[0]
    elif forgery == "infinity":
        points[N - 1] = None
    else:
        other = unsafe_dev_setup(powers_needed(N, 1), algebra, b"other")
        points = algebra.affine(cached_bases(other, N, 1, algebra, None)[0])
    replace_points(tmp_path, setup, algebra, algebra.points(points))
    if forgery != "infinity":  # the digest finds accidents only
        assert algebra.affine(cached_bases(setup, N, 1, algebra, tmp_path)[0]) == points
    with pytest.raises(Malformed, match=bases_name(setup, N, 1)) as caught:
        verified_basis(setup, N, algebra, tmp_path)
    assert caught.value.code == "malformed.bases"


def test_a_point_off_the_curve(algebra: Algebra, tmp_path: Path) -> None:
    setup = setup_of(algebra)
    cached_bases(setup, N, 1, algebra, tmp_path)
    path = tmp_path / bases_name(setup, N, 1)
    body = bytearray(path.read_bytes()[:-DIGEST_BYTES])
    body[HEAD_BYTES + 3 * POINT_BYTES] ^= 1
    path.unlink()
    path.write_bytes(body + hashlib.sha256(body).digest())
    with pytest.raises(Malformed, match=path.name) as caught:
        verified_basis(setup, N, algebra, tmp_path)
    assert caught.value.code == "malformed.bases"


def test_powers_of_no_tau(algebra: Algebra, tmp_path: Path) -> None:
    """
    Basis and setup forged alike: the commitment to one record is the same, the powers are none of
    [tau]_2.
    """
    setup = setup_of(algebra)
    powers = algebra.affine(setup.g1)
    powers[7] = algebra.scale_points([powers[7]], [2])
    forged = replace(setup, g1=algebra.points(powers), unsafe_tau=None)
    with pytest.raises(Malformed) as caught:
        verified_basis(forged, N, algebra, tmp_path)
    assert caught.value.code == "malformed.setup.chain"


def test_it_does_not_change_with_the_file(tmp_path: Path) -> None:
    algebra = native()
    setup = setup_of(algebra)
    basis = verified_basis(setup, N, algebra, tmp_path)
    basis = verified_basis(setup, N, algebra, tmp_path)
    scalars = algebra.powers(3, N, 5, Basis.EVALUATION)
    before = algebra.msm(basis, scalars)
    with (tmp_path / bases_name(setup, N, 1)).open("r+b") as file:
        file.seek(HEAD_BYTES)
        file.write(bytes(N * POINT_BYTES))
    assert algebra.msm(basis, scalars) == before

"""
Files of points that are used where they lie: a head, points in Montgomery form, a digest.

Such a file is mapped into memory, not read: it is not copied, and the system may drop its pages and
fetch them again. Heads are multiples of 64 bytes long, so that a point lies in one line of the
processor's cache.

The digest (SHA-256, which processors have instructions for) finds accidents. It does not find an
enemy, who writes another. Whoever can write the keys folder chooses the points that columns are
committed with; with most of them at infinity a commitment has no blinding and tells single cells of
the witness. Yet no proof verifies on wrong points, so the prover verifies each proof before it lets
it out (`prover.credential.prove_credential`; docs/decisions/0007).
"""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from algebra.files import write_atomic
from algebra.interface import Algebra, PointVector

POINT_BYTES = 64
DIGEST_BYTES = 32


def write_sealed(path: Path, head: bytes, vectors: Sequence[PointVector], algebra: Algebra) -> None:
    """Write head, points and digest, whole or not at all; Unavailable (`unavailable.file`)."""
    parts = [
        algebra.points_to_limbs(vector).astype("<u8", copy=False).data.cast("B")
        for vector in vectors
    ]
    digest = hashlib.sha256(head)
    for part in parts:
        digest.update(part)
    write_atomic(path, head, *parts, digest.digest())


def map_file(path: Path) -> memoryview:
    """The bytes of a file, mapped read-only; OSError."""
    with path.open("rb") as stream:
        if not stream.seek(0, 2):
            return memoryview(b"")  # nothing cannot be mapped
        return memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))


def intact(data: memoryview) -> bool:
    """Whether the digest at the end is that of all before."""
    return hashlib.sha256(data[:-DIGEST_BYTES]).digest() == data[-DIGEST_BYTES:]


def mapped_points(
    data: memoryview, offset: int, count: int, algebra: Algebra, *, check: bool = False
) -> PointVector:
    """
    `count` points from byte `offset` of a mapped file, without a copy where the backend can;
    ValueError if `check` fails.
    """
    limbs = np.frombuffer(data, "<u8", POINT_BYTES // 8 * count, offset).reshape(
        count, POINT_BYTES // 8
    )
    return algebra.points_from_limbs(limbs, check=check)

"""
Types of the Rust extension (algebra/native/src/python.rs).

Field vectors are uint64 arrays of shape (n, 4), Montgomery limbs; point vectors uint64 (n, 8),
infinity all zeros. Single field elements cross as 32 canonical little-endian bytes, points as 64
(G2: 128) canonical big-endian bytes.

All raise ValueError for what their arguments are not, TypeError for arrays of another shape or
type, and MemoryError where the system has none.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_Limbs = npt.NDArray[np.uint64]

__all__ = [
    "PanicException",
    "add_points",
    "divide_by_binomial",
    "evaluate",
    "evaluate_on_coset",
    "field_from_bytes",
    "field_to_bytes",
    "fixed_base",
    "group_interpolate",
    "interleave",
    "interpolate",
    "inverse",
    "keccak256",
    "kernel_info",
    "lift",
    "linear_combination",
    "msm_column",
    "msm_full",
    "multiply",
    "pairing_check",
    "points_from_bytes",
    "points_to_bytes",
    "poseidon2_many",
    "powers",
    "prefix_sum",
    "run",
    "run_once",
    "scale_points",
]

class PanicException(BaseException):
    """A failure inside native code but outside of a kernel; never an answer."""

def field_from_bytes(data: bytes) -> _Limbs: ...
def field_to_bytes(values: _Limbs) -> bytes: ...
def lift(narrow: npt.NDArray[np.uint16], rows: npt.NDArray[np.uint64], values: bytes) -> _Limbs: ...
def powers(base: bytes, start: bytes, length: int) -> _Limbs: ...
def multiply(left: _Limbs, right: _Limbs) -> _Limbs: ...
def inverse(values: _Limbs) -> _Limbs: ...
def prefix_sum(values: _Limbs) -> _Limbs: ...
def linear_combination(scalars: bytes, vectors: Sequence[_Limbs]) -> _Limbs: ...
def run(
    instructions: npt.NDArray[np.int32],
    registers: int,
    queries: Sequence[tuple[int, int]],
    outputs: Sequence[int],
    columns: Sequence[_Limbs],
    scalars: bytes,
) -> list[_Limbs]: ...
def run_once(
    instructions: npt.NDArray[np.int32], registers: int, outputs: Sequence[int], scalars: bytes
) -> bytes: ...
def interpolate(values: _Limbs, shift: bytes) -> _Limbs: ...
def evaluate_on_coset(values: _Limbs, shift: bytes) -> _Limbs: ...
def evaluate(polynomials: Sequence[_Limbs], point: bytes) -> bytes: ...
def interleave(polynomials: Sequence[_Limbs | None], length: int) -> _Limbs: ...
def divide_by_binomial(dividend: _Limbs, step: int, root: bytes) -> _Limbs: ...
def points_from_bytes(data: bytes, check: bool) -> _Limbs: ...
def points_to_bytes(points: _Limbs) -> bytes: ...
def msm_full(bases: _Limbs, scalars: _Limbs) -> bytes: ...
def msm_column(
    bases: _Limbs, narrow: npt.NDArray[np.uint16], rows: npt.NDArray[np.uint64], values: bytes
) -> bytes: ...
def fixed_base(scalars: _Limbs) -> _Limbs: ...
def group_interpolate(points: _Limbs) -> _Limbs: ...
def add_points(points: bytes) -> bytes: ...
def scale_points(points: bytes, scalars: bytes) -> bytes: ...
def pairing_check(left: bytes, right: bytes) -> bool: ...
def poseidon2_many(states: bytes) -> bytes: ...
def keccak256(data: bytes) -> bytes: ...
def kernel_info() -> dict[str, object]: ...

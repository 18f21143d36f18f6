"""
The curve in the embedded EVM: py-evm's precompiles at 0x06, 0x07 and 0x08 (EIP-196, EIP-197) with
the native kernels under them. py-evm computes them with py_ecc, which takes longer than all else of
a verification. Gas, and what it refuses, stay py-evm's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from eth.abc import ComputationAPI
from eth.exceptions import VMError
from eth.vm.forks.prague import PragueVM
from eth.vm.forks.prague.computation import PragueComputation
from eth.vm.forks.prague.state import PragueState

from algebra.interface import Algebra, Point, PointG2, R

ADD_GAS, MULTIPLY_GAS, PAIRING_GAS, PAIR_GAS = 150, 6_000, 45_000, 34_000
"""EIP-1108."""
PAIR_BYTES = 192

Arithmetic = Callable[[Algebra, bytes], bytes]


def with_kernels(algebra: Algebra) -> type[PragueVM]:
    """py-evm's machine of the Prague rules whose curve is computed by `algebra`."""
    curve: dict[int, tuple[Callable[[bytes], int], Arithmetic]] = {
        0x06: (lambda _: ADD_GAS, _add),
        0x07: (lambda _: MULTIPLY_GAS, _multiply),
        0x08: (_pairing_gas, _pairing),
    }
    table: dict[Any, Any] = dict(PragueComputation.get_precompiles())
    for address, (gas, compute) in curve.items():
        table[address.to_bytes(20, "big")] = partial(_run, partial(compute, algebra), gas)
    computation = type("Computation", (PragueComputation,), {"_precompiles": table})
    state = type("State", (PragueState,), {"computation_class": computation})
    return type("Machine", (PragueVM,), {"_state_class": state})


def _run(
    compute: Callable[[bytes], bytes], gas: Callable[[bytes], int], computation: ComputationAPI
) -> ComputationAPI:
    data = bytes(computation.msg.data)
    computation.consume_gas(gas(data), reason="curve precompile")
    try:
        computation.output = compute(data)
    except ValueError as error:
        raise VMError(str(error)) from error
    return computation


def _pairing_gas(data: bytes) -> int:
    if len(data) % PAIR_BYTES:
        raise VMError(f"pairing: {len(data)} bytes are not of whole pairs")
    return PAIRING_GAS + PAIR_GAS * (len(data) // PAIR_BYTES)


def _add(algebra: Algebra, data: bytes) -> bytes:
    left, right = _words(data, 4)[:2], _words(data, 4)[2:]
    return _encoded(algebra.add_points([_point(left), _point(right)]))


def _multiply(algebra: Algebra, data: bytes) -> bytes:
    *point, scalar = _words(data, 3)
    return _encoded(algebra.scale_points([_point(point)], [scalar % R]))


def _pairing(algebra: Algebra, data: bytes) -> bytes:
    pairs: list[tuple[Point, PointG2]] = []
    for start in range(0, len(data), PAIR_BYTES):
        x, y, *twist = _words(data[start : start + PAIR_BYTES], 6)
        if any(twist):
            pairs.append((_point((x, y)), ((twist[1], twist[0]), (twist[3], twist[2]))))
        else:  # infinity: the pair gives one, whatever the other point, which must be one
            algebra.add_points([_point((x, y))])
    return int(algebra.pairing_check(pairs)).to_bytes(32, "big")


def _words(data: bytes, count: int) -> list[int]:
    """Big-endian words of 32 bytes; what is missing at the end is zero."""
    filled = data[: 32 * count].ljust(32 * count, b"\0")
    return [int.from_bytes(filled[i : i + 32], "big") for i in range(0, len(filled), 32)]


def _point(words: Sequence[int]) -> Point:
    return (words[0], words[1]) if any(words) else None


def _encoded(point: Point) -> bytes:
    x, y = point or (0, 0)
    return x.to_bytes(32, "big") + y.to_bytes(32, "big")

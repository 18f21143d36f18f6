"""The curve of the embedded chain under native kernels: byte for byte what py-evm's own gives."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from eth.exceptions import VMError
from eth.vm.forks.prague.computation import PragueComputation
from py_ecc import optimized_bn128 as bn128

from algebra.interface import P, Point, R
from algebra.native_backend import native
from contracts.client.precompiles import with_kernels
from verifier.key import GENERATOR_G2

ADD, MULTIPLY, PAIRING = (bytes([0] * 19 + [number]) for number in (6, 7, 8))
ONE, G = (1, 2), [word for coordinate in GENERATOR_G2 for word in reversed(coordinate)]


class Computation:
    """What a precompile asks of the computation that it runs in."""

    def __init__(self, data: bytes) -> None:
        self.msg = SimpleNamespace(data=data, data_as_bytes=data)
        self.gas, self.output = 0, b""

    def consume_gas(self, amount: int, reason: str) -> None:
        self.gas += amount


@cache
def tables() -> tuple[dict[Any, Any], dict[Any, Any]]:
    machine: Any = with_kernels(native())
    computation = machine._state_class.computation_class
    return PragueComputation.get_precompiles(), computation.get_precompiles()


def outcome(table: dict[Any, Any], address: bytes, data: bytes) -> tuple[int, bytes | None]:
    """Gas, and what it gives; None where it refuses."""
    computation = Computation(data)
    try:
        table[address](computation)
    except VMError:
        return computation.gas, None
    return computation.gas, computation.output


def same(address: bytes, data: bytes) -> bytes | None:
    own, kernels = (outcome(table, address, data) for table in tables())
    assert own == kernels
    return own[1]


def words(*values: int) -> bytes:
    return b"".join(value.to_bytes(32, "big") for value in values)


def times(scalar: int) -> tuple[int, int]:
    point: Point = native().scale_points([ONE], [scalar])
    assert point is not None
    return point


def pairs(*scalars: tuple[int, Iterable[int]]) -> bytes:
    return b"".join(words(*times(scalar), *twist) for scalar, twist in scalars)


def square_root(a: tuple[int, int]) -> tuple[int, int] | None:
    """Of (real, imaginary), where i^2 = -1; P is 3 modulo 4."""
    norm = (a[0] ** 2 + a[1] ** 2) % P
    root = pow(norm, (P + 1) // 4, P)
    for sign in (root, P - root):
        half = (a[0] + sign) * pow(2, -1, P) % P
        real = pow(half, (P + 1) // 4, P)
        if real and real**2 % P == half:
            found = real, a[1] * pow(2 * real, -1, P) % P
            if ((found[0] ** 2 - found[1] ** 2) % P, 2 * found[0] * found[1] % P) == a:
                return found
    return None


def outside_the_group() -> list[int]:
    """A point of the twist y^2 = x^3 + 3 / (9 + i); almost none is of order R."""
    inverse = pow(82, -1, P)
    b = 27 * inverse % P, -3 * inverse % P
    for x in range(1, 50):
        y = square_root(((x**3 + b[0]) % P, b[1]))
        if y is not None:
            twist = bn128.FQ2([x, 0]), bn128.FQ2(y), bn128.FQ2.one()
            assert bn128.is_on_curve(twist, bn128.b2)
            return [0, x, y[1], y[0]]
    raise AssertionError("no point found")


@pytest.mark.parametrize(
    "data",
    [
        b"", words(1), words(1, 2), words(1, 2, 0, 0), words(1, 2, 1, 2), words(1, 2, 1, P - 2),
        words(0, 0, 0, 0, 5), words(*times(7), *times(R - 3)), words(1, 2, *times(9), 1, 2),
        words(1, 3), words(1, 2, 1, 3), words(P, 0), words(1, P + 2), words(1, 2)[:63],
        words(0, P),
    ],
    ids=lambda data: data.hex()[:16],
)  # fmt: skip
def test_add(data: bytes) -> None:
    same(ADD, data)


@pytest.mark.parametrize(
    "data",
    [
        b"", words(1, 2), words(1, 2, 0), words(1, 2, 1), words(1, 2, R - 1), words(1, 2, R),
        words(1, 2, R + 5), words(1, 2, (1 << 256) - 1), words(0, 0, 7), words(*times(5), 11, 99),
        words(1, 3, 2), words(P + 1, 2, 2), words(1, 2, 1 << 255)[:80],
    ],
    ids=lambda data: data.hex()[:16],
)  # fmt: skip
def test_multiply(data: bytes) -> None:
    same(MULTIPLY, data)


NEGATIVE = [G[0], G[1], P - G[2], P - G[3]]


PAIRINGS: dict[str, tuple[bytes, int | None]] = {
    "nothing": (b"", 1),
    "one pair": (pairs((5, G)), 0),
    "cancelled in G1": (pairs((5, G), (R - 5, G)), 1),
    "cancelled in G2": (pairs((5, G), (5, NEGATIVE)), 1),
    "not cancelled": (pairs((5, G), (6, NEGATIVE)), 0),
    "three pairs": (pairs((5, G), (2, G), (7, NEGATIVE)), 1),
    "G1 at infinity": (words(0, 0, *G), 1),
    "G2 at infinity": (pairs((5, [0] * 4)), 1),
    "both at infinity": (words(0, 0, 0, 0, 0, 0), 1),
    "G1 off the curve beside infinity": (words(1, 3, 0, 0, 0, 0), None),
    "coordinate of G1": (words(P, 2, *G), None),
    "G1 off the curve": (words(1, 3, *G), None),
    "coordinates of G2 swapped": (words(1, 2, G[1], G[0], G[3], G[2]), None),
    "coordinate of G2": (words(1, 2, P, *G[1:]), None),
    "outside the group": (words(1, 2, *outside_the_group()), None),
    "outside the group beside infinity": (words(0, 0, *outside_the_group()), None),
    "a byte short": (words(1, 2, *G)[:-1], None),
    "a word long": (words(1, 2, *G, 1), None),
}
"""Input, and what it gives; None where it is refused."""
LONG = {"cancelled in G2", "three pairs"}
"""More pairings by py_ecc than one answer of each kind takes."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] if name in LONG else []) for name in PAIRINGS],
)
def test_pairing(name: str) -> None:
    data, gives = PAIRINGS[name]
    assert same(PAIRING, data) == (None if gives is None else words(gives))

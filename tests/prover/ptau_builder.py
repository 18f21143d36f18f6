"""Writes small .ptau files with a known tau, so that a test can break exactly one thing."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence

from py_ecc.optimized_bn128 import G1, G2, multiply, normalize

from algebra.interface import P, R

Sections = dict[int, bytes]
CONTRIBUTION_BYTES = 448 + 768 + 216 + 64 + 4 + 4


def montgomery(*coordinates: int) -> bytes:
    return b"".join((c * (1 << 256) % P).to_bytes(32, "little") for c in coordinates)


def g1(exponent: int) -> bytes:
    """[exponent]_1 as the file has it, by py_ecc."""
    x, y = normalize(multiply(G1, exponent % R))
    return montgomery(int(x), int(y))


def g2(exponent: int) -> bytes:
    x, y = normalize(multiply(G2, exponent % R))
    return montgomery(*(int(c) for c in (*x.coeffs, *y.coeffs)))


def contribution(tau: int) -> bytes:
    """
    One contribution that left tau, its proofs blank (they are not checked), with two bytes of
    parameters.
    """
    return g1(tau) + bytes(CONTRIBUTION_BYTES - 64 - 4) + struct.pack("<I", 2) + b"ok"


def sections(power: int, tau: int, alpha: int = 11, beta: int = 13) -> Sections:
    few = 1 << power
    powers = [pow(tau, i, R) for i in range(2 * few - 1)]
    return {
        1: struct.pack("<I", 32) + P.to_bytes(32, "little") + struct.pack("<II", power, power),
        2: b"".join(g1(t) for t in powers),
        3: b"".join(g2(t) for t in powers[:few]),
        4: b"".join(g1(alpha * t) for t in powers[:few]),
        5: b"".join(g1(beta * t) for t in powers[:few]),
        6: g2(beta),
        7: struct.pack("<I", 1) + contribution(tau),
    }


def assemble(parts: Sections, order: Sequence[int] | None = None) -> bytes:
    order = sorted(parts) if order is None else order
    body = b"".join(struct.pack("<IQ", kind, len(parts[kind])) + parts[kind] for kind in order)
    return b"ptau" + struct.pack("<II", 1, len(order)) + body


def edit(kind: int, change: Callable[[bytes], bytes]) -> Callable[[Sections], Sections]:
    """A change of one section."""
    return lambda parts: {**parts, kind: change(parts[kind])}

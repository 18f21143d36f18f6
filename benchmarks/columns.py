"""
`python -m benchmarks.columns [LOG]`: what a column, a coset and a pack cost a proof; the price list
of docs/decisions/0008.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable

import numpy as np

from algebra.interface import Basis, Column, R
from algebra.native_backend import native
from benchmarks.kernels import SHIFT, measured
from circuits.language.circuit import MAXIMUM_DEGREE
from circuits.language.program import combined, compile_program
from circuits.versions import CURRENT

COSETS = MAXIMUM_DEGREE - 1
TERMS = 16  # of a linear combination; the opening has some sixty


def prices(log: int, runs: int = 5) -> dict[str, float]:
    """Milliseconds of wall time on all cores, class 2^log."""
    algebra, n = native(), 1 << log
    base = 3**160 % R
    coefficients = algebra.powers(base, n, base, Basis.COEFFICIENT)
    values = algebra.powers(base, n, base, Basis.EVALUATION)
    bases = algebra.fixed_base(coefficients)
    draw = np.random.default_rng(7)
    narrow, bits = (Column(draw.integers(0, limit, n).astype(np.uint16)) for limit in (1 << 12, 2))
    circuit = CURRENT.text(1 << 13)  # the text is alike for every class
    program = compile_program(circuit, [combined(circuit)])
    columns = [algebra.evaluate_on_coset(coefficients, SHIFT)] * (
        1 + max(column for column, _ in program.program.queries)
    )
    scalars = program.scalar_values(defaultdict(lambda: base))

    def milliseconds(work: Callable[[], object]) -> float:
        return 1e3 * measured(work, runs)["seconds"]

    commit = milliseconds(lambda: algebra.msm(bases, values))
    narrow_commit = milliseconds(lambda: algebra.msm_column(bases, narrow))
    bit_commit = milliseconds(lambda: algebra.msm_column(bases, bits))
    back = milliseconds(lambda: algebra.interpolate(values))
    coset = milliseconds(lambda: algebra.evaluate_on_coset(coefficients, SHIFT))
    opened = milliseconds(
        lambda: algebra.evaluate([coefficients], base)
    ) + 2 / TERMS * milliseconds(
        lambda: algebra.linear_combination([base] * TERMS, [coefficients] * TERMS)
    )
    run = milliseconds(lambda: algebra.run(program.program, columns, scalars))
    proven = len(circuit.columns) - len(circuit.fixed_values)
    return {
        "stage-1 column of 12 bits": narrow_commit + back + COSETS * coset + opened,
        "stage-1 column of bits": bit_commit + back + COSETS * coset + opened,
        "helper column or register": commit + back + COSETS * coset + opened,
        "fixed column, kept on the cosets": opened,
        "fixed column, made anew": COSETS * coset + opened,
        "a coset: transforms of the proven columns": proven * coset,
        "a coset: the program": run,
        "a coset: its share of T": back + commit,
        "a step of k: a column's length in W and in W'": 2 * commit,
    }


def main() -> None:
    """Print the list."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", type=int, nargs="?", default=16)
    options = parser.parse_args()
    for name, cost in prices(options.log).items():
        print(f"{name:48} {cost:8.1f} ms")


if __name__ == "__main__":
    main()

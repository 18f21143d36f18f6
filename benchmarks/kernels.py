"""
`python -m benchmarks.kernels LOG RUNS`: our kernels at 2^LOG as JSON, in a process of its own as
each peer's.

msm is a sum of full width, msm12 that of a column of 12-bit cells; ntt goes from coefficients to a
coset in natural order, intt back from it. A peer's `ntt` has no shift by a coset, so ours does a
little more.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable

import numpy as np

from algebra.interface import Basis, Column
from algebra.native_backend import native

SHIFT = 7  # a coset that is not the domain


def measured(work: Callable[[], object], runs: int) -> dict[str, float]:
    """
    Seconds of `runs` runs after one that is not counted: best, median, and least processor time of
    all threads.
    """
    work()
    wall, processor = [], []
    for _ in range(runs):
        used, started = _processor(), time.perf_counter()
        work()
        wall.append(time.perf_counter() - started)
        processor.append(_processor() - used)
    return {
        "seconds": min(wall),
        "median_seconds": sorted(wall)[runs // 2],
        "cpu_seconds": min(processor),
        "runs": runs,
    }


def _processor() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def kernels(log: int, runs: int) -> dict[str, dict[str, float]]:
    """Figures of every kernel at size 2^log."""
    algebra, size = native(), 1 << log
    base = 3**160 % (1 << 253)  # its powers are numbers of full width
    scalars = algebra.powers(base, size, base, Basis.COEFFICIENT)
    bases = algebra.fixed_base(algebra.powers(base + 2, size, base, Basis.COEFFICIENT))
    column = Column(np.random.default_rng(7).integers(0, 1 << 12, size).astype(np.uint16))
    values = algebra.evaluate_on_coset(scalars, SHIFT)
    return {
        "msm": measured(lambda: algebra.msm(bases, scalars), runs),
        "msm12": measured(lambda: algebra.msm_column(bases, column), runs),
        "ntt": measured(lambda: algebra.evaluate_on_coset(scalars, SHIFT), runs),
        "intt": measured(lambda: algebra.interpolate(values), runs),
    }


if __name__ == "__main__":
    print(json.dumps(kernels(int(sys.argv[1]), int(sys.argv[2]))))

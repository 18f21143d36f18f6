"""A forked child has none of its parent's threads: every kernel answers there as in the parent."""

from __future__ import annotations

import multiprocessing
import os
import threading

import pytest
from support.kernels import jobs
from support.processes import in_fork

from algebra.interface import Basis

native_backend = pytest.importorskip("algebra.native_backend", reason="no Rust extension")
if not hasattr(os, "fork"):
    pytest.skip("this platform does not fork", allow_module_level=True)

algebra = native_backend.native()
JOBS = jobs(algebra, 1 << 12)


@pytest.mark.parametrize("name", JOBS)
def test_a_child_answers_as_its_parent(name: str) -> None:
    here = JOBS[name]()
    assert in_fork(JOBS[name]) == here == JOBS[name]()


def test_a_child_has_as_many_threads() -> None:
    def threads() -> object:
        return native_backend.kernel_info()["threads"]

    assert in_fork(threads) == threads()


def test_a_child_of_a_child_answers() -> None:
    job = JOBS["msm"]
    here = job()
    assert in_fork(lambda: (job(), in_fork(job), job())) == (here, here, here)


def test_a_pool_of_forked_workers_answers() -> None:
    here = _sum(300)
    with multiprocessing.get_context("fork").Pool(2) as workers:
        assert workers.map_async(_sum, [300, 300, 300]).get(timeout=120) == [here] * 3


def _sum(size: int) -> object:
    vector = algebra.powers(7, size, 1, Basis.EVALUATION)
    return algebra.msm(algebra.fixed_base(vector), vector)


def test_a_fork_amid_the_work_of_other_threads() -> None:
    """What another thread of the parent holds at that moment is held in the child for ever."""
    large = jobs(algebra, 1 << 15)
    busy = [large[name] for name in ("interpolate", "multiply")]
    here = [job() for job in busy]
    ended = threading.Event()

    def work() -> None:
        while not ended.is_set():
            for job in busy:
                job()

    others = [threading.Thread(target=work, daemon=True) for _ in range(2)]
    for other in others:
        other.start()
    try:
        for _ in range(6):
            assert in_fork(lambda: [job() for job in busy]) == here
    finally:
        ended.set()
        for other in others:
            other.join()

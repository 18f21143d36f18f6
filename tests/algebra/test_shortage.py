"""Where the system gives no threads or no memory: fewer threads, or a refusal; never a crash."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from algebra import errors
from algebra.interface import Algebra, Basis

native_backend = pytest.importorskip("algebra.native_backend", reason="no Rust extension")
algebra = native_backend.native()

PRELUDE = """
import json, os, resource, sys
from support.kernels import jobs
from algebra.errors import Refused
from algebra.interface import Basis
from algebra.native_backend import kernel_info, native

def size():
    return int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()

def more(mebibytes):
    limit = size() + int(mebibytes * 2**20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))

def unlimited():
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)

def answer(job):
    try:
        return job()
    except Refused as refusal:
        assert str(refusal).startswith("memory: ") and refusal.exit_status == 2
        return refusal.code
"""
linux = pytest.mark.skipif(sys.platform != "linux", reason="limits as Linux has them")


def run(script: str, **environment: str) -> Any:
    """What a script in a process of its own prints as JSON; it must end well."""
    root = Path(__file__).resolve().parents[2]
    paths = os.pathsep.join([str(root), str(root / "tests")])
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + script],
        env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def usual_sum() -> list[int]:
    from support.kernels import jobs

    point: Any = jobs(algebra, 2048)["msm"]()
    return list(point)


SUM = 'print(json.dumps([kernel_info()["threads"], jobs(native(), 2048)["msm"]()]))'


@linux
@pytest.mark.parametrize("asked", ["2", "64"])
def test_no_threads_at_all(asked: str) -> None:
    """Root is not counted, so the process becomes nobody first."""
    limit = """
resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
if os.getuid() == 0:
    os.setuid(65534)
"""
    assert run(limit + SUM, RAYON_NUM_THREADS=asked) == [1, usual_sum()]


@linux
def test_fewer_threads_than_asked() -> None:
    found = run("unlimited(); more(200)\n" + SUM, RAYON_NUM_THREADS="256")
    assert 1 <= found[0] < 256 and found[1] == usual_sum()


@pytest.mark.parametrize("asked", ["100000", "0", "many"])
def test_numbers_of_threads_that_make_no_sense(asked: str) -> None:
    threads, found = run(SUM, RAYON_NUM_THREADS=asked)
    assert 1 <= threads <= max(256, os.cpu_count() or 1) and found == usual_sum()


@linux
def test_memory_that_ends_before_the_first_call() -> None:
    """Threads, tables and arrays are all still to be made."""
    script = """
found = []
for mebibytes in (0, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 16, 64):
    child = os.fork()
    if child == 0:
        more(mebibytes)
        result = answer(lambda: jobs(native(), 2048)["msm"]())
        os._exit(2 if result == "refused.memory" else 0 if list(result) == USUAL else 1)
    found.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(json.dumps(found))
"""
    found = run(f"USUAL = {usual_sum()}\n" + script, RAYON_NUM_THREADS="4")
    assert set(found) == {0, 2} and found[0] == 2 and found[-1] == 0


@linux
def test_memory_that_ends_amid_the_work() -> None:
    """Each kernel answers rightly or refuses, whatever is left; with memory it answers again."""
    script = """
large = {"large": lambda: native().powers(3, 1 << 21, 1, Basis.EVALUATION).length}
counts = {}
for name, job in {**jobs(native(), 1 << 13), **large}.items():
    answers = []
    for mebibytes in (0, 0.3, 0.6, 1, 1.5, 2, 3, 5, 9):
        more(mebibytes)
        try:
            answers.append(answer(job))
        except MemoryError:  # of Python's own bytes and lists
            pass
        unlimited()
    expected = job()
    counts[name] = answers.count("refused.memory")
    assert all(found in ("refused.memory", expected) for found in answers), name
print(counts["large"])
"""
    assert run(script) == 9


@pytest.mark.parametrize("length", [1 << 50, 1 << 58, 1 << 62])
def test_vectors_that_no_machine_holds(length: int) -> None:
    with pytest.raises(errors.Refused, match=r"^memory: powers: no memory") as caught:
        algebra.powers(3, length, 1, Basis.EVALUATION)
    assert (caught.value.code, caught.value.fields) == ("refused.memory", {"kernel": "powers"})
    assert algebra.powers(3, 5000, 1, Basis.EVALUATION).length == 5000


def failing(error: BaseException) -> Any:
    def kernel(*_: object) -> None:
        raise error

    return kernel


def test_neither_shortage_nor_panic_leaves_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    vector = algebra.vector([1, 2], Basis.EVALUATION)
    monkeypatch.setattr(native_backend._native, "multiply", failing(MemoryError()))
    with pytest.raises(errors.Refused, match=r"^memory: multiply: the system gave none$"):
        algebra.multiply(vector, vector)
    panic = native_backend._native.PanicException("x")
    monkeypatch.setattr(native_backend._native, "multiply", failing(panic))
    assert not isinstance(panic, Exception)
    with pytest.raises(RuntimeError, match=r"^multiply: native code failed inside"):
        algebra.multiply(vector, vector)


@pytest.mark.parametrize("name", sorted(Algebra.__abstractmethods__))
def test_so_it_is_for_every_operation(name: str) -> None:
    assert hasattr(getattr(native_backend.NativeAlgebra, name), "__wrapped__")

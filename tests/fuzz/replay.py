"""The kept corpus and bounded random runs, without a fuzzing engine: for tests and the campaign."""

from __future__ import annotations

import contextlib
import random
import resource
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from fuzz.mutate import mutate
from fuzz.targets import TARGETS, Target

CORPUS = Path(__file__).resolve().parent / "corpus"
MAX_CPU_SECONDS = 10
"""
Of one input; a parser takes milliseconds. Processor time, so that a busy machine fails nothing.
"""
MAX_MEMORY = 1 << 30
"""Bytes that one input may take on top of what the process has."""


class Hang(Exception):
    """One input took more processor time than any may."""


def kept(name: str) -> list[Path]:
    """Corpus and regressions of a target: files that a fuzzer or a person found worth keeping."""
    return sorted((CORPUS / name).glob("*"))


@contextlib.contextmanager
def limits() -> Iterator[None]:
    """
    Processor time for the block; its memory too, where the system tells and keeps such a limit.
    """

    def hang(_: int, frame: FrameType | None) -> None:
        raise Hang(f"more than {MAX_CPU_SECONDS} seconds")

    before, old = resource.getrlimit(resource.RLIMIT_AS), signal.signal(signal.SIGVTALRM, hang)
    statm = Path("/proc/self/statm")
    if statm.is_file():
        size = int(statm.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + MAX_MEMORY, before[1]))
    signal.setitimer(signal.ITIMER_VIRTUAL, MAX_CPU_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, old)
        resource.setrlimit(resource.RLIMIT_AS, before)


def inputs(target: Target, seed: int, corpus: list[bytes], count: int) -> Iterator[bytes]:
    """`count` mutations, half of them with checksums made right again."""
    source = random.Random(seed)
    for _ in range(count):
        data = mutate(source.choice(corpus), target.kind, source, source.choice(corpus))
        yield target.repair(data) if source.random() < 0.5 else data


class Finding(Exception):
    """An input that a parser does not take as documented; `data` is the input."""

    def __init__(self, name: str, data: bytes, error: BaseException) -> None:
        super().__init__(
            f"{name}: {type(error).__name__}: {str(error)[:300]}; input {data[:200]!r} "
            f"({len(data)} bytes)"
        )
        self.data = data


def attempt(name: str, data: bytes) -> str:
    """
    Outcome of one input; Finding for everything that is not documented: errors, panics, memory,
    time.
    """
    try:
        with limits():
            return TARGETS[name].run(data)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a panic of the native module is no Exception
        raise Finding(name, data, error) from error


def run_target(name: str, count: int, seed: int) -> Counter[str]:
    """Seeds, corpus and `count` mutations of them; how often each outcome came."""
    target, outcomes = TARGETS[name], Counter[str]()
    corpus = [*target.seeds(), *(path.read_bytes() for path in kept(name))]
    for data in [*corpus, *inputs(target, seed, corpus, count)]:
        outcomes[attempt(name, data)] += 1
    return outcomes

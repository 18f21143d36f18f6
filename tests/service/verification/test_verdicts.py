"""The narrow door: what comes back from a verifier, and nothing but verdicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from algebra.errors import Malformed, Refused, Rejected
from service.api.problem import Problem
from service.verification.verdicts import Item, Judge
from tests.service.verification.world import FALSE, FAULT, KEY, Told, code_of


def items(*proofs: bytes) -> list[Item]:
    return [(KEY, (), proof) for proof in proofs]


def codes(judge: Judge, *proofs: bytes) -> list[str]:
    return [code_of(verdict) for verdict in judge.verdicts(items(*proofs))]


def test_a_batch_has_a_verdict_for_each() -> None:
    told = Told()
    judge = Judge(told.verify, told.verify_batch)
    assert codes(judge, b"1", FALSE, b"3") == ["accepted", "rejected.equation", "accepted"]
    assert told.batches == [[b"1", FALSE, b"3"]]


def test_one_proof_is_no_batch() -> None:
    told = Told()
    assert codes(Judge(told.verify, told.verify_batch), FALSE) == ["rejected.equation"]
    assert codes(Judge(told.verify), b"1", b"2") == ["accepted", "accepted"]


def test_a_fault_takes_nobody_elses_verdict() -> None:
    """Nor is it one."""
    told = Told()
    judge = Judge(told.verify, told.verify_batch)
    assert codes(judge, b"1", FAULT, FALSE) == ["accepted", "fault", "rejected.equation"]
    assert told.batches == [[b"1", FAULT, FALSE], [b"1"], [FAULT], [FALSE]]


@pytest.mark.parametrize(
    "answer",
    [
        lambda asked: [],
        lambda asked: [None] * (len(asked) - 1),
        lambda asked: [None] * (len(asked) + 1),
        lambda asked: [True] * len(asked),
        lambda asked: [False] * len(asked),
        lambda asked: [0] * len(asked),
        lambda asked: [None, Refused("refused.memory", "no memory")],
        lambda asked: None,
    ],
)
def test_what_is_no_list_of_verdicts_is_none(answer: Callable[[Sequence[Item]], Any]) -> None:
    told = Told()
    assert codes(Judge(told.verify, answer), b"1", FALSE) == ["accepted", "rejected.equation"]
    assert told.batches == [[b"1"], [FALSE]]  # each by itself


@pytest.mark.parametrize("answer", [True, False, 0, "accepted", [None]])
def test_a_flag_accepts_nothing(answer: object) -> None:
    (verdict,) = Judge(lambda *_: answer).verdicts(items(b"1"))  # type: ignore[arg-type]
    assert isinstance(verdict, Problem) and verdict.status == 500


@pytest.mark.parametrize(
    ("error", "status"),
    [(MemoryError(), 503), (RuntimeError("can't start new thread"), 503), (KeyError(), 500)],
)
def test_what_is_no_verdict(error: Exception, status: int) -> None:
    def verify(*_: object) -> None:
        raise error

    (verdict,) = Judge(verify).verdicts(items(b"1"))
    assert isinstance(verdict, Problem) and verdict.status == status


@pytest.mark.parametrize("kind", [Malformed, Rejected])
def test_a_verdict_is_passed_on_as_it_is(kind: Any) -> None:
    error = kind("malformed.point", "not on the curve", part="quotient")

    def verify(*_: object) -> None:
        raise error

    assert Judge(verify).verdicts(items(b"1")) == [error]

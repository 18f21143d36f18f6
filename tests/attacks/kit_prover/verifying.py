"""
What the line and the threads before the verifier stop: a verifier that says what is no verdict, a
crowd, a pool that is closed.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from attacks.kit_prover.desk import asks, body, false
from attacks.kit_prover.judging import CRASH, Forgery, stops
from attacks.kit_prover.mutants import Attempt, Verifier

from algebra.errors import Refused, Rejected
from service.verification.settings import VerificationSettings

_judge = "service.verification.verdicts.Judge."
_pool = "service.verification.pool.VerificationPool."


def batch_says(*found: object) -> Attempt:
    """What a verifier of batches says of two proofs, each false by itself."""

    def alone(*_: object) -> None:
        raise Rejected("rejected.equation", "false")

    def attempt(m: Verifier) -> None:
        judge = m.verdicts.Judge(alone, lambda _: found)
        for verdict in judge.verdicts([(None, (), b"")] * 2):
            if isinstance(verdict, Exception):
                raise verdict

    return attempt


def closed(m: Verifier) -> None:
    """A proof that comes once the pool is closed."""
    pool: Any = m.pool.VerificationPool(lambda *_: None)
    pool.close()
    try:
        asyncio.run(pool.verify(None, (), b""))
    except m.problem.Problem as problem:
        raise Refused(problem.code, problem.detail) from None


CHECKS: dict[str, Forgery] = {
    f"{_judge}_together: len(found) != len(items)": stops(batch_says(None)),
    f"{_judge}_together: not all(map(_is_verdict, found))": stops(batch_says(None, False)),
    f"{_judge}_alone: returned is not None": stops(
        asks(partial(body, false), verifier=lambda *_: False)
    ),
    f"{_pool}_enter: self._closed": stops(closed, expect=CRASH),
    f"{_pool}_enter: last is None": stops(
        asks(pending=3, config={"verification": VerificationSettings(queue_limit=3)}), expect=CRASH
    ),
}

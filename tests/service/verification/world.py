"""What the tests of the line and the pool have in common: a verifier that is told, a clock."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from algebra.errors import Rejected, TierproofError
from service.store.keys import Key
from service.verification.pool import VerificationPool
from service.verification.verdicts import Item

KEY: Any = None
"""No key: the verifier of these tests reads none."""
FALSE, FAULT = b"false", b"fault"


@dataclass
class Told:
    """
    Accepts all proofs but `false`, fails over `fault`, and remembers the batches that it saw.

    Attributes
    ----------
    gate : waited for in each batch, where there is one.
    entered : released once a batch.
    """

    gate: threading.Event | None = None
    batches: list[list[bytes]] = field(default_factory=list)
    entered: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def verify(self, key: Key, statement: Sequence[int], proof: bytes) -> None:
        self._see([proof])
        if (error := self._judge(proof)) is not None:
            raise error

    def verify_batch(self, items: Sequence[Item]) -> list[TierproofError | None]:
        self._see([proof for _, _, proof in items])
        return [self._judge(proof) for _, _, proof in items]

    def _see(self, proofs: list[bytes]) -> None:
        self.batches.append(proofs)
        self.entered.release()
        if self.gate is not None:
            assert self.gate.wait(30)

    def _judge(self, proof: bytes) -> Rejected | None:
        if proof.startswith(FAULT):
            raise RuntimeError("a fault of the verifier")
        if proof.startswith(FALSE):
            return Rejected("rejected.equation", "verification: false")
        return None


def pool_of(told: Told, clock: Callable[[], float] | None = None, **settings: Any) -> Any:
    from service.verification.settings import VerificationSettings

    given = {} if clock is None else {"clock": clock}
    made = VerificationSettings(**{"gather_ms": 0, **settings})
    return VerificationPool(told.verify, told.verify_batch, settings=made, **given)


def code_of(error: BaseException | None) -> str:
    """`accepted`, or the code of an error."""
    return "accepted" if error is None else getattr(error, "code", type(error).__name__)


async def send(pool: Any, proof: bytes, client: str = "") -> str:
    """The outcome of one proof."""
    try:
        await pool.verify(KEY, (), proof, client=client)
    except Exception as error:
        return code_of(error)
    return "accepted"


def start(pool: Any, proof: bytes, client: str = "") -> asyncio.Task[str]:
    return asyncio.create_task(send(pool, proof, client))


async def until(what: Callable[[], bool]) -> None:
    """Wait for something that another thread does, at most half a minute."""
    for _ in range(6000):
        if what():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come about")

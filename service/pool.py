"""
Verification off the event loop: a few threads, a bounded queue, and one narrow door for what comes
back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from algebra.errors import Malformed, Rejected
from service.api.problem import fault, from_exception, known
from service.store.keys import Key

Verify = Callable[[Key, Sequence[int], bytes], None]
"""
Raises Malformed or Rejected, returns None if it accepts. `verifier.verify.verify` with its algebra
bound.
"""

log = logging.getLogger("tierproof.service")


class VerificationPool:
    """
    Parameters
    ----------
    verify : see `Verify`; must release the GIL to gain from more than one worker.
    workers : threads.
    queue_limit : running and waiting together.
    retry_after : seconds, for the 503.
    """

    def __init__(self, verify: Verify, *, workers: int, queue_limit: int, retry_after: int) -> None:
        self._verify, self._limit, self._retry_after = verify, queue_limit, retry_after
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="verify")
        self.pending = 0  # running and waiting; touched on the event loop only

    async def verify(self, key: Key, statement: Sequence[int], proof: bytes) -> None:
        """
        Returns if the proof is accepted.

        Raises
        ------
        Malformed, Rejected
            From the verifier.
        Problem
            503 `unavailable.busy` with Retry-After, `refused.memory` or `refused.threads`; 500 if
            the verifier fails in any other way: that is no verdict.
        """
        if self.pending >= self._limit:
            raise known(
                "unavailable.busy",
                "too many proofs are waiting",
                headers={"Retry-After": str(self._retry_after)},
            )
        loop = asyncio.get_running_loop()
        future: Future[None] = self._threads.submit(self._run, key, statement, proof)
        self.pending += 1  # after it: the system may give no thread
        # Not in a `finally`: if the client leaves, its proof still occupies a thread until it is
        # done.
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._release))
        await asyncio.wrap_future(future)

    def _release(self) -> None:
        self.pending -= 1

    def _run(self, key: Key, statement: Sequence[int], proof: bytes) -> None:
        try:
            verdict: object = self._verify(key, statement, proof)
        except (Malformed, Rejected):
            raise
        except BaseException as error:  # a panic of the native module is a BaseException
            log.error("verifier failed: %s", type(error).__name__)
            raise from_exception(error) from None
        if (
            verdict is not None
        ):  # a verifier that returns a flag instead of raising must not be taken for acceptance
            log.error("verifier returned a value; it must raise or return None")
            raise fault()

    def close(self) -> None:
        """Drop what waits, and return when what runs is done."""
        self._threads.shutdown(wait=True, cancel_futures=True)

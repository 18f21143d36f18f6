"""
Threads that verify what waits in the line, batch by batch, off the event loop.

A pool belongs to the process that it is used in. A forked child has none of its parent's threads,
and its lock may be held by one of them for ever: there the pool begins anew, empty.
"""

from __future__ import annotations

import asyncio
import os
import time
import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Condition

from algebra.errors import Rejected
from service.api.problem import Problem, from_exception, known
from service.operations import metrics
from service.store.keys import Key
from service.verification.line import Clock, Line, Waiting
from service.verification.settings import VerificationSettings
from service.verification.verdicts import Judge, Verdict, Verify, VerifyBatch


class VerificationPool:
    """
    Parameters
    ----------
    verify, verify_batch : of one proof and of many; they must release the GIL to gain from more
        than one worker.
    clock : seconds that only grow; tests set their own.
    """

    def __init__(
        self,
        verify: Verify,
        verify_batch: VerifyBatch | None = None,
        *,
        settings: VerificationSettings | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        self.settings = settings or VerificationSettings()
        self.judge = Judge(verify, verify_batch)
        self._clock = clock
        self._begin()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=partial(_begin_anew, weakref.ref(self)))

    def _begin(self) -> None:
        """Empty, without a thread."""
        self._changed, self._closed = Condition(), False
        self._line, self.pending = Line(self.settings), 0
        self._threads = ThreadPoolExecutor(self.settings.workers, thread_name_prefix="verify")

    async def verify(
        self, key: Key, statement: Sequence[int], proof: bytes, *, client: str = ""
    ) -> None:
        """
        Returns if the proof is accepted.

        Parameters
        ----------
        client : who sends it, by the id of the API key or the address.

        Raises
        ------
        Malformed, Rejected
            From the verifier.
        Problem
            503 `unavailable.busy` with Retry-After, `refused.memory` or `refused.threads`; 500 if
            the verifier fails in any other way: that is no verdict.
        """
        waiting = Waiting(client, (key, statement, proof), self._clock())
        self._enter(waiting)
        # A client that leaves before its turn cancels this; one that leaves later does not.
        await asyncio.wrap_future(waiting.verdict)

    def _enter(self, waiting: Waiting) -> None:
        with self._changed:
            if self._closed:
                raise self._busy("the service stops")
            if self.pending >= self.settings.queue_limit:
                last = self._line.give_way(waiting.client)
                if last is None:
                    raise self._busy("too many proofs are waiting")
                self._turn_away(last, "too many proofs of this client are waiting")
            self._line.enter(waiting)
            self.pending += 1
            metrics.queue_depth(self.pending)
            try:
                self._threads.submit(self._verify_next)
            except RuntimeError:  # the system gives no thread
                self._line.leave(waiting)
                self.pending -= 1
                raise
            if len(self._line) >= self.settings.batch_limit:
                self._changed.notify()

    def _verify_next(self) -> None:
        """
        One batch, where any proof waits. A thread is asked once for each proof, so there are never
        too few; most find that theirs was verified with others.
        """
        with self._changed:
            while (seconds := self._line.ready_in(self._clock())) is not None and seconds > 0:
                self._changed.wait(seconds)
            if seconds is None:
                return
            batch = self._line.take(self._clock())
        metrics.batch(len(batch))
        taken = [waiting for waiting in batch if waiting.verdict.set_running_or_notify_cancel()]
        try:
            verdicts = self.judge.verdicts([waiting.item for waiting in taken])
        except BaseException as error:  # no memory for the list; somebody waits for each of them
            verdicts = [from_exception(error)] * len(taken)
        with self._changed:
            self.pending -= len(batch)
            metrics.queue_depth(self.pending)
            for waiting, verdict in zip(taken, verdicts, strict=True):
                if _is_false(verdict):
                    self._line.suspects.add(waiting.client, self._clock())
        for waiting, verdict in zip(taken, verdicts, strict=True):
            if verdict is None:
                waiting.verdict.set_result(None)
            else:
                waiting.verdict.set_exception(verdict)

    def _turn_away(self, waiting: Waiting, detail: str) -> None:
        """Answer 503 to a proof that has left the line unverified."""
        self.pending -= 1
        if waiting.verdict.set_running_or_notify_cancel():
            waiting.verdict.set_exception(self._busy(detail))

    def _busy(self, detail: str) -> Problem:
        after = {"Retry-After": str(self.settings.retry_after)}
        return known("unavailable.busy", detail, headers=after)

    def close(self) -> None:
        """
        Answer 503 to what waits and to what comes, and return when what is verified is answered.
        """
        with self._changed:
            self._closed = True
            for waiting in self._line.take_all():
                self._turn_away(waiting, "the service stops")
        self._threads.shutdown(wait=True)


def _begin_anew(pool: weakref.ref[VerificationPool]) -> None:
    """In a forked child: what waits is the parent's to answer."""
    if (found := pool()) is not None:
        found._begin()


def _is_false(verdict: Verdict) -> bool:
    """Whether a proof cost others time: it is false, or the verifier failed over it."""
    return isinstance(verdict, Rejected) or (isinstance(verdict, Problem) and verdict.status == 500)

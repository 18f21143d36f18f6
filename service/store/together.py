"""
Functions of several threads in one transaction: whoever waits for the turn to write shares the next
commit, which costs as much for one as for many.

Each is done in a savepoint of its own, one after the other, so it sees what those before it did,
and what it refuses or fails over undoes it alone. Nobody is told anything before the commit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Lock
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

MOST = 64
"""Functions of one transaction."""


@dataclass(eq=False, slots=True)
class Job:
    """What one thread wants done, and what came of it: an error, or the result."""

    function: Callable[[Session], Any]
    result: Any = None
    error: BaseException | None = None
    done: bool = False

    def answer(self) -> Any:
        """The result; raises the error."""
        if self.error is not None:
            raise self.error
        return self.result


class Together:
    """
    Jobs that wait for the turn to write.

    Parameters
    ----------
    transaction : a session in a transaction that commits with the block
    passes : whether an error of the database may pass if all is done anew
    """

    def __init__(
        self,
        transaction: Callable[[], AbstractContextManager[Session]],
        passes: Callable[[SQLAlchemyError], bool],
    ) -> None:
        self._transaction, self._passes = transaction, passes
        self._waiting: deque[Job] = deque()
        self._lock = Lock()

    def wait(self, job: Job) -> None:
        """Stand in line."""
        with self._lock:
            self._waiting.append(job)

    def give_up(self, job: Job) -> None:
        """Leave the line. One that is being done is done to its end, though nobody is told."""
        with self._lock:
            if job in self._waiting:
                self._waiting.remove(job)

    def take(self) -> list[Job]:
        """Those whose turn it is."""
        with self._lock:
            return [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]

    def do(self, jobs: list[Job]) -> None:
        """
        All of them in one transaction.

        Raises
        ------
        SQLAlchemyError
            The transaction came to nothing: so did each of them.
        """
        with self._transaction() as session:
            for job in jobs:
                job.result, job.error = None, None
                if len(jobs) == 1:
                    job.result = job.function(session)
                else:
                    self._apart(session, job)

    def _apart(self, session: Session, job: Job) -> None:
        inner = Session(session.connection(), join_transaction_mode="create_savepoint")
        try:
            with inner, inner.begin():
                job.result = job.function(inner)
        except SQLAlchemyError as error:
            if self._passes(error) or not session.connection().in_transaction():
                raise
            job.error = error
        except BaseException as error:
            job.error = error

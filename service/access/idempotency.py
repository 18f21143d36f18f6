"""
Idempotency keys (draft-ietf-httpapi-idempotency-key-header-07): a request that comes again with its
key gets the answer that it had, and does nothing.

A request is one of an API key, a method and a path. While it is under way a row holds its place;
its answer is written by whoever holds the place still, in the transaction of what was done, so
that there is no deed without its answer. Only what is final is kept: who is told to try again may.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from algebra.errors import Refused
from service.access.door import caller_of
from service.access.keys import DAY
from service.access.settings import AccessSettings
from service.access.tables import IdempotencyRow
from service.api.errors import problem_of
from service.api.problem import MEDIA_TYPE, known

HEADER, REPLAYED = b"idempotency-key", {"Idempotency-Replayed": "true"}
MOST = 255
"""Characters of a key."""
_STRING = re.compile(r' *"((?:[ !#-\[\]-~]|\\["\\])*)" *', re.ASCII)
"""One string of a structured field (RFC 9651 3.3.3)."""
NOT_FINAL = frozenset({401, 408, 425, 429})
"""Statuses below 500 that say nothing of the request itself."""


def key_of(request: Request) -> str | None:
    """
    The idempotency key of a request, None without one; a problem 400 `malformed.idempotency_key`
    for several headers, or one that is not one string of 1 to 255 characters.
    """
    sent = [value for name, value in request.headers.raw if name == HEADER]
    if not sent:
        return None
    found = _STRING.fullmatch(sent[0].decode("latin-1"))
    if len(sent) > 1 or found is None:
        raise known("malformed.idempotency_key", "Idempotency-Key: not one string in quotes")
    key = re.sub(r"\\(.)", r"\1", found[1])
    if not 1 <= len(key) <= MOST:
        raise known("malformed.idempotency_key", f"Idempotency-Key: not 1 to {MOST} characters")
    return key


def name_of(caller: str, method: str, path: str, key: str) -> str:
    """Hash over whose request it is; each part says its length, so that none runs into another."""
    parts = (part.encode() for part in (caller, method, path, key))
    return sha256(b"".join(b"%d:%b" % (len(part), part) for part in parts)).hexdigest()


class Replayed(Exception):
    """A request that was answered before; not an error, but it ends the new one."""

    def __init__(self, status: int, answer: str) -> None:
        super().__init__()
        self.status, self.answer = status, answer

    def response(self) -> Response:
        """The answer as it was."""
        media = "application/json" if self.status < 400 else MEDIA_TYPE
        return Response(self.answer, self.status, REPLAYED, media)


class Idempotency:
    """
    The idempotency keys of a service.

    Parameters
    ----------
    settings : how long answers are kept, and places held
    database : `service.store.database.Database`
    """

    def __init__(self, settings: AccessSettings, database: Any) -> None:
        self._kept = settings.idempotency_days * DAY
        self._hold = settings.idempotency_hold_seconds
        self.database = database

    def begin(self, name: str, body: bytes) -> Place:
        """
        Take the place of a request that nobody has.

        Raises
        ------
        Replayed
            It was answered.
        Problem
            409 `refused.idempotency_underway`, 422 `refused.idempotency_reused`.
        """
        with self.database.writing() as session:  # one writes at a time: no two take one place
            return self._begin(session, name, sha256(body).hexdigest())

    def _begin(self, session: Session, name: str, body: str) -> Place:
        now = self.database.now
        row = session.get(IdempotencyRow, name)
        if row is not None and row.created_at <= now - self._kept:
            session.delete(row)
            session.flush()
            row = None
        if row is not None:
            self._check(row, body, now)
        else:
            row = IdempotencyRow(request=name, body=body, created_at=now)
            session.add(row)
        row.holder, row.held_until = secrets.token_hex(16), now + self._hold
        session.flush()
        return Place(self.database, name, row.holder)

    def _check(self, row: IdempotencyRow, body: str, now: int) -> None:
        """Whether a row leaves its place to a new request: its holder has died."""
        if row.body != body:
            raise known(
                "refused.idempotency_reused", "Idempotency-Key: it came with another body before"
            )
        if row.status is not None and row.answer is not None:
            raise Replayed(row.status, row.answer)
        if now < row.held_until:
            raise self._underway(row.held_until - now)

    @staticmethod
    def _underway(seconds: int) -> Exception:
        headers = {"Retry-After": str(seconds)}
        return known(
            "refused.idempotency_underway", "Idempotency-Key: under way now", headers=headers
        )

    def forget(self, session: Session, now: int) -> None:
        """Answers that were kept as long as they are go."""
        old = IdempotencyRow.created_at <= now - self._kept
        session.execute(delete(IdempotencyRow).where(old))


@dataclass(slots=True)
class Place:
    """
    The place of a request that is under way.

    Attributes
    ----------
    answered : whether its answer is written, once the transaction of `within` has ended well
    """

    _database: Any
    _name: str
    _holder: str
    answered: bool = False

    def within(self, session: Session, status: int, document: Mapping[str, Any]) -> None:
        """
        Write the answer in the transaction of what is done. Raises where the place is lost, so
        that nothing is done.

        Raises
        ------
        Refused
            `refused.idempotency_underway`: it took too long, and another request took the place.
        """
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        if not self._change(session, status=status, answer=text):
            raise Refused(
                "refused.idempotency_underway", "Idempotency-Key: another request took its place"
            )
        self.answered = True

    def finish(self, status: int, document: Mapping[str, Any]) -> None:
        """
        What became of it, in a transaction of its own: kept where it is final, else the place is
        free. Where it has an answer, or the place is lost, nothing.
        """
        with self._database.writing() as session:
            if status < 500 and status not in NOT_FINAL:
                text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
                self._change(session, status=status, answer=text)
            else:
                self.free(session)
        self.answered = True

    def free(self, session: Session) -> None:
        """Nothing was done: the next one may."""
        session.execute(delete(IdempotencyRow).where(*self._mine()))

    def _change(self, session: Session, **values: Any) -> bool:
        done: Any = session.execute(update(IdempotencyRow).where(*self._mine()).values(**values))
        return bool(done.rowcount)

    def _mine(self) -> tuple[Any, ...]:
        row = IdempotencyRow
        return row.request == self._name, row.holder == self._holder, row.status.is_(None)


class NoPlace:
    """A request without an idempotency key: nothing is kept."""

    answered = True

    def within(self, session: Session, status: int, document: Mapping[str, Any]) -> None:
        """As `Place.within`."""

    def finish(self, status: int, document: Mapping[str, Any]) -> None:
        """As `Place.finish`."""


async def once(request: Request) -> AsyncIterator[Place | NoPlace]:
    """
    A dependency: the place of this request. What the endpoint raises is kept where it is final;
    an endpoint that ends well has called `within` or `finish`, or its place is free again.
    """
    key = key_of(request)
    if key is None:
        yield NoPlace()
        return
    shared: Idempotency = request.app.state.idempotency
    name = name_of(caller_of(request).id, request.method, request.url.path, key)
    place = await run_in_threadpool(shared.begin, name, await request.body())
    try:
        yield place
    except Exception as error:
        problem = problem_of(error)
        await run_in_threadpool(place.finish, problem.status, problem.body())
        raise
    except BaseException:  # stopped from outside
        place.finish(503, {})
        raise
    if not place.answered:
        await run_in_threadpool(place.finish, 503, {})


Once = Annotated[Place | NoPlace, Depends(once)]
"""Parameter of an endpoint that may be asked with an idempotency key."""


def answer_replays(app: FastAPI) -> None:
    """Have the application give answers again."""

    async def replayed(_: Request, error: Exception) -> Response:
        found = error if isinstance(error, Replayed) else problem_of(error)
        return found.response()

    app.add_exception_handler(Replayed, replayed)

"""A small application behind the door, a database, and keys of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
from fastapi import APIRouter, Depends, FastAPI
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import event

from service.access import door, idempotency, keys
from service.access.browsers import allow_origins
from service.access.door import Access
from service.access.idempotency import Idempotency, NoPlace, Place
from service.access.keys import ApiKey
from service.access.settings import AccessSettings
from service.api import access, errors
from service.audit.entries import Entry
from service.audit.log import AuditLog
from service.audit.tables import EntryRow
from service.store.store import Store

TRUE = SimpleNamespace(door=door, idempotency=idempotency, keys=keys, access=access, errors=errors)
"""The modules as they are; the attack kit has others."""
NOW = 1_700_000_000
HOST = "127.0.0.1:8787"


class Deeds:
    """An endpoint that writes one entry of the audit log, or what a test has it do before."""

    def __init__(self, store: Store) -> None:
        self.before: Callable[[Place | NoPlace], None] = lambda _: None
        self.after: Callable[[], None] = lambda: None
        self._store = store

    def do(self, place: Place | NoPlace) -> dict[str, int]:
        self.before(place)
        with self._store.database.writing() as session:
            log = AuditLog(session)
            answer = {"place": log.size()}
            place.within(session, 200, answer)
            self.after()
            log.append(Entry("policy", NOW, {"policy_id": "0x" + "00" * 32}))
        return answer

    def count(self) -> int:
        """How often something was done."""
        with self._store.database.reading() as session:
            rows = session.query(EntryRow).filter(EntryRow.kind == "policy")
            return rows.count()


@dataclass
class World:
    store: Store
    clock: list[float]
    app: FastAPI
    access: Access
    idempotency: Idempotency
    deeds: Deeds
    m: Any
    queries: list[str] = field(default_factory=list)

    def key(self, *scopes: str, **options: Any) -> tuple[ApiKey, str]:
        """A new key and its text; what the door remembers is a second old then."""
        with self.store.database.writing() as session:
            made: tuple[ApiKey, str] = self.m.keys.create(
                session, name="desk", scopes=scopes, now=int(self.clock[0]), **options
            )
        self.forget()
        return made

    def forget(self) -> None:
        """A second passes for what the door remembers of keys."""
        self.access.keyring._found.clear()
        self.access.keyring._asked = -10.0

    def ask(
        self,
        path: str = "/read",
        *headers: tuple[str, str],
        key: str | None = None,
        host: str | None = HOST,
        client: str | None = "127.0.0.1",
        method: str = "GET",
        body: bytes = b"",
    ) -> httpx.Response:
        """One request as the server hands it over: header by header, nothing added."""
        sent = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
        if host is not None:
            sent.append((b"host", host.encode()))
        if key is not None:
            sent.append((b"authorization", f"Bearer {key}".encode()))
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
            "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
            "root_path": "", "headers": sent, "server": ("127.0.0.1", 8787),
            "client": None if client is None else (client, 50_000),
        }  # fmt: skip
        out: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            out.append(message)

        asyncio.run(self.app(scope, receive, send))  # type: ignore[arg-type]
        return httpx.Response(out[0]["status"], headers=out[0]["headers"], content=out[1]["body"])


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document of an answer, which is this one."""
    assert response.status_code == status, response.text
    document: dict[str, Any] = response.json()
    assert document["code"] == code and document["status"] == status
    return document


@contextmanager
def world(folder: Path, settings: AccessSettings | None = None, m: Any = TRUE) -> Iterator[World]:
    """
    `/open` is for anybody, `/do` and `/did` write, every other path is for the scope that it names.
    """
    clock = [float(NOW)]
    store = Store(f"sqlite:///{folder}/access.sqlite", clock=lambda: clock[0])
    limits, app, deeds = settings or AccessSettings(), FastAPI(), Deeds(store)
    access, once = m.door.Access(limits, store.database), Depends(m.idempotency.once)
    app.state.guard = access.guard
    app.state.idempotency = m.idempotency.Idempotency(limits, store.database)

    async def said() -> dict[str, bool]:
        return {"said": True}

    async def do(place: Any = once) -> dict[str, int]:
        return await run_in_threadpool(deeds.do, place)

    router = APIRouter()
    for scope in keys.SCOPES:
        router.add_api_route(f"/{scope}", said, dependencies=[m.access.requires(scope)])
    for path in ("/do", "/did"):
        asked = [m.access.requires("verify")]
        router.add_api_route(path, do, methods=["POST"], dependencies=asked)
    router.add_api_route("/open", said, dependencies=[m.access.ANYBODY])
    m.access.check_scopes(router)
    app.include_router(router)
    app.add_middleware(m.door.Door, access=access)
    allow_origins(app, limits.cors_origins)
    m.errors.answer_errors(app)
    m.idempotency.answer_replays(app)
    made = World(store, clock, app, access, app.state.idempotency, deeds, m)
    engine = store.database.engine
    event.listen(engine, "before_cursor_execute", lambda *told: made.queries.append(told[2]))
    yield made
    store.close()

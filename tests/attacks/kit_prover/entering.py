"""
For every check that `mutants.ACCESS` finds at the door of the service, a request, key or start that
it alone stops.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

from attacks.kit_prover.judging import CRASH, Forgery, stops
from attacks.kit_prover.mutants import Attempt, Verifier
from fastapi import APIRouter

from algebra.errors import Refused
from service.access.settings import AccessSettings
from tests.service.access.world import HOST, NOW, World, world

_door, _keys, _once = "service.access.door.", "service.access.keys.", "service.access.idempotency."
_admit, _guard = f"{_door}Access.admit: ", f"{_door}Access.guard: "
_loopback, _ring = f"{_door}_check_loopback: ", "service.access.keyring.Keyring.key: "
_key, _check = f"{_once}key_of: ", f"{_once}Idempotency._check: "
_made, _scopes = f"{_keys}_check: ", "service.api.access."

HOLD = AccessSettings().idempotency_hold_seconds
ONCE = AccessSettings(key_requests=1)
IDEMPOTENT = ("Idempotency-Key", '"one"')


def at_door(act: Callable[[World], Any], settings: AccessSettings | None = None) -> Attempt:
    """What is done at a door of the verifier's modules; an answer of an error is that error."""

    def attempt(m: Verifier) -> None:
        with TemporaryDirectory() as folder, world(Path(folder), settings, m) as door:
            answer = act(door)
            if getattr(answer, "status_code", 200) >= 400:
                raise Refused(answer.json()["code"], "answered so")

    return attempt


def asks(*headers: tuple[str, str], path: str = "/read", **more: Any) -> Attempt:
    """One request while there are no keys."""
    return at_door(lambda door: door.ask(path, *headers, **more))


def with_key(
    act: Callable[[World, str], Any],
    *scopes: str,
    settings: AccessSettings | None = None,
    **options: Any,
) -> Attempt:
    """What is done with a key that the database holds."""
    return at_door(lambda door: act(door, door.key(*(scopes or ("read",)), **options)[1]), settings)


def does(*headers: tuple[str, str]) -> Attempt:
    """A deed with these headers."""
    return at_door(lambda door: door.ask("/do", *headers, method="POST", body=b"{}"))


def after(first: Callable[[World], Any], seconds: int = 0, body: bytes = b"{}") -> Attempt:
    """The deed of a key that something was done with, so many seconds before."""

    def act(door: World) -> Any:
        first(door)
        door.clock[0] += seconds
        answer = door.ask("/do", IDEMPOTENT, method="POST", body=body)
        if "idempotency-replayed" in answer.headers:
            raise Refused("refused.replayed", "what was done is not done again")
        return answer

    return at_door(act)


def begin(door: World) -> Any:
    """The place of the deed is taken, and nothing done."""
    name = door.m.idempotency.name_of("", "POST", "/do", "one")
    return door.idempotency.begin(name, b"{}")


def done(door: World) -> None:
    door.ask("/do", IDEMPOTENT, method="POST", body=b"{}")


def late(door: World) -> None:
    """A holder of a place that was given to another."""
    place = begin(door)
    door.clock[0] += HOLD
    begin(door)
    door.deeds.do(place)


def twice(door: World, text: str, path: str) -> Any:
    door.ask(path, key=text)
    return door.ask(path, key=text)


def revoked(door: World) -> Any:
    key, text = door.key("read")
    with door.store.database.writing() as session:
        door.m.keys.revoke(session, key.key_id, NOW)
    door.forget()
    return door.ask(key=text)


def anonymous(door: World) -> Any:
    door.key("read")
    return door.ask()


def makes(**change: Any) -> Attempt:
    """A key that none can have."""
    given = {"name": "desk", "scopes": ["read"], "now": NOW, **change}

    def act(door: World) -> None:
        with door.store.database.writing() as session:
            door.m.keys.create(session, **given)

    return at_door(act)


def revokes(door: World) -> None:
    with door.store.database.writing() as session:
        door.m.keys.revoke(session, "0" * 16, NOW)


def unguarded(door: World) -> Any:
    door.app.state.guard = None
    return door.ask()


def listens(m: Verifier) -> None:
    """On every address of the machine, without a key."""
    taken = SimpleNamespace(getsockname=lambda: ("0.0.0.0", 1), close=lambda: None)
    at_door(lambda door: m.host.require_keys(taken, door.store.database))(m)


def routes(m: Verifier) -> None:
    """A route of two scopes, of which the first would be asked for."""

    async def answer() -> None:
        return

    router = APIRouter()
    asked = [m.access.ANYBODY, m.access.requires("admin")]
    router.add_api_route("/new", answer, dependencies=asked)
    try:
        m.access.check_scopes(router)
    except RuntimeError:
        raise Refused("refused.config", "the service does not start") from None


CHECKS: dict[str, Forgery] = {
    # keys
    f"{_keys}create: _check(name, scopes, now, expires_at, daily)": stops(makes(name="")),
    f"{_made}_NAME.fullmatch(name) is None": stops(makes(name="two\nlines")),
    f"{_made}not scopes": stops(makes(scopes=[])),
    f"{_made}not set(scopes) <= set(SCOPES)": stops(makes(scopes=["all"])),
    f"{_made}expires_at is not None and expires_at <= now": stops(makes(expires_at=NOW)),
    f"{_made}daily is not None and daily < 1": stops(makes(daily=0)),
    f"{_keys}revoke: row is None": stops(at_door(revokes), expect=CRASH),
    f"{_ring}found is None": stops(
        with_key(lambda door, text: door.ask(key="tpk_" + "0" * 16 + text[20:])),
        also=(f"{_ring}not right",),
        expect="fault",
    ),
    f"{_ring}not right": stops(
        with_key(lambda door, text: door.ask(key=text[:21] + "0" * 64)),
    ),
    f"{_ring}not found.counts(self._database.now)": stops(at_door(revoked)),
    # who may
    f"{_guard}not caller.may(scope)": stops(
        with_key(lambda door, text: door.ask("/verify", key=text))
    ),
    f"{_guard}caller.key is None": stops(at_door(anonymous), expect="refused.scope"),
    f"{_guard}not standing.holds": stops(
        with_key(lambda door, text: twice(door, text, "/verify"), "verify", daily=1)
    ),
    f"{_door}Access._count: not standing.holds": stops(
        with_key(lambda door, text: twice(door, text, "/read"), settings=ONCE)
    ),
    f"{_door}_bearer: len(sent) > 1": stops(
        with_key(lambda door, text: door.ask("/read", *(("authorization", f"Bearer {text}"),) * 2))
    ),
    f'{_door}_bearer: scheme.lower() != "bearer"': stops(
        with_key(lambda door, text: door.ask("/read", ("authorization", f"Basic {text}")))
    ),
    f"{_scopes}requires.ask: guard is None": stops(at_door(unguarded), expect=CRASH),
    f"{_scopes}scope_of: len(said) != 1": stops(routes),
    "service.access.host.require_keys: not any_key(session)": stops(listens),
    # loopback
    f"{_admit}_check_target(connection)": stops(asks(path="http://a/read"), expect="http.404"),
    f'{_door}_check_target: not connection["path"].startswith("/")': stops(
        asks(path="http://a/read"), expect="http.404"
    ),
    f"{_admit}_check_loopback(connection, caller)": stops(asks(host="rebound.example")),
    f"{_loopback}client is None": stops(asks(client=None), expect="fault"),
    f"{_loopback}not is_loopback(client[0])": stops(asks(client="203.0.113.9")),
    f"{_loopback}_values(connection, name)": stops(asks(("X-Forwarded-For", "203.0.113.9"))),
    f"{_loopback}len(hosts) != 1": stops(asks(("host", HOST))),
    f"{_loopback}not is_loopback_host(hosts[0])": stops(asks(host="rebound.example")),
    f"{_loopback}len(origins) > 1": stops(asks(*(("origin", f"http://{HOST}"),) * 2)),
    f"{_loopback}not all(is_loopback_origin(each) for each in origins)": stops(
        asks(("origin", "https://page.example"))
    ),
    # idempotency keys
    f"{_key}len(sent) > 1": stops(does(IDEMPOTENT, ("Idempotency-Key", '"two"'))),
    f"{_key}found is None": stops(does(("Idempotency-Key", "one")), expect=CRASH),
    f"{_key}1 <= len(key)": stops(does(("Idempotency-Key", '""'))),
    f"{_key}len(key) <= MOST": stops(does(("Idempotency-Key", f'"{"x" * 256}"'))),
    f"{_once}Idempotency._begin: self._check(row, body, now)": stops(after(begin)),
    f"{_check}row.body != body": stops(after(begin, HOLD, b"another")),
    f"{_check}row.status is not None and row.answer is not None": stops(
        after(done, HOLD), expect="refused.idempotency_underway"
    ),
    f"{_check}now < row.held_until": stops(after(begin)),
    f"{_once}Place.within: not self._change(session, status=status, answer=text)": stops(
        at_door(late)
    ),
}

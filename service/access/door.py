"""
The door of the service: who calls, whether they may at all, and how often. What a route asks for
is said at the route (`service.api.access.requires`) and judged here.

With API keys, whoever has one; without any, this machine alone, called by its own name: a page on
the web can reach loopback, but under a name that its own server gave out (DNS rebinding).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as Connection

from algebra.errors import Refused
from service.access.addresses import group, is_loopback
from service.access.keyring import Keyring
from service.access.keys import ApiKey
from service.access.origins import is_loopback_host, is_loopback_origin
from service.access.rates import Days, Minutes, Standing, fields
from service.access.settings import AccessSettings
from service.api.access import Scope
from service.api.errors import problem_of
from service.api.problem import Problem, known

FORWARDED = (b"forwarded", b"via", b"x-real-ip", b"x-forwarded-for", b"x-forwarded-host")
"""What a proxy adds: who asks is then not who connects."""
COUNTED: tuple[Scope, ...] = ("verify", "onboard", "admin")
"""Scopes whose requests count against the quota of a day."""
REALM = 'Bearer realm="tierproof"'


@dataclass(slots=True)
class Caller:
    """
    Whose request it is.

    Attributes
    ----------
    key : the API key; None without one
    whole : whether everything is open to the caller, since there are no keys
    standings : how the caller stands with each limit that was asked
    """

    key: ApiKey | None = None
    whole: bool = False
    standings: list[Standing] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Public name of the key; empty where there is none."""
        return "" if self.key is None else self.key.key_id

    def may(self, scope: Scope) -> bool:
        """Whether a scope is open to the caller."""
        return self.whole or (self.key is not None and scope in self.key.scopes)


class Access:
    """
    What all requests of an application share.

    Parameters
    ----------
    settings : limits
    database : `service.store.database.Database`
    """

    def __init__(self, settings: AccessSettings, database: Any) -> None:
        self.settings = settings
        self.keyring, self._minutes, self._days = Keyring(database), Minutes(), Days(database)

    async def admit(self, connection: Connection) -> Caller:
        """
        Who asks.

        Raises
        ------
        Problem
            400 `malformed.target`, `malformed.authorization`; 401 `refused.unauthenticated` for a
            key that opens nothing; 403 `refused.loopback`; 429 `refused.rate`.
        """
        _check_target(connection)
        text = _bearer(_values(connection, b"authorization"))
        if text is None:
            caller = Caller(whole=not await self.keyring.asks_for_keys())
            _check_loopback(connection, caller)
        else:
            caller = await self._with_key(connection, text)
        self._count(connection, caller)
        return caller

    async def _with_key(self, connection: Connection, text: str) -> Caller:
        """Whose key it is; guesses count as requests of their address."""
        try:
            return Caller(await self.keyring.key(text))
        except Refused as error:
            refusal = _unauthenticated(error.message, "invalid_token")
        self._count(connection, Caller())
        raise refusal

    async def guard(self, request: Request, scope: Scope) -> None:
        """
        Whether a route is open to who asks.

        Raises
        ------
        Problem
            401 `refused.unauthenticated` without a key; 403 `refused.scope`; 429 `refused.quota`.
        """
        caller = caller_of(request)
        if not caller.may(scope):
            if caller.key is None:
                raise _unauthenticated("an API key is wanted: Authorization: Bearer")
            challenge = f'{REALM}, error="insufficient_scope", scope="{scope}"'
            headers = {"WWW-Authenticate": challenge}
            raise known("refused.scope", f"API key: it has not the scope {scope}", headers=headers)
        if caller.key is not None and caller.key.daily is not None and scope in COUNTED:
            standing = await self._days.take(caller.key, caller.key.daily)
            caller.standings.append(standing)
            if not standing.holds:
                raise _too_many("refused.quota", "API key: no more requests today", standing)

    def _count(self, connection: Connection, caller: Caller) -> None:
        if caller.key is not None:
            who, quota = f"key {caller.id}", self.settings.key_requests
        elif caller.whole:
            who, quota = "loopback", self.settings.loopback_requests
        else:
            client = connection.get("client")
            who = f"address {group(client[0] if client else None)}"
            quota = self.settings.address_requests
        standing = self._minutes.take(who, quota)
        caller.standings.append(standing)
        if not standing.holds:
            told = dict(fields(caller.standings))  # by `Door` too, once a caller is admitted
            raise _too_many("refused.rate", "too many requests in a minute", standing, told)


class Door:
    """ASGI layer that lets in whom `Access.admit` admits, and tells each how they stand."""

    def __init__(self, app: ASGIApp, *, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        """Who is not admitted is answered here, before a body is read."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        try:
            caller = await self._access.admit(scope)
        except Exception as error:
            await problem_of(error).response()(scope, receive, send)
            return
        scope.setdefault("state", {})["caller"] = caller

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = [(name.encode(), text.encode()) for name, text in fields(caller.standings)]
                message["headers"] = [*message.get("headers", ()), *added]
            await send(message)

        await self._app(scope, receive, told)


def caller_of(request: Request) -> Caller:
    """Who was admitted; nobody in particular where no door was passed."""
    caller: Caller = getattr(request.state, "caller", None) or Caller()
    return caller


def _values(connection: Connection, name: bytes) -> list[str]:
    return [value.decode("latin-1") for each, value in connection["headers"] if each == name]


def _check_target(connection: Connection) -> None:
    """A URL names a host of its own, which a server must believe above `Host` (RFC 9112 3.2.2)."""
    if not connection["path"].startswith("/"):
        raise known("malformed.target", "target: not a path")


def _bearer(sent: Sequence[str]) -> str | None:
    """The text behind Bearer; None without the header."""
    if len(sent) > 1:
        raise known("malformed.authorization", "Authorization: comes more than once")
    if not sent:
        return None
    scheme, _, text = sent[0].partition(" ")
    if scheme.lower() != "bearer":
        raise _unauthenticated("Authorization: not Bearer and an API key")
    return text


def _check_loopback(connection: Connection, caller: Caller) -> None:
    """Whoever is let in without a key, since there are none, is this machine."""
    if not caller.whole:
        return
    client = connection.get("client")
    hosts, origins = _values(connection, b"host"), _values(connection, b"origin")
    if client is None or not is_loopback(client[0]):
        raise _loopback("the caller is not this machine")
    if any(_values(connection, name) for name in FORWARDED):
        raise _loopback("the request came through a proxy")
    if len(hosts) != 1 or not is_loopback_host(hosts[0]):
        raise _loopback("Host is not a name of loopback")
    if len(origins) > 1 or not all(is_loopback_origin(each) for each in origins):
        raise _loopback("Origin is not a page of loopback")


def _loopback(reason: str) -> Problem:
    return known("refused.loopback", f"there are no API keys, and {reason}")


def _unauthenticated(detail: str, error: str | None = None) -> Problem:
    challenge = REALM if error is None else f'{REALM}, error="{error}"'
    return known("refused.unauthenticated", detail, headers={"WWW-Authenticate": challenge})


def _too_many(
    code: str, detail: str, standing: Standing, told: Mapping[str, str] | None = None
) -> Problem:
    return known(code, detail, headers={"Retry-After": str(standing.seconds), **(told or {})})

"""Every call of the service, once, for both clients."""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, overload
from urllib.parse import quote

from algebra.errors import TierproofError
from policies.credential_file import CredentialFile
from tierproof.client.models import Verification, unlike
from tierproof.client.plan import Ask, Plan, Retries, exchanged, problem

if TYPE_CHECKING:
    from tierproof.client.transport import AsyncClient, Client

P = ParamSpec("P")
T = TypeVar("T")
JSON = {"Content-Type": "application/json", "Accept": "application/json"}


class Call(Generic[P, T]):
    """A method of both clients: `Client` gives what it comes to, `AsyncClient` awaits it."""

    def __init__(self, plan: Callable[Concatenate[Calls, P], Plan[T]]) -> None:
        self._plan, self.__doc__ = plan, plan.__doc__

    @overload
    def __get__(self, client: Client, kind: Any = None) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: AsyncClient, kind: Any = None) -> Callable[P, Awaitable[T]]: ...
    @overload
    def __get__(self, client: None, kind: Any = None) -> Call[P, T]: ...
    def __get__(self, client: Any, kind: Any = None) -> Any:
        """The method of a client."""
        if client is None:
            return self

        def method(*arguments: P.args, **options: P.kwargs) -> Any:
            return client._carry_out(self._plan(client, *arguments, **options))

        method.__doc__ = self.__doc__
        return method


class Calls:
    """
    What the service can be asked. Errors are those of the project, with the service's code:
    Malformed, Rejected, Refused, Unavailable (`unavailable.service` where nothing of it came).
    """

    _retries: Retries

    def _get(self, path: str, **query: str) -> Plan[Any]:
        return exchanged(Ask("GET", path, query=query, headers=JSON), self._retries)

    def _post(self, path: str, value: object) -> Plan[Any]:
        # One idempotency key for all attempts: a request that was done is not done again.
        key = {"Idempotency-Key": f'"{secrets.token_urlsafe(24)}"'}
        body = json.dumps(value).encode("ascii")
        return exchanged(Ask("POST", path, body, headers=JSON | key), self._retries)

    @Call
    def verify(self, credential: CredentialFile) -> Plan[Verification]:
        """Have a credential verified and recorded; Rejected where its proof does not hold."""
        value = yield from self._post("/verifications", credential.as_json())
        return Verification.of(value)

    @Call
    def verify_batch(
        self, credentials: Sequence[CredentialFile]
    ) -> Plan[list[Verification | TierproofError]]:
        """Up to 32 credentials; for each what `verify` gives, or the error that it would raise."""
        value = yield from self._post(
            "/verifications/batch", {"credentials": [each.as_json() for each in credentials]}
        )
        try:
            verdicts = value["verdicts"]
            if len(verdicts) != len(credentials):
                raise unlike("batch")
            return [
                Verification.of(each["verification"])
                if each["problem"] is None
                else problem(each["problem"], int(each["status"]))
                for each in verdicts
            ]
        except (KeyError, TypeError, ValueError):
            raise unlike("batch") from None

    @Call
    def policies(self) -> Plan[list[dict[str, Any]]]:
        """All registered policies."""
        return (yield from self._all("policies"))

    @Call
    def policy(self, policy_id: str) -> Plan[dict[str, Any]]:
        """A policy by its id, with its document."""
        return (yield from self._one(f"/policies/{quote(policy_id, safe='')}"))

    @Call
    def keys(self) -> Plan[list[dict[str, Any]]]:
        """All registered verifying keys."""
        return (yield from self._all("keys"))

    @Call
    def roots(self) -> Plan[list[dict[str, Any]]]:
        """All registered roots, each with its state."""
        return (yield from self._all("roots"))

    @Call
    def credentials(self) -> Plan[list[dict[str, Any]]]:
        """All accepted credentials, by nullifier."""
        return (yield from self._all("credentials"))

    @Call
    def credentials_page(
        self, cursor: str | None = None, limit: int = 50
    ) -> Plan[tuple[list[dict[str, Any]], str | None]]:
        """Accepted credentials after a cursor, at most `limit`, and the cursor after them."""
        return (yield from self._page("credentials", cursor, limit))

    @Call
    def credential(self, nullifier: str) -> Plan[dict[str, Any]]:
        """The accepted credential of a nullifier; Refused (`unknown.credential`) for none."""
        return (yield from self._one(f"/credentials/{quote(nullifier, safe='')}"))

    @Call
    def terms(self, account: str) -> Plan[dict[str, Any]]:
        """What an account may do now, by the registry that the service reads."""
        return (yield from self._one(f"/terms/{quote(account, safe='')}"))

    @Call
    def health(self) -> Plan[dict[str, Any]]:
        """Whether the service's database answers, and how much is in it."""
        return (yield from self._one("/health"))

    @Call
    def onboard(
        self, credential: CredentialFile, consents: Iterable[dict[str, Any]] = ()
    ) -> Plan[dict[str, Any]]:
        """Hand a credential with its consents to the service's relayer; its id and state."""
        value = {"credential": credential.as_json(), "consents": list(consents)}
        return _object((yield from self._post("/onboardings", value)))

    @Call
    def onboarding(self, id: str) -> Plan[dict[str, Any]]:
        """The state of an onboarding; nothing says granted before the chain is final."""
        return (yield from self._one(f"/onboardings/{quote(id, safe='')}"))

    def _one(self, path: str) -> Plan[dict[str, Any]]:
        return _object((yield from self._get(path)))

    def _page(
        self, name: str, cursor: str | None, limit: int
    ) -> Plan[tuple[list[dict[str, Any]], str | None]]:
        after = {} if cursor is None else {"cursor": cursor}
        value = _object((yield from self._get(f"/{name}", limit=str(limit), **after)))
        rows, following = value.get(name), value.get("next")
        if not isinstance(rows, list) or not (following is None or isinstance(following, str)):
            raise unlike(f"list of {name}")
        return [_object(row) for row in rows], following

    def _all(self, name: str) -> Plan[list[dict[str, Any]]]:
        rows: list[dict[str, Any]] = []
        cursor, seen = None, set()
        while True:
            page, cursor = yield from self._page(name, cursor, 100)
            rows += page
            if cursor is None:
                return rows
            if cursor in seen:
                raise unlike(f"list of {name}")
            seen.add(cursor)


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise unlike("object")
    return value

"""The typed client, sync and async, over the service in this process and over answers made up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.loopback import loopback_client

from algebra.errors import Malformed, Refused, Rejected, TierproofError, Unavailable
from algebra.hexadecimal import hex32
from policies.credential_file import CredentialFile
from service.store.store import Store
from tests.service.api.conftest import app_of
from tests.service.test_service import FakeVerifier
from tests.service.test_service import clock as clock
from tests.service.test_service import policy as policy
from tests.service.test_service import request_body as request_body
from tests.service.test_service import signed as signed
from tests.service.test_service import store as store
from tests.service.test_service import verifier as verifier
from tierproof.client import AsyncClient, Client
from tierproof.client.plan import Retries

URL = "http://127.0.0.1:8787/v1"
QUICK = Retries(attempts=3, first=0.001, most=0.002)
KEY = "tp_0123456789abcdef"
Answer = Callable[[httpx.Request], httpx.Response]


class Both:
    """The same call by both clients; both must come to the same."""

    def __init__(self, answer: Answer, **options: Any) -> None:
        self.seen: list[httpx.Request] = []

        def handle(request: httpx.Request) -> httpx.Response:
            self.seen.append(request)
            return answer(request)

        self.options = {"transport": httpx.MockTransport(handle), "retries": QUICK, **options}

    def __call__(self, name: str, *arguments: Any) -> Any:
        return _same(self._waited(name, *arguments), self._awaited(name, *arguments))

    def _waited(self, name: str, *arguments: Any) -> Any:
        with Client(URL, **self.options) as client:
            return _outcome(lambda: getattr(client, name)(*arguments))

    def _awaited(self, name: str, *arguments: Any) -> Any:
        async def run() -> Any:
            async with AsyncClient(URL, **self.options) as client:
                return await getattr(client, name)(*arguments)

        return _outcome(lambda: asyncio.run(run()))


def _outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except TierproofError as error:
        return error


def _same(one: Any, other: Any) -> Any:
    if isinstance(one, TierproofError):
        assert isinstance(other, type(one))
        assert (one.code, one.message, one.fields) == (other.code, other.message, other.fields)
        raise one
    assert one == other or not isinstance(one, dict | list)
    return one


@pytest.fixture
def credential(request_body: dict[str, Any]) -> CredentialFile:
    return CredentialFile.parse(request_body)


@pytest.fixture
def over(store: Store, verifier: FakeVerifier) -> Both:
    """Both clients over the service itself."""
    inner = loopback_client(app_of(store, verifier), raise_server_exceptions=False)

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode()
        found = inner.request(
            request.method, path, content=request.content, headers=dict(request.headers)
        )
        return httpx.Response(found.status_code, content=found.content, headers=found.headers)

    return Both(answer)


# -- over the service ------------------------------------------------------------------------------
def test_a_credential_is_verified_and_told_again(
    over: Both, credential: CredentialFile, store: Store, policy: Any
) -> None:
    first = over._waited("verify", credential)
    assert (first.replayed, first.stands, first.reasons) == (False, True, ())
    assert first.credential["nullifier"] == hex32(credential.nullifier)
    store.revoke_root(policy.attestor_set, credential.root)
    again = over._awaited("verify", credential)
    assert again.replayed and not again.stands and again.credential == first.credential
    assert [reason.code for reason in again.reasons] == ["refused.root_revoked"]


@pytest.mark.parametrize(
    ("change", "kind", "code"),
    [
        ({"tier": 9}, Refused, "unknown.tier"),
        ({"policy_id": hex32(5)}, Refused, "unknown.policy"),
        ({"account": "0x" + "00" * 20}, Malformed, "malformed.range"),
        ({}, Rejected, "rejected.equation"),
    ],
)
def test_problems_are_the_projects_errors(
    over: Both, verifier: FakeVerifier, request_body: dict[str, Any], change: dict[str, Any],
    kind: type[TierproofError], code: str,
) -> None:  # fmt: skip
    verifier.error = Rejected("rejected.equation", "proof: no")
    with pytest.raises(kind) as caught:
        over("verify", CredentialFile.parse(request_body | change))
    assert caught.value.code == code and type(caught.value) is kind


def test_a_batch(over: Both, request_body: dict[str, Any]) -> None:
    listed = [CredentialFile.parse(request_body | each) for each in ({}, {"tier": 9}, {})]
    found = over._waited("verify_batch", listed)
    assert isinstance(found[1], Refused) and found[1].code == "unknown.tier"
    assert found[0].credential == found[2].credential


def test_lists_go_over_all_pages(over: Both, request_body: dict[str, Any]) -> None:
    for number in range(1, 8):
        body = request_body | {"nullifier": hex32(number)}
        over._waited("verify", CredentialFile.parse(body))
    rows = over("credentials")
    assert [int(row["nullifier"], 16) for row in rows] == list(range(1, 8))
    page, cursor = over("credentials_page", None, 3)
    rest, end = over("credentials_page", cursor, 100)
    assert page + rest == rows and end is None
    assert len(over("policies")) == len(over("keys")) == len(over("roots")) == 1
    assert over("credential", hex32(3)) == rows[2]
    assert over("policy", over("policies")[0]["policy_id"])["name"] == over("policies")[0]["name"]
    assert over("health")["credentials"] == 7
    with pytest.raises(Refused) as caught:
        over("terms", "0x" + "ab" * 20)
    assert caught.value.code == "unknown.registry"


# -- retries ---------------------------------------------------------------------------------------
BUSY = {"code": "unavailable.busy", "detail": "busy", "status": 503}
ACCEPTED = {
    "outcome": "accepted", "replayed": False, "standing": {"stands": True, "reasons": []},
    "credential": {},
}  # fmt: skip


@pytest.mark.parametrize("status", [429, 503])
def test_the_same_request_comes_again(status: int, credential: CredentialFile) -> None:
    answers = iter([status, status, 200] * 2)

    def answer(request: httpx.Request) -> httpx.Response:
        found = next(answers)
        return httpx.Response(found, json=ACCEPTED if found == 200 else BUSY)

    both = Both(answer)
    for found in (both._waited("verify", credential), both._awaited("verify", credential)):
        assert found.stands
    keys = [request.headers["idempotency-key"] for request in both.seen]
    bodies = {request.content for request in both.seen}
    assert len(keys) == 6 and len(set(keys[:3])) == len(set(keys[3:])) == 1 == len(bodies)
    assert keys[0] != keys[3]  # another call has a key of its own


def test_in_the_end_the_problem_is_told(credential: CredentialFile) -> None:
    both = Both(lambda _: httpx.Response(503, json=BUSY))
    with pytest.raises(Unavailable) as caught:
        both("verify", credential)
    assert caught.value.code == "unavailable.busy" and len(both.seen) == 6


def test_a_connection_that_fails(credential: CredentialFile) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("secret detail", request=request)

    both = Both(answer)
    with pytest.raises(Unavailable) as caught:
        both("verify", credential)
    assert caught.value.code == "unavailable.service" and len(both.seen) == 6
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 500, 302])
def test_what_is_final_is_not_asked_again(status: int, credential: CredentialFile) -> None:
    both = Both(lambda _: httpx.Response(status, json={"code": "fault", "detail": "x"}))
    with pytest.raises(TierproofError):
        both("verify", credential)
    assert len(both.seen) == 2


def test_no_less_is_waited_than_was_asked() -> None:
    retries = Retries(first=1, most=20)
    for attempt in range(5):
        assert 0 <= retries.wait(attempt, None) <= min(20, 2**attempt)
        assert 7 <= retries.wait(attempt, 7) <= 7 + min(20, 2**attempt)
    assert retries.wait(0, 1e9) <= 21
    assert len({retries.wait(4, None) for _ in range(20)}) > 1


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b"<html>"), httpx.Response(200, json=[]),
        httpx.Response(200, json={**ACCEPTED, "outcome": "granted"}),
        httpx.Response(200, json={**ACCEPTED, "replayed": 1}),
        httpx.Response(200, json={**ACCEPTED, "standing": {}}),
        httpx.Response(502, content=b"bad gateway"), httpx.Response(500, json={"code": 5}),
        httpx.Response(302, headers={"location": "http://127.0.0.1:1/"}),
        httpx.Response(200, content=b"[" * 100_000),
    ],
)  # fmt: skip
def test_what_is_no_answer_of_a_service(answer: httpx.Response, credential: CredentialFile) -> None:
    with pytest.raises(Unavailable) as caught:
        both = Both(lambda _: httpx.Response(answer.status_code, content=answer.content))
        both("verify", credential)
    assert caught.value.code == "unavailable.service"


def test_a_list_without_end() -> None:
    page = {"keys": [{}], "next": "again"}
    with pytest.raises(Unavailable):
        Both(lambda _: httpx.Response(200, json=page))("keys")


# -- where and by which key ------------------------------------------------------------------------
@pytest.mark.parametrize(
    "url",
    ["http://example.org/v1", "ftp://127.0.0.1", "https://", "x", "https://u:p@example.org",
     "https://example.org/?a=1", "https://example.org/#a", "http://127.0.0.1.example.org",
     "http://localhost.example.org", "http://[::1", "https://example.org:99999", ""],
)  # fmt: skip
def test_a_url_that_is_none(url: str) -> None:
    with pytest.raises(Malformed) as caught:
        Client(url)
    assert caught.value.code == "malformed.url"


@pytest.mark.parametrize(
    "url", ["https://example.org/v1/", "http://localhost:1", "http://[::1]:1", "http://127.1.2.3"]
)
def test_a_url_that_is_one(url: str) -> None:
    with Client(url) as client:
        assert repr(client) == f"Client({url.rstrip('/')!r})"


def test_a_key_is_sent_and_shown_nowhere(tmp_path: Path, caplog: Any) -> None:
    caplog.set_level("DEBUG")
    path = tmp_path / "service.key"
    path.write_text(f"{KEY}\n")
    path.chmod(0o600)
    for options in ({"api_key": KEY}, {"api_key_file": path}):
        both = Both(lambda _: httpx.Response(200, json={"status": "ok"}), **options)
        both("health")
        assert {r.headers["authorization"] for r in both.seen} == {f"Bearer {KEY}"}
        with Client(URL, **options) as client:
            assert KEY not in repr(client) and KEY not in repr(vars(client))
    assert KEY not in caplog.text
    path.chmod(0o644)
    with pytest.raises(Refused):
        Client(URL, api_key_file=path)
    for bad in ("", "a b", "a\nb", "é", "x" * 513):
        with pytest.raises(Malformed) as caught:
            Client(URL, api_key=bad)
        assert caught.value.code == "malformed.bearer"
        assert bad == "" or repr(bad) not in str(caught.value)


def test_an_onboarding_is_handed_over(credential: CredentialFile) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            sent = json.loads(request.content)
            assert sent == {"credential": credential.as_json(), "consents": [{"a": 1}]}
        return httpx.Response(200, json={"id": "7", "state": "verified"})

    both = Both(answer)
    assert both("onboard", credential, [{"a": 1}])["state"] == "verified"
    assert both("onboarding", "a/../b")["id"] == "7"
    assert both.seen[-1].url.raw_path == b"/v1/onboardings/a%2F..%2Fb"

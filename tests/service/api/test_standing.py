"""The same credential again: its stored verdict, and what is so now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from algebra.errors import Rejected
from policies.policy import Policy
from service.store.store import Store
from tests.service.test_service import NOW, ROOT, FakeVerifier, check_problem, submit
from verifier.ceremonies import allowed_id


def again(client: TestClient, body: dict[str, Any]) -> list[str]:
    """What speaks against a credential that was accepted, by code."""
    answer = submit(client, body)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["outcome"] == "accepted" and found["replayed"]
    assert found["standing"]["stands"] == (not found["standing"]["reasons"])
    return [reason["code"] for reason in found["standing"]["reasons"]]


def test_a_stored_verdict_asks_no_proof_again(
    client: TestClient, verifier: FakeVerifier, request_body: dict[str, Any]
) -> None:
    first = submit(client, request_body).json()
    assert not first["replayed"] and first["standing"] == {"stands": True, "reasons": []}
    verifier.error = Rejected("rejected.equation", "proof: no")
    assert again(client, request_body) == []
    assert submit(client, request_body).json()["credential"] == first["credential"]
    assert len(verifier.seen) == 1
    spaced = {name: request_body[name] for name in reversed(request_body)}
    assert again(client, spaced) == []  # the same file in another layout


def test_a_rejected_credential_is_looked_at_again(
    client: TestClient, verifier: FakeVerifier, request_body: dict[str, Any]
) -> None:
    verifier.error = Rejected("rejected.equation", "proof: no")
    for _ in range(2):
        check_problem(submit(client, request_body), 422, "rejected.equation")
    verifier.error = None
    assert not submit(client, request_body).json()["replayed"]


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (lambda store, policy: store.revoke_root(policy.attestor_set, ROOT),
         "refused.root_revoked"),
        (lambda store, policy: store.end_generation(policy.attestor_set, 1),
         "refused.generation_ended"),
        (lambda store, policy: _run(store, "DELETE FROM keys"), "unknown.key"),
        (lambda store, policy: _run(store, "DELETE FROM deployments"), "unknown.deployment"),
        (lambda store, policy: _run(store, "UPDATE roots SET files = '[]'"), "refused.rules"),
    ],
)  # fmt: skip
def test_what_speaks_against_it_now(
    store: Store, policy: Policy, verifier: FakeVerifier, request_body: dict[str, Any],
    client: TestClient, step: Callable[[Store, Policy], None], code: str,
) -> None:  # fmt: skip
    assert submit(client, request_body).status_code == 200
    step(store, policy)
    if code == "unknown.key":
        client.app.state.service._keys.clear()  # type: ignore[attr-defined]
    assert again(client, request_body) == [code]


def _run(store: Store, statement: str) -> None:
    """As somebody with the file does it: no key of another table speaks against it."""
    raw = store.database.engine.raw_connection()
    raw.cursor().execute("PRAGMA foreign_keys=OFF")
    raw.cursor().execute(statement)
    raw.cursor().execute("PRAGMA foreign_keys=ON")
    raw.close()


def test_its_root_expired(
    client: TestClient, clock: list[float], request_body: dict[str, Any]
) -> None:
    assert submit(client, request_body).status_code == 200
    clock[0] = NOW + 1000
    assert again(client, request_body) == []
    clock[0] = NOW + 1001
    assert again(client, request_body) == ["refused.root_expired"]


def test_its_setup_is_allowed_no_more(
    client: TestClient, request_body: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert submit(client, request_body).status_code == 200
    service = client.app.state.service  # type: ignore[attr-defined]
    key = next(iter(service._keys))
    service._keys[key] = replace(service._keys[key], srs_id=allowed_id("development"))
    assert again(client, request_body) == ["refused.key_setup"]


def test_a_later_window_took_its_place(
    client: TestClient, later: Any, request_body: dict[str, Any]
) -> None:
    assert submit(client, request_body).status_code == 200
    assert submit(client, later(1)).status_code == 200
    assert again(client, request_body) == ["refused.superseded"]
    assert again(client, later(1)) == []


def test_a_database_that_fails_is_no_standing(
    client: TestClient, store: Store, request_body: dict[str, Any]
) -> None:
    """A verdict whose standing cannot be told is not told."""
    assert submit(client, request_body).status_code == 200
    with store.database.engine.begin() as connection:
        connection.execute(text("DROP TABLE ended_generations"))
    check_problem(submit(client, request_body), 503, "unavailable.database")


def test_a_key_of_another_setup_is_rejected(
    client: TestClient, verifier: FakeVerifier, request_body: dict[str, Any]
) -> None:
    body = request_body | {"srs_id": f"0x{allowed_id('development'):050x}"}
    check_problem(submit(client, body), 422, "rejected.key")
    assert verifier.seen == []

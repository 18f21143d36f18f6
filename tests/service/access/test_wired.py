"""Access in the service itself: scopes of its routes, and one verdict for one idempotency key."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from algebra.errors import Rejected
from service.access.keys import create
from service.access.tables import IdempotencyRow
from service.api.access import scope_of
from service.api.app import RESOURCES
from service.store.store import Store
from tests.service.test_service import (
    NOW,
    FakeVerifier,
    check_problem,
    client,
    clock,
    policy,
    request_body,
    signed,
    store,
    verifier,
)

__all__ = ["client", "clock", "policy", "request_body", "signed", "store", "verifier"]
KEY = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}


def test_every_route_has_its_scope() -> None:
    scopes = {
        (route.path, method): scope_of(route)  # type: ignore[attr-defined]
        for resource in RESOURCES
        for route in resource.router.routes
        for method in route.methods  # type: ignore[attr-defined]
    }
    assert scopes["/verifications", "POST"] == "verify"
    assert scopes["/credentials/{nullifier}", "GET"] == "read"


def test_a_verdict_comes_again_with_its_key(
    client: TestClient, verifier: FakeVerifier, request_body: dict[str, Any], store: Store
) -> None:
    first = client.post("/v1/verifications", json=request_body, headers=KEY)
    second = client.post("/v1/verifications", json=request_body, headers=KEY)
    assert first.status_code == second.status_code == 200 and first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true" and len(verifier.seen) == 1
    body = request_body | {"tier": 0}
    other = client.post("/v1/verifications", json=body, headers=KEY)
    check_problem(other, 422, "refused.idempotency_reused")
    with store.database.reading() as session:
        (row,) = session.scalars(select(IdempotencyRow))
        assert row.status == 200


def test_a_rejection_comes_again_and_a_fault_does_not(
    client: TestClient, verifier: FakeVerifier, request_body: dict[str, Any]
) -> None:
    verifier.error = RuntimeError("a fault")
    assert client.post("/v1/verifications", json=request_body, headers=KEY).status_code == 500
    verifier.error = Rejected("rejected.equation", "proof: no")
    for count in (2, 2):
        answer = client.post("/v1/verifications", json=request_body, headers=KEY)
        check_problem(answer, 422, "rejected.equation")
        assert len(verifier.seen) == count


def test_a_renewal_in_vain_has_the_refusal_for_its_answer(
    client: TestClient, request_body: dict[str, Any], store: Store
) -> None:
    """The row of the credential is not changed, so no acceptance is kept for the key."""
    assert client.post("/v1/verifications", json=request_body).status_code == 200
    for _ in range(2):
        other = request_body | {"tier": 0}
        answer = client.post("/v1/verifications", json=other, headers=KEY)
        check_problem(answer, 409, "refused.nullifier_used")


@pytest.mark.parametrize(
    ("scopes", "status"), [(["verify"], 200), (["read"], 403), (["admin", "read"], 403)]
)
def test_keys_of_the_service(
    client: TestClient, request_body: dict[str, Any], store: Store, scopes: list[str], status: int
) -> None:
    with store.database.writing() as session:
        _, text = create(session, name="desk", scopes=scopes, now=NOW)
    sent = {"Authorization": f"Bearer {text}"}
    assert client.post("/v1/verifications", json=request_body).status_code == 401
    assert client.post("/v1/verifications", json=request_body, headers=sent).status_code == status
    expected = 200 if "read" in scopes else 403
    assert client.get("/v1/policies", headers=sent).status_code == expected


def test_no_page_of_the_web_reaches_a_service_without_keys(client: TestClient) -> None:
    for headers in ({"Host": "rebound.example:8787"}, {"Origin": "https://page.example"}):
        for path in ("/v1/policies", "/v1/health", "/v1/openapi.json"):
            check_problem(client.get(path, headers=headers), 403, "refused.loopback")

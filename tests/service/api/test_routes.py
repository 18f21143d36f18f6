"""Batches, the operator's routes, terms, the page, and what every answer has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from support.loopback import loopback_client

from algebra.errors import Rejected, Unavailable
from algebra.hexadecimal import hex32
from policies.policy import Policy
from service.store.store import Store
from tests.service.api.conftest import app_of
from tests.service.test_service import (
    NULLIFIER,
    PLACE,
    ROOT,
    FakeVerifier,
    check_problem,
    submit,
)

BATCH = "/v1/verifications/batch"
ACCOUNT = "0x" + "ab" * 20


# -- batches ---------------------------------------------------------------------------------------
def test_each_of_a_batch_has_its_own_verdict(
    client: TestClient, verifier: FakeVerifier, request_body: dict[str, Any]
) -> None:
    other = request_body | {"nullifier": hex32(NULLIFIER + 1)}
    listed = [request_body, {"not": "one"}, request_body | {"tier": 9}, request_body, other]
    verdicts = client.post(BATCH, json={"credentials": listed}).json()["verdicts"]
    assert [each["status"] for each in verdicts] == [200, 400, 404, 200, 200]
    for each in verdicts:
        assert (each["verification"] is None) == (each["status"] != 200)
        assert (each["problem"] is None) == (each["status"] == 200)
    assert verdicts[1]["problem"]["code"] == "malformed.credential"
    assert verdicts[2]["problem"]["code"] == "unknown.tier"
    twice = [verdicts[0]["verification"], verdicts[3]["verification"]]
    assert sorted(each["replayed"] for each in twice) == [False, True]
    alone = submit(client, other).json()
    assert alone["credential"] == verdicts[4]["verification"]["credential"]


def test_a_fault_in_one_is_no_verdict_on_it_alone(
    store: Store, verifier: FakeVerifier, request_body: dict[str, Any]
) -> None:
    def sometimes(key: Any, statement: Any, proof: bytes) -> None:
        if statement[1] == NULLIFIER:
            raise RuntimeError("secret detail")

    client = loopback_client(app_of(store, sometimes))  # type: ignore[arg-type]
    listed = [request_body, request_body | {"nullifier": hex32(NULLIFIER + 1)}]
    answer = client.post(BATCH, json={"credentials": listed})
    assert [each["status"] for each in answer.json()["verdicts"]] == [500, 200]
    assert "secret detail" not in answer.text


@pytest.mark.parametrize(
    "value",
    [[], {}, {"credentials": []}, {"credentials": {}}, {"credentials": [{}] * 33}, 7, "x",
     {"credentials": [{}], "more": 1}],
)  # fmt: skip
def test_what_is_no_batch(client: TestClient, value: object) -> None:
    check_problem(client.post(BATCH, json=value), 400, "malformed.request")


def test_a_whole_batch_fits(client: TestClient, request_body: dict[str, Any]) -> None:
    """Of credentials in the largest proof that there is; one more byte than the cap does not."""
    whole = request_body | {"proof": "0x" + "5e" * 3104}
    listed = [whole | {"nullifier": hex32(number)} for number in range(1, 33)]
    answer = client.post(BATCH, json={"credentials": listed})
    assert {each["status"] for each in answer.json()["verdicts"]} == {200}
    headers = {"content-type": "application/json"}
    large = client.post(BATCH, content=b" " * (512 * 1024 + 1), headers=headers)
    assert check_problem(large, 413, "refused.too_large")["limit"] == 512 * 1024


# -- the operator ----------------------------------------------------------------------------------
def test_an_operator_registers_a_policy(operator: TestClient, store: Store, policy: Policy) -> None:
    following = replace(policy, name="following")
    place = {"chain_id": PLACE.chain_id, "registry": PLACE.registry}
    body = {"policy": following.as_json(), "deployments": [place]}
    for _ in range(2):
        answer = operator.post("/v1/admin/policies", json=body)
        assert answer.json() == {"done": "registered", "id": hex32(following.policy_id)}
    assert store.policy(following.policy_id) == following
    assert store.deployment(following.policy_id, PLACE.chain_id, PLACE.registry) == PLACE
    nobody = replace(policy, attestor_set=bytes(32)).as_json()
    refused = operator.post("/v1/admin/policies", json={"policy": nobody, "deployments": []})
    check_problem(refused, 409, "refused.policy.attestors")


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("policies", {}, "malformed.request"),
        ("policies", {"policy": {}, "deployments": []}, "malformed.policy.format"),
        ("policies", {"policy": {}, "deployments": 1}, "malformed.request"),
        ("policies", {"policy": {}, "deployments": [{"chain_id": 1, "registry": "x"}]},
         "malformed.address"),
        ("roots", {}, "malformed.root"),
        ("revocations", {"attestor_set": hex32(1), "root": 1}, "malformed.request"),
        ("revocations", {"attestor_set": hex32(1), "root": hex32(1)}, "unknown.root"),
        ("generations/ends", {"attestor_set": "0x01", "generation": 1}, "malformed.request"),
        ("generations/ends", {"attestor_set": hex32(1), "generation": 0}, "malformed.request"),
        ("generations/ends", [], "malformed.request"),
    ],
)  # fmt: skip
def test_what_an_operator_gets_wrong(
    operator: TestClient, path: str, value: object, code: str
) -> None:
    answer = operator.post(f"/v1/admin/{path}", json=value)
    check_problem(answer, 404 if code.startswith("unknown") else 400, code)


def test_an_operator_takes_back(
    operator: TestClient, policy: Policy, request_body: dict[str, Any]
) -> None:
    of = hex32(policy.attestor_set)
    done = operator.post("/v1/admin/revocations", json={"attestor_set": of, "root": hex32(ROOT)})
    assert done.json() == {"done": "revoked", "id": hex32(ROOT)}
    check_problem(submit(operator, request_body), 409, "refused.root_revoked")
    ended = operator.post("/v1/admin/generations/ends", json={"attestor_set": of, "generation": 1})
    assert ended.json() == {"done": "ended", "id": of}


# -- terms -----------------------------------------------------------------------------------------
TERMS = {
    "account": ACCOUNT, "status": "running", "initial_margin_bp": 1000,
    "maintenance_margin_bp": 500, "taker_fee": 450, "maker_fee": -10, "max_leverage": 10,
    "limit": 5000, "changes_at": 7, "end": None,
}  # fmt: skip


def test_terms_of_an_account(store: Store, verifier: FakeVerifier, client: TestClient) -> None:
    check_problem(client.get(f"/v1/terms/{ACCOUNT}"), 404, "unknown.registry")
    asked: list[str] = []

    def read(account: str) -> dict[str, Any]:
        asked.append(account)
        return TERMS

    reading = loopback_client(app_of(store, verifier, read_terms=read))
    upper = "0x" + "AB" * 20
    assert reading.get(f"/v1/terms/{upper}").json() == TERMS and asked == [ACCOUNT]
    check_problem(reading.get("/v1/terms/0x12"), 400, "malformed.address")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Unavailable("unavailable.node", "no node"), 503, "unavailable.node"),
        (Unavailable("unavailable.contract", "no registry"), 503, "unavailable.contract"),
        (Rejected("rejected.Reverted", "no"), 409, "refused.terms"),
    ],
)
def test_a_registry_that_does_not_answer(
    store: Store, verifier: FakeVerifier, error: Exception, status: int, code: str
) -> None:
    def read(account: str) -> dict[str, Any]:
        raise error

    client = loopback_client(app_of(store, verifier, read_terms=read))
    check_problem(client.get(f"/v1/terms/{ACCOUNT}"), status, code)


# -- every answer ----------------------------------------------------------------------------------
def any_answers(client: TestClient, body: dict[str, Any]) -> list[httpx.Response]:
    return [
        client.get("/v1/health"), client.get("/v1/docs"), client.get("/v1/openapi.json"),
        client.get("/v1/nothing"), client.put("/v1/keys"), client.head("/v1/keys"),
        submit(client, body), submit(client, {}), client.get("/v1/keys/"),
        client.post("/v1/verifications", content=b" " * 70_000),
    ]  # fmt: skip


def test_nothing_is_kept_on_the_way(client: TestClient, request_body: dict[str, Any]) -> None:
    for answer in any_answers(client, request_body):
        assert answer.headers["cache-control"] == "no-store", answer.url
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "X"])
def test_other_methods_are_problems(client: TestClient, method: str) -> None:
    answer = client.request(method, "/v1/keys")
    assert answer.status_code == 405 and answer.headers["allow"] == "GET"
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_page_has_no_script_and_loads_nothing(client: TestClient) -> None:
    page = client.get("/v1/docs")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
    text = page.text
    assert "<script" not in text and "src=" not in text and '="http' not in text
    for path in client.get("/v1/openapi.json").json()["paths"]:
        assert path in text
    assert "unknown.policy" in text and "refused.nullifier_used" in text


def test_the_page_says_its_text_and_no_markup() -> None:
    from service.api.docs import written

    evil = "<script>alert(1)</script>"
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}
    document = {
        "info": {"title": evil, "description": evil},
        "paths": {
            f"/{evil}": {
                "get": {
                    "description": evil,
                    "parameters": [{"name": evil, "in": evil, "description": evil}],
                    "responses": {"200": {"description": evil, **answer}},
                }
            }
        },
        "components": {"schemas": {"A": {"examples": [{evil: evil}]}}},
    }
    assert "<script" not in written(document)


def test_a_malformed_error_says_no_value(client: TestClient, request_body: dict[str, Any]) -> None:
    secret = "5ec7e7" * 10
    for body in ({**request_body, "account": secret}, {**request_body, "tier": secret}):
        assert secret not in submit(client, body).text

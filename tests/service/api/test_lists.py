"""Lists by cursor: each row on one page, whatever comes between."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from algebra.hexadecimal import hex32
from policies.policy import Policy
from policies.signed_root import Root
from service.store.store import Store
from tests.service.test_service import (
    FOR_THE_PLACE,
    NOW,
    PLACE,
    ROOT,
    SIGNATURES,
    FakeKey,
    check_problem,
    submit,
)

LISTS = ("credentials", "policies", "keys", "roots")


def pages(client: TestClient, name: str, limit: int = 2) -> list[list[dict[str, Any]]]:
    out, cursor = [], None
    while True:
        asked = {"limit": limit, **({"cursor": cursor} if cursor else {})}
        answer = client.get(f"/v1/{name}", params=asked)
        assert answer.status_code == 200, answer.text
        out.append(answer.json()[name])
        cursor = answer.json()["next"]
        if cursor is None:
            return out


@pytest.fixture
def full(store: Store, client: TestClient, policy: Policy, signed: Root, request_body: Any) -> None:
    for number in range(1, 5):
        assert submit(client, request_body | {"nullifier": hex32(number)}).status_code == 200
        following = replace(policy, name=f"another {number}")
        store.register_policy(following, [PLACE])
        store.register_key(FakeKey(bytes([9 + number]) * 32, size=8192 << (number % 2)))
        other = replace(signed, root=ROOT + number)
        store.register_root(other, SIGNATURES, **FOR_THE_PLACE, files=policy.documents)


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("limit", [1, 2, 4, 5, 100])
def test_each_row_is_on_one_page(client: TestClient, name: str, limit: int) -> None:
    (whole,) = pages(client, name, 100)
    found = pages(client, name, limit)
    assert [row for page in found for row in page] == whole
    assert len(whole) == (4 if name == "credentials" else 5)
    assert all(len(page) == limit for page in found[:-1]) and len(found[-1]) <= limit


@pytest.mark.usefixtures("full")
def test_rows_that_come_between_move_none(client: TestClient, request_body: Any) -> None:
    """Before and after the cursor: what was there all the time is seen once."""
    first = client.get("/v1/credentials?limit=2").json()
    before = 0x10 << 8
    for nullifier in (before, 1 << 200):
        submit(client, request_body | {"nullifier": hex32(nullifier)})
    rest = client.get("/v1/credentials", params={"cursor": first["next"]}).json()
    seen = [int(row["nullifier"], 16) for row in first["credentials"] + rest["credentials"]]
    assert seen == sorted(set(seen)) and {1, 2, 3, 4} <= set(seen)


def made_up(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "cursor",
    [
        "", "!", "a", "é", "AAAA", made_up(), made_up("keys"), made_up("keys", 1),
        made_up("keys", "0x01", 1), made_up("keys", 1.5, "0x01"), made_up("keys", True, "0x01"),
        made_up("keys", 1 << 70, "0x01"), made_up("keys", -1, "0x01"), made_up("keys", 1, "x"),
        made_up("credentials", "0x01\x00"), made_up("credentials", ["0x01"]),
        made_up("credentials", "0x" + "1" * 65), made_up("roots", "0x01"),
    ],
)  # fmt: skip
def test_a_made_up_cursor(client: TestClient, name: str, cursor: str) -> None:
    check_problem(client.get(f"/v1/{name}", params={"cursor": cursor}), 400, "malformed.cursor")


@pytest.mark.usefixtures("full")
def test_a_cursor_of_another_list(client: TestClient) -> None:
    cursors = {name: client.get(f"/v1/{name}?limit=1").json()["next"] for name in LISTS}
    for name in LISTS:
        for other in set(LISTS) - {name}:
            answer = client.get(f"/v1/{name}", params={"cursor": cursors[other]})
            check_problem(answer, 400, "malformed.cursor")


@pytest.mark.parametrize("limit", ["0", "101", "-1", "1.5", "x", "", "1e1", "٣"])
def test_a_limit_out_of_range(client: TestClient, limit: str) -> None:
    answer = client.get("/v1/roots", params={"limit": limit})
    if limit == "٣":  # a digit to Python, and so to the framework: three
        assert answer.status_code in (200, 400)
        return
    assert check_problem(answer, 400, "malformed.request")["part"] == "limit"


def test_a_cursor_without_end(client: TestClient) -> None:
    answer = client.get("/v1/roots", params={"cursor": "A" * 401})
    assert check_problem(answer, 400, "malformed.request")["part"] == "cursor"


@pytest.mark.usefixtures("full")
def test_states_of_roots(
    store: Store, client: TestClient, policy: Policy, signed: Root, clock: list[float]
) -> None:
    def states() -> dict[int, str]:
        rows = client.get("/v1/roots").json()["roots"]
        return {int(row["root"], 16): row["state"] for row in rows}

    assert states() == dict.fromkeys(range(ROOT, ROOT + 5), "in force")
    store.revoke_root(policy.attestor_set, ROOT)
    other = replace(signed, root=ROOT + 9, generation=2, valid_until=NOW + 5000)
    store.register_root(other, SIGNATURES, **FOR_THE_PLACE, files=policy.documents)
    assert (states()[ROOT], states()[ROOT + 1]) == ("revoked", "in force")
    clock[0] = NOW + 1001
    assert (states()[ROOT], states()[ROOT + 1], states()[ROOT + 9]) == (
        "revoked", "expired", "in force",
    )  # fmt: skip
    store.end_generation(policy.attestor_set, 1)
    assert states()[ROOT + 1] == "generation ended"


def test_a_policy_with_its_document(client: TestClient, policy: Policy) -> None:
    found = client.get(f"/v1/policies/{hex32(policy.policy_id)}").json()
    assert Policy.from_json(found.pop("document")) == policy
    assert found == client.get("/v1/policies").json()["policies"][0]
    check_problem(client.get(f"/v1/policies/{hex32(5)}"), 404, "unknown.policy")
    check_problem(client.get("/v1/policies/0x12"), 400, "malformed.request")

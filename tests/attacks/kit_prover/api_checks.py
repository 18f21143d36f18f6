"""Requests and registrations that each check of the service's API alone stops."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from attacks.kit_prover.desk import (
    MEMBERS,
    POLICY,
    asks,
    body,
    calls,
    false,
    honest,
    posts,
    stands,
)
from attacks.kit_prover.desk_steps import revoke, sql, take
from attacks.kit_prover.judging import CRASH, Forgery, stops
from attacks.kit_prover.mutants import Attempt
from fastapi.testclient import TestClient

from algebra.errors import Rejected
from algebra.hexadecimal import fixed_hex
from verifier.ceremonies import ceremony_ids

_api = "service.api."
_service, _pages = f"{_api}service.Service.", f"{_api}pages._read: "
_listed = f"{_api}verifications._listed: "
ACCOUNT = "0x" + "ab" * 20


def sends(path: str, value: Any, **wired: Any) -> Attempt:
    return calls(lambda client: client.post(path, json=value), wired=wired)


def administers(path: str, **value: Any) -> Attempt:
    """What an operator sends, with a part too many."""
    return sends(f"/v1/admin/{path}", {**value, "more": 1})


def gets(path: str, **wired: Any) -> Attempt:
    return calls(lambda client: client.get(path), wired=wired)


def lists(cursor: object) -> Attempt:
    """Keys, after the one that a made-up cursor names."""
    text = base64.urlsafe_b64encode(json.dumps(cursor).encode()).decode().rstrip("=")
    return gets(f"/v1/keys?cursor={text}")


def batch(value: Callable[[], Any]) -> Attempt:
    def call(client: TestClient) -> Any:
        return client.post("/v1/verifications/batch", json=value())

    return calls(call)


def refuses(_: str) -> dict[str, Any]:
    raise Rejected("rejected.Reverted", "no terms")


def sent() -> Any:
    return json.loads(body())


def known_root() -> dict[str, str]:
    return {"attestor_set": SET, "root": f"0x{honest().statement[0]:064x}"}


SET = "0x" + MEMBERS.id.hex()
_A_PLACE = {"chain_id": 1, "registry": ACCOUNT}

CHECKS: dict[str, Forgery] = {
    # bodies
    f"{_api}request.body_of: stated != JSON": stops(posts(content_type="text/plain")),
    f"{_api}request.json_value: except ValueError": stops(asks(lambda: b"{"), expect=CRASH),
    f"{_listed}not isinstance(value, dict)": stops(batch(lambda: []), expect=CRASH),
    f'{_listed}value.keys() != {{"credentials"}}': stops(
        batch(lambda: {"credentials": [sent()], "more": 1})
    ),
    f"{_listed}not isinstance(listed, list)": stops(batch(lambda: {"credentials": {"a": 1}})),
    f"{_listed}1 <= len(listed)": stops(batch(lambda: {"credentials": []})),
    f"{_listed}len(listed) <= MOST_IN_A_BATCH": stops(batch(lambda: {"credentials": [1] * 33})),
    # lists
    f"{_pages}except (ValueError, binascii.Error)": stops(gets("/v1/keys?cursor=!"), expect=CRASH),
    f"{_pages}not isinstance(value, list)": stops(lists({"a": 1, "b": 2, "c": 3}), expect=CRASH),
    f"{_pages}len(value) != 1 + len(key)": stops(lists(["keys"]), expect=CRASH),
    f"{_pages}value[0] != name": stops(lists(["roots", 1, "0x00"])),
    f"{_pages}not _is_of(column.type.python_type, part)": stops(lists(["keys", "0x00", "0x00"])),
    f"{_api}policies.policy: row is None": stops(gets(f"/v1/policies/0x{5:064x}"), expect=CRASH),
    # terms
    f"{_api}terms.terms: read is None": stops(gets(f"/v1/terms/{ACCOUNT}"), expect=CRASH),
    f"{_api}terms.terms: except Rejected": stops(
        gets(f"/v1/terms/{ACCOUNT}", read_terms=refuses), expect="rejected.Reverted"
    ),
    # the operator's
    f"{_api}admin._add_policy: keys 'deployments'": stops(
        administers("policies", policy=POLICY.as_json(), deployments=[])
    ),
    f"{_api}admin._add_policy: keys 'registry'": stops(
        sends(
            "/v1/admin/policies",
            {"policy": POLICY.as_json(), "deployments": [{**_A_PLACE, "more": 1}]},
        )
    ),
    f"{_api}admin._revoke_root: keys 'root'": stops(
        lambda m: administers("revocations", **known_root())(m)
    ),
    f"{_api}admin._end_generation: keys 'generation'": stops(
        administers("generations/ends", attestor_set=SET, generation=1)
    ),
    # a verdict that was given before, and what is so now
    f"{_service}facts: file.srs_id != key.srs_id": stops(
        asks(lambda: body(srs_id=fixed_hex(ceremony_ids()[0], 25)))
    ),
    f"{_service}verify: before is None": stops(asks(during=take())),
    f"{_api}service._refusal: check()": stops(stands(revoke)),
    f"{_service}_require_holder: held is None": stops(
        stands(sql("DELETE FROM credentials")), expect=CRASH
    ),
    f"{_service}_require_holder: held.digest != accepted.digest": stops(
        stands(sql(f"UPDATE credentials SET digest = '0x{5:064x}'"))
    ),
    f"{_service}_prove: self.pool.verify(key, words, file.proof, client=client)": stops(
        asks(partial(body, false))
    ),
}

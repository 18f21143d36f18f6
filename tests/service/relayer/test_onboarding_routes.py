"""Routes of onboarding requests: what is verified and stored, whose it is, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from support.loopback import loopback_client

from algebra.errors import Rejected
from algebra.hexadecimal import hex20, hex32
from policies.place import Place
from policies.policy import Policy, example
from policies.signed_root import Root
from service.api.app import create_app
from service.operations.settings import Settings
from service.relayer.asked import Asked
from service.relayer.relaying import Relaying
from service.relayer.requests import Onboardings, rows_of
from service.store.store import Store
from tests.service.test_service import (
    ACCOUNT,
    CHAIN_ID,
    FEED,
    FOR_THE_PLACE,
    NOW,
    NULLIFIER,
    PLACE,
    PROOF,
    REGISTRY,
    ROOT,
    SIGNATURES,
    FakeKey,
    FakeVerifier,
    check_problem,
    credential_of,
    load_fake,
)

SIGNATURE = "0x" + "5a" * 65


class World:
    """A service with a relayer that another process runs."""

    def __init__(self, folder: Path) -> None:
        self.policy: Policy = replace(example("sample-hyperliquid"), attestor_set=b"\x77" * 32)
        window, rules = (self.policy.first_day, self.policy.last_day), self.policy.documents.rules
        signed = Root(ROOT, self.policy.attestor_set, 1, *window, NOW + 1000, FEED, rules)
        self.store = Store(f"sqlite:///{folder}/service.sqlite", clock=lambda: float(NOW))
        self.store.register_policy(self.policy, [PLACE])
        self.store.register_key(FakeKey())
        self.store.register_root(signed, SIGNATURES, **FOR_THE_PLACE, files=self.policy.documents)
        self.verifier = FakeVerifier()
        self.onboardings = Onboardings(self.store.database)
        self.client = self.served(Relaying(PLACE, self.onboardings))

    def served(self, relaying: Relaying | None) -> TestClient:
        app = create_app(
            Settings(), self.verifier, load_key=load_fake, store=self.store, relayer=relaying
        )
        return loopback_client(app, raise_server_exceptions=False)

    def body(self, word: int = NULLIFIER, **consent: Any) -> dict[str, Any]:
        named = {"account": hex20(ACCOUNT), "nullifier": hex32(word)}
        place = {"chain_id": CHAIN_ID, "registry": REGISTRY}
        terms = self.policy.tiers[1].terms
        names = ("initial_margin_bp", "maintenance_margin_bp", "taker_fee", "maker_fee",
                 "max_leverage", "limit")  # fmt: skip
        return {
            "credential": {**credential_of(self.policy), **named},
            "consent": {
                "format": "tierproof/grant-consent", "version": 1, "domain": place, **named,
                "holder": hex20(0), "series": hex32(self.policy.series.id),
                "terms": {name: getattr(terms, name) for name in names},
                "least_last_day": 7, "deadline": NOW + 9, "signature": SIGNATURE, **consent,
            },
        }  # fmt: skip


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.store.close()


def test_a_request_is_verified_and_stored_once(world: World) -> None:
    answer = world.client.post("/v1/onboardings", json=world.body())
    assert answer.status_code == 202, answer.text
    said = answer.json()
    assert (said["state"], said["granted"], said["code"]) == ("verified", False, None)
    assert len(world.verifier.seen) == 1
    assert world.client.post("/v1/onboardings", json=world.body()).json() == said
    assert world.client.get(f"/v1/onboardings/{said['id']}").json() == said
    with world.store.database.reading() as session:
        asked = Asked.of_row(rows_of(session, [said["id"]])[0])
    assert asked == Asked(
        place=PLACE, policy_id=world.policy.policy_id, tier=1, last_day=world.policy.last_day,
        root=ROOT, nullifier=NULLIFIER, account=hex20(ACCOUNT), key_digest=FakeKey().digest,
        thresholds=tuple(world.policy.tiers[1].thresholds.words()), proof=bytes.fromhex(PROOF[2:]),
        of_account=(7, NOW + 9, bytes.fromhex(SIGNATURE[2:])), of_holder=(0, 0, b""),
    )  # fmt: skip
    assert asked.onboarding(3).claim.verifier == 3


def test_a_verdict_neither_bars_nor_is_left(world: World) -> None:
    """At a registry a verdict uses up no nullifier: one who verified first may still onboard."""
    body = world.body()
    assert world.client.post("/v1/verifications", json=body["credential"]).status_code == 200
    assert world.client.post("/v1/onboardings", json=body).status_code == 202
    other = world.body(NULLIFIER + 1)
    assert world.client.post("/v1/onboardings", json=other).status_code == 202
    nullifier = other["credential"]["nullifier"]
    check_problem(world.client.get(f"/v1/credentials/{nullifier}"), 404, "unknown.credential")


def test_a_proof_that_is_refused_is_not_stored(world: World) -> None:
    world.verifier.error = Rejected("rejected.pairing", "proof: the opening does not hold")
    answer = world.client.post("/v1/onboardings", json=world.body())
    check_problem(answer, 422, "rejected.pairing")
    assert world.onboardings.page(None, 0, 9) == []


@pytest.mark.parametrize(
    "consent",
    [
        {"account": hex20(ACCOUNT + 1)},
        {"nullifier": hex32(NULLIFIER + 1)},
        {"series": hex32(1)},
        {"domain": {"chain_id": CHAIN_ID + 1, "registry": REGISTRY}},
        {"domain": {"chain_id": CHAIN_ID, "registry": hex20(9)}},
    ],
)
def test_a_consent_to_another_claim(world: World, consent: dict[str, Any]) -> None:
    answer = world.client.post("/v1/onboardings", json=world.body(**consent))
    check_problem(answer, 409, "refused.grant_consent")
    assert world.onboardings.page(None, 0, 9) == []


REFUSED = ("malformed.request", "malformed.json", "malformed.grant_consent", "malformed.address")


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"format": "tierproof/credential"},
        {"signature": "0x"},
        {"signature": "0x" + "00" * 4097},
        {"deadline": 1.5},
        {"deadline": True},
        {"least_last_day": -1},
        {"more": 1},
        {"terms": {}},
    ],
)
def test_consents_that_are_none(world: World, change: dict[str, Any]) -> None:
    answer = world.client.post("/v1/onboardings", json=world.body(**change))
    assert answer.status_code == 400 and answer.json()["code"] in REFUSED
    for body in ({"credential": world.body()["credential"]}, [], {"consent": None}):
        answer = world.client.post("/v1/onboardings", json=body)
        check_problem(answer, 400, "malformed.request")
    assert not world.verifier.seen


def test_another_registry_than_the_relayers(world: World) -> None:
    served = world.served(Relaying(Place(CHAIN_ID, hex20(5)), world.onboardings))
    check_problem(served.post("/v1/onboardings", json=world.body()), 404, "unknown.deployment")
    assert not world.verifier.seen


def test_a_service_without_a_relayer(world: World) -> None:
    served = world.served(None)
    for answer in (
        served.post("/v1/onboardings", json=world.body()),
        served.get("/v1/onboardings"),
        served.get("/v1/onboardings/" + "0" * 32),
    ):
        check_problem(answer, 503, "unavailable.relayer")


def test_ids_and_pages(world: World) -> None:
    for name in ("0" * 32, "0" * 31, "x" * 32, "A" * 32):
        check_problem(world.client.get(f"/v1/onboardings/{name}"), 404, "unknown.onboarding")
    made = [
        world.client.post("/v1/onboardings", json=world.body(NULLIFIER + i)).json()["id"]
        for i in range(5)
    ]
    found, cursor = [], "0"
    while cursor is not None:
        page = world.client.get("/v1/onboardings", params={"cursor": cursor, "limit": 2}).json()
        assert len(page["onboardings"]) <= 2
        found += [each["id"] for each in page["onboardings"]]
        cursor = page["next"]
    assert found == made
    for wrong in ({"cursor": "zz"}, {"limit": 0}, {"limit": 101}, {"cursor": "f" * 16}):
        assert world.client.get("/v1/onboardings", params=wrong).status_code in (400, 422)

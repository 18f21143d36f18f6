"""`/v1/webhooks`: what an operator does over HTTP, and what the service does by itself."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from support.loopback import loopback_client

from algebra.errors import Refused
from algebra.hexadecimal import hex32
from policies.place import Place
from policies.policy import example
from policies.signed_root import Root
from service.api.app import create_app
from service.operations.settings import Settings
from service.store.credentials import Credential
from service.store.store import Store
from service.webhooks import standing
from service.webhooks.endpoints import Endpoints
from service.webhooks.sealing import create_key
from service.webhooks.settings import WebhookSettings
from service.webhooks.sweep import Sweeper
from service.webhooks.tables import EventRow
from tests.service.webhooks.hook_world import NOW, Receiver
from tierproof import webhooks

POLICY = replace(example("sample-hyperliquid"), attestor_set=b"\x77" * 32)
PLACE = Place(31337, "0x" + "c0" * 20)
URL = "https://hooks.example/a"
ACCOUNT = 0xACC0047


class FakeKey:
    """Stands for a verifying key."""

    digest, size = b"\x01" * 32, 8192

    @property
    def srs_id(self) -> int:
        from verifier.ceremonies import ceremony_ids

        return ceremony_ids()[0]

    def to_json(self) -> dict[str, Any]:
        return {"digest": self.digest.hex(), "size": self.size, "srs_id": f"{self.srs_id:050x}"}


@pytest.fixture
def clock() -> list[float]:
    return [float(NOW)]


@pytest.fixture
def store(tmp_path: Path, clock: list[float]) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path}/service.sqlite", clock=lambda: clock[0])
    made.register_policy(POLICY, [PLACE])
    made.register_key(FakeKey())
    window, rules = (POLICY.first_day, POLICY.last_day), POLICY.documents.rules
    root = Root(11, POLICY.attestor_set, 1, *window, NOW + 40 * 86_400, 77, rules)
    made.register_root(
        root, [], domain=PLACE.domain, quorum=lambda *_: None, files=POLICY.documents
    )
    yield made
    made.close()


@pytest.fixture
def told(tmp_path: Path, settings: WebhookSettings) -> WebhookSettings:
    create_key(tmp_path / "webhooks.key")
    return settings.model_copy(update={"key_file": tmp_path / "webhooks.key"})


def app_of(store: Store, told: WebhookSettings | None) -> FastAPI:
    def load(document: dict[str, Any]) -> FakeKey:
        return FakeKey()

    return create_app(
        Settings(webhooks=told or WebhookSettings()), lambda *_: None, load_key=load, store=store
    )


@pytest.fixture
def client(store: Store, told: WebhookSettings) -> TestClient:
    """Without what runs in the background: that begins with a lifespan."""
    return loopback_client(app_of(store, told), raise_server_exceptions=False)


def add(client: TestClient, url: str = URL, **more: object) -> dict[str, Any]:
    answer = client.post("/v1/webhooks", json={"url": url, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def accept(store: Store, nullifier: int = 22) -> Credential:
    return store.accept(
        POLICY,
        Credential(
            nullifier=nullifier, scope=3, policy_id=POLICY.policy_id, tier=1, account=ACCOUNT,
            last_day=POLICY.last_day, attestor_set=POLICY.attestor_set, root=11,
            key_digest=FakeKey.digest, place=PLACE, digest=nullifier,
        ),
    )  # fmt: skip


def test_a_secret_is_shown_once(client: TestClient) -> None:
    made = add(client, kinds=["grant.ended"])
    identity, secret = made["webhook"]["id"], made["secret"]
    assert made["webhook"]["kinds"] == ["grant.ended"] and secret.startswith("whsec_")
    shown = [
        client.get(f"/v1/webhooks/{identity}"),
        client.get("/v1/webhooks"),
        client.get(f"/v1/webhooks/{identity}/deliveries"),
        client.post(f"/v1/webhooks/{identity}/disable"),
        client.post(f"/v1/webhooks/{identity}/enable"),
        client.post(f"/v1/webhooks/{identity}/test"),
    ]
    for answer in shown:
        assert answer.is_success and secret not in answer.text and 'secret"' not in answer.text
    changed = client.post(f"/v1/webhooks/{identity}/rotate", json={"keep_seconds": 60}).json()
    assert changed["secret"] != secret
    assert changed["webhook"]["old_secret_until"] == NOW + 60
    assert client.delete(f"/v1/webhooks/{identity}").status_code == 204
    assert client.get(f"/v1/webhooks/{identity}").json()["code"] == "unknown.webhook"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"url": "http://hooks.example/"}, 400, "malformed.webhook_url"),
        ({"url": "https://10.0.0.1/"}, 403, "refused.webhook_address"),
        ({"url": "https://hooks.example:22/"}, 403, "refused.webhook_port"),
        ({"url": URL, "kinds": ["no"]}, 400, "malformed.webhook_kind"),
        ({"url": URL, "kinds": "grant.ended"}, 400, "malformed.request"),
        ({"url": URL, "secret": "whsec_mine"}, 400, "malformed.request"),
        ({"url": 7}, 400, "malformed.request"),
        ({}, 400, "malformed.request"),
        ([], 400, "malformed.request"),
    ],
)
def test_addresses_that_are_refused(
    client: TestClient, body: object, status: int, code: str
) -> None:
    answer = client.post("/v1/webhooks", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert client.get("/v1/webhooks").json() == {"webhooks": [], "next": None}


def test_bodies_of_another_form(client: TestClient) -> None:
    for content, kind, code in (
        (b"{", "application/json", "malformed.json"),
        (b'{"url":"a","url":"b"}', "application/json", "malformed.json"),
        (b"url=a", "application/x-www-form-urlencoded", "refused.media_type"),
        (b"{}", "text/plain", "refused.media_type"),
    ):
        answer = client.post("/v1/webhooks", content=content, headers={"content-type": kind})
        assert answer.json()["code"] == code
    identity = add(client)["webhook"]["id"]
    for body in ({"keep_seconds": -1}, {"keep_seconds": 1e9}, {"keep_seconds": True}, {"x": 1}):
        answer = client.post(f"/v1/webhooks/{identity}/rotate", json=body)
        assert answer.status_code == 400, body


def test_pages(client: TestClient) -> None:
    made = {add(client)["webhook"]["id"] for _ in range(5)}
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = client.get("/v1/webhooks", params=query).json()
        seen += [each["id"] for each in page["webhooks"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert seen == sorted(made)
    for name, value in (("cursor", "x"), ("cursor", "ep_"), ("limit", 0), ("limit", 101)):
        assert client.get("/v1/webhooks", params={name: value}).status_code in (400, 422)


def test_an_id_that_is_not_there(client: TestClient) -> None:
    for identity in ("ep_" + "0" * 32, "x", "..", "%00"):
        for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/disable"), ("POST", "/enable"),
                             ("POST", "/test"), ("GET", "/deliveries")):  # fmt: skip
            answer = client.request(method, f"/v1/webhooks/{identity}{path}")
            assert 400 <= answer.status_code < 500, (method, identity, path)


def test_an_acceptance_is_told_in_its_transaction(client: TestClient, store: Store) -> None:
    identity = add(client)["webhook"]["id"]
    accepted = accept(store)
    page = client.get(f"/v1/webhooks/{identity}/deliveries").json()
    (row,) = page["deliveries"]
    assert row["kind"] == "credential.accepted" and row["state"] == "waiting"
    with pytest.raises(Refused):
        accept(store)  # the same again: refused, and nothing is told
    assert client.get(f"/v1/webhooks/{identity}/deliveries").json() == page
    with store.database.reading() as session:
        body = session.get_one(EventRow, row["event_id"]).body
    assert json.loads(body)["data"] == {
        "nullifier": hex32(22), "series": hex32(POLICY.series.id), "tier": 1,
        "policy_id": hex32(POLICY.policy_id),
    }  # fmt: skip
    assert f"{accepted.account:x}" not in body and "account" not in body


def test_pages_of_deliveries(client: TestClient, store: Store) -> None:
    identity = add(client)["webhook"]["id"]
    for nullifier in range(1, 6):
        accept(store, nullifier)
    first = client.get(f"/v1/webhooks/{identity}/deliveries", params={"limit": 3}).json()
    rest = client.get(
        f"/v1/webhooks/{identity}/deliveries", params={"limit": 3, "cursor": first["next"]}
    ).json()
    places = [each["place"] for each in first["deliveries"] + rest["deliveries"]]
    assert places == sorted(places, reverse=True) and len(places) == 5 and rest["next"] is None


def test_the_service_tells_by_itself(
    store: Store, told: WebhookSettings, hook: Receiver, clock: list[float]
) -> None:
    with loopback_client(app_of(store, told)) as client:
        made = add(client, hook.url)
        accept(store)
        client.post(f"/v1/webhooks/{made['webhook']['id']}/test")
        for _ in range(1500):
            if len(hook.seen) == 2:
                break
            time.sleep(0.01)
    kinds = {
        webhooks.verify(headers, body, [made["secret"]], now=NOW).kind
        for headers, body in hook.seen
    }
    assert kinds == {"credential.accepted", "webhook.test"}


def test_without_a_key_nobody_is_told(store: Store, told: WebhookSettings) -> None:
    client = loopback_client(app_of(store, None), raise_server_exceptions=False)
    answer = client.post("/v1/webhooks", json={"url": URL})
    assert (answer.status_code, answer.json()["code"]) == (409, "refused.webhooks")
    assert client.get("/v1/webhooks").json()["webhooks"] == []
    add(loopback_client(app_of(store, told)))
    with pytest.raises(Refused) as caught:  # addresses are known now: it does not start without
        app_of(store, None)
    assert caught.value.code == "refused.webhook_key"


def test_it_does_not_start_with_another_key(
    store: Store, told: WebhookSettings, tmp_path: Path
) -> None:
    add(loopback_client(app_of(store, told)))
    create_key(tmp_path / "other.key")
    with pytest.raises(Refused) as caught:
        app_of(store, told.model_copy(update={"key_file": tmp_path / "other.key"}))
    assert caught.value.code == "refused.webhook_key"
    (tmp_path / "other.key").chmod(0o640)
    with pytest.raises(Refused) as caught:
        app_of(store, told.model_copy(update={"key_file": tmp_path / "other.key"}))
    assert caught.value.code == "refused.open_key_file"


# -- what ends by time -----------------------------------------------------------------------------
def events(store: Store) -> list[dict[str, Any]]:
    with store.database.reading() as session:
        rows = session.query(EventRow).order_by(EventRow.kind).all()
        return [json.loads(row.body) for row in rows]


def test_the_end_is_the_registry_s(store: Store) -> None:
    """The earliest of validity, the window's greatest age, and the root's last second and one."""
    day = 86_400
    validity = POLICY.tiers[1].terms.validity_days * day
    too_old = (POLICY.last_day + 1 + POLICY.max_age_days) * day
    for accepted_at, valid_until, wanted in (
        (0, 1 << 40, validity),
        (1 << 40, 1 << 40, too_old),
        (1 << 40, 999, 1000),
    ):
        assert standing.end_of(POLICY, 1, accepted_at, valid_until) == wanted


def test_a_grant_is_told_of_once_ahead_and_once_when_it_ended(
    client: TestClient, store: Store, told: WebhookSettings, clock: list[float]
) -> None:
    add(client, kinds=["grant.expiring", "grant.ended"])
    accept(store)
    with store.database.reading() as session:
        (found,) = standing.endings(session, 0, 1 << 40)
    sweeper = Sweeper(store.database, standing.endings, told, clock=lambda: clock[0])
    ahead = told.expiring_days * 86_400
    counts = []
    for second in (
        found.ends_at - ahead - 1, found.ends_at - ahead, found.ends_at - 1,
        found.ends_at, found.ends_at + 86_400, found.ends_at + 40 * 86_400,
    ):  # fmt: skip
        clock[0] = float(second)
        counts.append(sweeper.once())
        counts.append(sweeper.once())
    assert counts == [0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0]
    with store.database.reading() as session:
        (address,) = Endpoints(session).page("", 10)
        told_of = [each.kind for each in Endpoints(session).deliveries(address.id, None, 10)]
    assert told_of == ["grant.ended", "grant.expiring"]


@pytest.mark.parametrize("ends", ["root", "generation"])
def test_what_was_revoked_does_not_expire(
    client: TestClient, store: Store, told: WebhookSettings, clock: list[float], ends: str
) -> None:
    add(client)
    accept(store)
    with store.database.reading() as session:
        (found,) = standing.endings(session, 0, 1 << 40)
    if ends == "root":
        store.revoke_root(POLICY.attestor_set, 11)
    else:
        store.end_generation(POLICY.attestor_set, 1)
    clock[0] = float(found.ends_at)
    assert Sweeper(store.database, standing.endings, told, clock=lambda: clock[0]).once() == 0
    assert [each["type"] for each in events(store)] == ["credential.accepted"]
